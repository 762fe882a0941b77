/* One chat: which prompt runs, which wait, and what is held and counted for them.
 *
 * Every atomic block is one read, one transaction or one call, or one thing that happens there. Between any two
 * of them anything may happen. A transaction puts the head of the chat as it was worked out from what was read,
 * on condition that its version is still the same. The user has two devices that ask, and a third that stops,
 * takes prompts out of the queue and lets it go on. Leases and attempts are in generation.pml, repetitions that
 * come together in submission.pml: here a worker holds its lease until it dies, and a key is repeated one by one.
 * README.md says which line stands for which transition of the code.
 */

#ifndef KILLS
#define KILLS 1          /* how many workers are killed */
#endif
#ifndef FREEZES
#define FREEZES 0        /* how many workers are frozen until after their lease, and come back */
#endif
#ifndef LOSSES
#define LOSSES 0         /* how often what runs is taken for lost */
#endif
#ifndef FAULTS
#define FAULTS 0         /* how often SQS does not take a message, or its reply is lost */
#endif
#ifndef DEATHS
#define DEATHS 0         /* how many requests die between what they record and its message */
#endif
#ifndef ACTIONS
#define ACTIONS 2        /* what the user does besides asking */
#endif
#ifndef PROMPTS
#define PROMPTS 3        /* the first is asked with `reject`, the others as they wish */
#endif
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef ROOM
#define ROOM 6           /* the budget */
#endif
#define NONE 0           /* prompts are 1, 2, 3 */
#define HOLD 2           /* what is held for an answer */
#define COST 1           /* what a call of the model uses */

mtype = { absent, queued, processing, completed, cancelled };

/* The head of the chat. */
typedef Head { byte version; byte running; byte w1; byte w2; bool paused; bool interrupting };
Head head;

/* The records (META), the holds, the counter of the budget and the queue. */
mtype status[4] = absent;
bool withdrawn[4], waits[4], announced[4], cancel_requested[4];
byte owner[4];           /* the worker with the lease; 0: it is over */
byte attempt[4];
byte let_in[4];          /* following: what its end has let out of the queue */
bool hold[4];            /* 0: a prompt of another chat */
byte committed, used;
byte messages[4];        /* how many messages of it can be received */

bool reminder[4];        /* something looks at it later */
bool unqueued[4];        /* it has left its queue, and no message of it is known */

/* The whole story, which no program knows. */
bool promised[4];        /* a request was answered with 202 */
bool lost[4];            /* it was taken for lost, and the chat has gone on */
bool swept[4];           /* and its hold was released */
byte ends[4], settled[4];
byte kills = KILLS, freezes = FREEZES, losses = LOSSES, deaths = DEATHS, faults = FAULTS, actions = ACTIONS;

#define FINAL(g) (status[g] == completed || status[g] == cancelled)
#define LIVE(g) (status[g] == processing && owner[g] != 0)
#define MAY_BE_LOST(g) (losses > 0 && !LIVE(g))
#define RUNS(g) (head.running == g || lost[g])
#define BOTH(a, b) (LIVE(a) && LIVE(b) && !lost[a] && !lost[b])

#define BALANCED \
	assert(committed == used + HOLD * (hold[0] + hold[1] + hold[2] + hold[3])); \
	assert(!(FINAL(1) && hold[1]) && !(FINAL(2) && hold[2]) && !(FINAL(3) && hold[3])); \
	assert(committed <= ROOM || swept[1] || swept[2] || swept[3]); \
	assert(!head.paused || head.w1 != NONE)  /* what is paused is a queue */

/* A local head: h becomes what was read, and is changed before it is put. */
inline read(h, seen) {
	seen = head.version; h.version = head.version; h.running = head.running;
	h.w1 = head.w1; h.w2 = head.w2; h.paused = head.paused; h.interrupting = head.interrupting
}

inline put(h) {
	assert(h.version > head.version);        /* each version is made by one change */
	head.version = h.version; head.running = h.running;
	head.w1 = h.w1; head.w2 = h.w2; head.paused = h.paused; head.interrupting = h.interrupting;
	forget(h)
}

inline forget(h) {
	h.version = 0; h.running = 0; h.w1 = 0; h.w2 = 0; h.paused = false; h.interrupting = false
}

/* heads.left */
inline remove(h, g) {
	if
	:: h.w1 == g -> h.w1 = h.w2; h.w2 = NONE
	:: h.w2 == g -> h.w2 = NONE
	:: else
	fi;
	h.version++;
#ifndef BUG_PAUSE_OUTLIVES_QUEUE
	h.paused = h.paused && h.w1 != NONE
#endif
}

/* Releases.next, of what was read; the entries are written by `dequeue`. */
inline next(h, following) {
	following = NONE;
	if
	:: h.w1 != NONE && h.running == NONE && !h.paused ->
		following = h.w1;
		h.running = following; h.w1 = h.w2; h.w2 = NONE; h.version++
	:: else
	fi
}

#define MAY_DEQUEUE(g) (g == NONE || waits[g])

inline dequeue(g) {
	if
	:: g != NONE -> assert(waits[g]); waits[g] = false                          /* dequeue */
	:: else
	fi
}

inline take_hold(g) {
	assert(!hold[g] && settled[g] == 0);     /* taken once */
	hold[g] = true; committed = committed + HOLD
}

/* BudgetSettlements.settle: what was used takes the place of the hold, if there still is one. */
inline settle(g, amount) {
	assert(settled[g] == 0);                 /* settled or released once */
	settled[g]++;
	used = used + amount;
	committed = committed + amount;
	if
	:: hold[g] -> hold[g] = false; committed = committed - HOLD
	:: else -> assert(swept[g])
	fi
}

/* heads.ended and Releases.next, of what was read. */
inline end_in_chat(h, g, outcome, following) {
	h.version++; following = NONE;
	if
	:: h.running == g ->
		was_interrupted = h.interrupting;
		h.running = NONE; h.interrupting = false;
		h.paused = h.paused || (outcome == cancelled && !was_interrupted && h.w1 != NONE)
	:: else -> was_interrupted = false
	fi;
#ifndef BUG_RELEASE_APART
	next(h, following);
	assert(!was_interrupted || following != NONE || h.w1 == NONE);   /* what interrupts is next */
#endif
	was_interrupted = false
}

inline end_as(g, outcome) {
	status[g] = outcome; owner[g] = 0;
	ends[g]++;
	assert(ends[g] == 1)                     /* exactly one end */
}

#ifndef BUG_ROOM_AS_READ
#define HAS_ROOM (committed + HOLD <= ROOM)
#else
#define HAS_ROOM had_room
#endif
#define MAY_SUBMIT (status[g] == absent || withdrawn[g])
#define MAY_INTERRUPT (interrupted == NONE || !FINAL(interrupted))
#define MAY_ACCEPT (head.version == seen && MAY_SUBMIT && MAY_INTERRUPT)

/* Submission.submit and Acceptance.accept, with one repetition if it was answered with 503. */
proctype Device(byte g) {
	Head h;
	byte seen, repetitions, interrupted;
	bool is_waiting;
#ifdef BUG_ROOM_AS_READ
	bool had_room;
#endif

find:	atomic {
		if
		:: status[g] != absent && !withdrawn[g] -> goto accepted     /* ensure_queued: submission.pml */
		:: else
		fi
	};
place:	atomic {
#ifdef BUG_ROOM_AS_READ
		had_room = (committed + HOLD <= ROOM);
#endif
		read(h, seen); is_waiting = false; interrupted = NONE;
		if
		:: h.running == NONE || FINAL(h.running) -> h.running = g; goto placed
		:: h.running != NONE && !FINAL(h.running) && MAY_BE_LOST(h.running) ->
			losses--; h.running = g; goto placed             /* GenerationEnds.has_ended: LOST */
		:: h.running != NONE && !FINAL(h.running) && g == 1 -> goto refused     /* 409 */
		:: h.running != NONE && !FINAL(h.running) && g > 1 ->
			is_waiting = true;
			if
			:: h.w1 == NONE -> h.w1 = g
			:: h.w1 != NONE -> h.w2 = g
			fi
		:: h.running != NONE && !FINAL(h.running) && g > 1 ->
			is_waiting = true; interrupted = h.running;
			h.w2 = h.w1; h.w1 = g; h.interrupting = true
#ifndef BUG_INTERRUPT_INTO_PAUSE
			; h.paused = false
#endif
		fi;
		goto write;
placed:		h.interrupting = false;
write:		h.version++;
#ifndef BUG_NO_REMINDER
		if
		:: h.w1 != NONE -> reminder[h.running] = true              /* Acceptance._accepted */
		:: else
		fi
#endif
	};
	atomic {
		if
		:: !HAS_ROOM -> forget(h); goto refused                         /* 429 */
		:: HAS_ROOM && MAY_ACCEPT ->
			status[g] = queued; withdrawn[g] = false; announced[g] = false;
			cancel_requested[g] = false; waits[g] = is_waiting;                    /* submit */
			settled[g] = 0;
			take_hold(g);
			if
			:: head.running != NONE && head.running != h.running && !FINAL(head.running) ->
				lost[head.running] = true
			:: else
			fi;
			if
			:: interrupted != NONE -> cancel_requested[interrupted] = true         /* interrupt */
			:: else
			fi;
			put(h);
			BALANCED;
			if
			:: is_waiting -> goto accepted
			:: else
			fi
		:: HAS_ROOM && !MAY_ACCEPT -> forget(h); goto place
		fi;
		is_waiting = false; interrupted = NONE; seen = 0
	};

	/* Queueing.queue_new */
	atomic {
		if
		:: messages[g]++; reminder[g] = true; goto accepted
		:: deaths > 0 -> deaths--; goto refused
		:: faults > 0 -> faults--; messages[g]++
		:: faults > 0 -> faults--
		fi
	};
withdrawing:
	atomic { read(h, seen) };
	atomic {
		if
		:: status[g] != queued -> forget(h); seen = 0; goto accepted
		:: status[g] == queued && head.version != seen -> forget(h); goto withdrawing
		:: status[g] == queued && head.version == seen ->
			assert(!promised[g]);
			status[g] = absent; withdrawn[g] = true; announced[g] = true;          /* withdraw */
#ifndef BUG_WITHDRAW_KEEPS_HOLD
			settle(g, 0);
#endif
			h.version++;
			if
			:: h.running == g ->
				h.running = NONE; h.paused = (h.w1 != NONE); h.interrupting = false
			:: else -> assert(lost[g])
			fi;
			put(h); seen = 0;
			lost[g] = false; swept[g] = false;
			BALANCED;
			if
			:: repetitions == 0 -> repetitions++; goto find
			:: goto refused
			fi
		fi
	};
accepted:
	atomic { promised[g] = true; assert(!withdrawn[g]); goto refused };                 /* 202 */
refused:
	atomic { seen = 0; repetitions = 0; interrupted = 0; is_waiting = false }
}

#define MAY_STOP(g) (actions > 0 && status[g] != absent && !FINAL(g))
#define MAY_CANCEL (status[g] == queued && !waits[g] && !saw_waits)

/* UserGenerations.cancel and ChatChanges.resume. */
proctype Actions() {
	Head h;
	byte seen, g, following;
	bool saw_waits, was_interrupted;

end:	do
	:: atomic {
		if
		:: MAY_STOP(1) -> actions--; g = 1
		:: MAY_STOP(2) -> actions--; g = 2
		:: MAY_STOP(3) -> actions--; g = 3
		:: actions > 0 && (head.paused || unqueued[head.running]) -> actions--; goto resuming
		fi;
		saw_waits = waits[g];
		if
		:: saw_waits -> goto leaving
		:: else -> goto cancelling
		fi
	   };
leaving:   atomic { read(h, seen); remove(h, g) };
	   atomic {
		if
		:: !waits[g] ->
			forget(h);
			goto cancelling
		:: waits[g] && head.version != seen -> forget(h); goto leaving
		:: waits[g] && head.version == seen ->
			waits[g] = false; announced[g] = true; end_as(g, cancelled);            /* leave */
			settle(g, 0);
			put(h);
			BALANCED;
			goto done
		fi
	   };
cancelling:
	   atomic { read(h, seen); end_in_chat(h, g, cancelled, following) };
	   atomic {
		if
		:: status[g] != queued || waits[g] || saw_waits ->       /* as it was read, it was not in the chat */
			forget(h);
			if
#ifdef BUG_CANCEL_AS_READ
			:: status[g] == queued && saw_waits -> end_as(g, cancelled); settle(g, 0)
			:: !(status[g] == queued && saw_waits) && (status[g] == processing || status[g] == queued) ->
#else
			:: status[g] == processing || status[g] == queued ->
#endif
				cancel_requested[g] = true                              /* request_cancel */
			:: else
			fi;
			goto done
		:: MAY_CANCEL && !(head.version == seen && MAY_DEQUEUE(following)) -> forget(h); goto cancelling
		:: MAY_CANCEL && head.version == seen && MAY_DEQUEUE(following) ->
			end_as(g, cancelled); settle(g, 0);                                     /* cancel */
			let_in[g] = following;
			dequeue(following);
			put(h);
			BALANCED;
			goto telling
		fi
	   };
resuming:  atomic {
		read(h, seen);
#ifndef BUG_NO_REMINDER
		if
		:: h.w1 != NONE -> reminder[h.w1] = true
		:: else
		fi;
#endif
		if
		:: !h.paused ->
			if                                              /* Queueing.ensure_resumed */
			:: unqueued[h.running] && status[h.running] == queued ->
				unqueued[h.running] = false; messages[h.running]++
			:: else
			fi;
			forget(h); goto done
		:: else
		fi;
		if
		:: h.running != NONE && FINAL(h.running) -> h.running = NONE
		:: else
		fi;
		h.paused = false; h.version++;
		next(h, following)
	   };
	   atomic {
		if
		:: head.version == seen && MAY_DEQUEUE(following) -> dequeue(following); put(h); BALANCED
		:: else -> forget(h); goto resuming
		fi
	   };
	   /* Queueing.queue_resumed: it is 503 if that fails, and may be asked again */
	   atomic {
		if
		:: following != NONE -> messages[following]++; reminder[following] = true
		:: following != NONE && deaths > 0 -> deaths--
		:: following != NONE && faults > 0 -> faults--; unqueued[following] = true     /* note_unqueued */
		:: following != NONE && faults > 0 -> faults--; unqueued[following] = true; messages[following]++
		:: else
		fi;
		goto done
	   };
telling:   atomic {
		if
		:: following != NONE -> messages[following]++; reminder[following] = true
		:: following != NONE && deaths > 0 -> deaths--
		:: else
		fi
	   };
done:	   atomic { seen = 0; g = 0; following = NONE; saw_waits = false; was_interrupted = false }
	od
}

#define DELIVERABLE(g) (messages[g] > 0 && !LIVE(g) && !waits[g])
#define OURS (status[g] == processing && attempt[g] == at)

#ifndef BUG_CLAIM_WITHDRAWN
#define FREE ((status[g] == queued && !waits[g]) || (status[g] == processing && owner[g] == 0))
#else
#define FREE ((status[g] == queued && !waits[g]) || (status[g] == processing && owner[g] == 0) || withdrawn[g])
#endif

#ifndef BUG_END_WITHOUT_HEAD
#define AS_READ (head.version == seen && MAY_DEQUEUE(following))
#else
#define AS_READ true
#endif

#define IS_UNTOLD(g) (!announced[g] && status[g] != processing)

/* Dispatcher, GenerationRunner and GenerationEnd. */
proctype Worker(byte w) {
	Head h;
	byte g, at, seen, following;
	mtype outcome;
	bool was_interrupted, has_message;

end:	do
	:: atomic {
		if
		:: DELIVERABLE(1) -> g = 1
		:: DELIVERABLE(2) -> g = 2
		:: DELIVERABLE(3) -> g = 3
		fi;
		messages[g]--; has_message = true
	   };
	   atomic {
		if
		:: FREE ->
			status[g] = processing; owner[g] = w; attempt[g]++; at = attempt[g];    /* claim */
			assert(RUNS(g));                 /* one runs, but for what was taken for lost */
			assert(!BOTH(1, 2) && !BOTH(1, 3) && !BOTH(2, 3))
		:: !FREE && (announced[g] || withdrawn[g]) -> has_message = false; goto over
		:: !FREE && !announced[g] && FINAL(g) ->
#ifndef BUG_QUIET_REPORT
			/* ChatEnds.following */
#ifdef BUG_FOLLOWING_BY_HEAD
			if
			:: head.running != NONE && status[head.running] == queued -> following = head.running
			:: else
			fi;
#else
			if
			:: let_in[g] != NONE && IS_UNTOLD(let_in[g]) -> following = let_in[g]
			:: else
			fi;
#endif
#endif
			goto send
		:: !FREE && !announced[g] && !withdrawn[g] && !FINAL(g) -> goto over
		fi
	   };
	   atomic {
		if
		:: freezes > 0 -> freezes--; owner[g] = 0; messages[g]++; has_message = false
		:: true
		fi
	   };
#ifdef BUG_SETTLE_APART
	   atomic {
		if
		:: OURS -> settle(g, COST)
		:: else -> goto over
		fi
	   };
#endif
finish:	   atomic {
		if
		:: kills > 0 -> kills--; goto over
		:: true
		fi;
		if
		:: cancel_requested[g] -> outcome = cancelled
		:: else -> outcome = completed
		fi;
		read(h, seen); end_in_chat(h, g, outcome, following)
	   };
	   atomic {
		if
		:: !OURS -> forget(h); goto over                            /* Fenced */
		:: OURS && !AS_READ -> forget(h); goto finish
		:: OURS && AS_READ ->
			end_as(g, outcome);                                     /* finish */
			let_in[g] = following;
#ifndef BUG_SETTLE_APART
			settle(g, COST);
#endif
			dequeue(following);
			put(h);
			BALANCED
		fi
	   };
#ifdef BUG_RELEASE_APART
	   atomic { read(h, seen); next(h, following) };
	   atomic {
		if
		:: following != NONE -> dequeue(following); put(h)
		:: else -> forget(h)
		fi
	   };
#endif

	/* GenerationEnd.announce: the next prompt's message first, then the end is told. */
send:	   atomic {
		if
		:: kills > 0 -> kills--; goto over
		:: following != NONE -> messages[following]++; reminder[following] = true
		:: following == NONE
		fi
	   };
	   atomic {
		if
		:: kills > 0 -> kills--
		:: announced[g] = true; has_message = false                         /* note_announced */
		fi
	   };
over:	   atomic {
		if
		:: owner[g] == w -> owner[g] = 0
		:: else
		fi;
		if
		:: has_message -> messages[g]++
		:: else
		fi;
		g = 0; at = 0; seen = 0; following = NONE; outcome = 0; has_message = false
	   }
	od
}

#ifdef ANOTHER_CHAT
/* A prompt of the same user in another chat, from its acceptance to its end. */
active proctype AnotherChat() {
end:	atomic { committed + HOLD <= ROOM -> hold[0] = true; committed = committed + HOLD; BALANCED };
	atomic { hold[0] = false; used = used + COST; committed = committed + COST - HOLD; BALANCED }
}
#endif

#if LOSSES > 0
/* Sweep.release_ended: the hold of what was taken for lost. */
active proctype Sweep() {
	byte g;
end:	do
	:: atomic {
		if
		:: hold[1] && lost[1] -> g = 1
		:: hold[2] && lost[2] -> g = 2
		:: hold[3] && lost[3] -> g = 3
		fi;
		hold[g] = false; committed = committed - HOLD; swept[g] = true; g = 0;
		BALANCED
	   }
	od
}
#endif

/* Reminders: it has no message, and no worker. */
#define REMINDED(g) (reminder[g] && status[g] != absent && !announced[g] && !waits[g])

#define DONE(g) (!promised[g] || FINAL(g) || (waits[g] && head.paused))
#define HELD(g) (hold[g] && promised[g] && !waits[g])

/* When nothing more can happen, reminders look. When they find nothing either, all that was promised has ended, or
 * waits in a queue that is paused; and what is held is held for that. */
active proctype Judge() {
end:	do
	:: timeout ->
		atomic {
			if
			:: REMINDED(1) -> messages[1]++
			:: REMINDED(2) -> messages[2]++
			:: REMINDED(3) -> messages[3]++
			:: else ->
				assert(DONE(1) && DONE(2) && DONE(3));
				assert(!HELD(1) && !HELD(2) && !HELD(3));
				break
			fi
		}
	od
}

init {
	atomic {
		byte i;
		for (i : 1 .. PROMPTS) { run Device(i) };
		for (i : 1 .. WORKERS) { run Worker(i) };
		run Actions();
		i = 0
	}
}
