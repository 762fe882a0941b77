/* One generation: who works on it, what may be written, and that it always ends.
 *
 * Every atomic block is one call to AWS, or one thing that happens there. Between any two of them anything
 * may happen: other workers act, time passes, this worker is killed. A process that was frozen is one that
 * takes no step while time passes for the others, so freezing needs no line of its own.
 *
 * Time is relative: every span is what is left of it, and a tick of the clock shortens all of them by one.
 * README.md says which line stands for which transition of the code. How the message came into the queue, and
 * what a withdrawn generation is, stands in submission.pml.
 */

#ifndef KILLS
#define KILLS 1          /* how many workers are killed, each at any moment */
#endif
#ifndef LOST
#define LOST 0           /* how many replies of DynamoDB are lost, after the write was done */
#endif
#ifndef REPEATS
#define REPEATS 0        /* how often SQS delivers a message that is hidden */
#endif
#ifndef SENT
#define SENT 1           /* how many messages ask for this generation; dead letters need the second */
#endif
#define ATTEMPTS 2       /* MAX_ATTEMPTS */
#define RECEIVES 2       /* maxReceiveCount, where dead letters are looked at */
#define BEATS 1          /* heartbeats of one model call: none lasts for ever */
#define LEASE 1
#define TAKEN 9          /* the queue's visibility time-out: no function lives so long */
#define NOBODY 9

mtype = { queued, processing, completed, failed, cancelled, unsent, waiting, dead, deleted };

/* The record (META). */
mtype status = queued;
byte attempt, lease;
byte owner = NOBODY;
byte message = NOBODY;
bool cancel_requested, announced;

/* The queue. */
typedef Message { mtype place = unsent; byte away; byte receives; byte holder };
Message messages[2];

/* The two workers, where ticks or assertions must see them. */
byte mine[2];            /* what is left of a worker's lease, as it knows itself */
byte fresh[2];           /* what is left of the lease that its next heartbeat will write */
bool calling[2];         /* whether it has a model call in flight */
bool busy[2], killed[2];

/* The whole story, which no program knows. */
byte newest, ends;
bool told;
byte kills = KILLS, lost = LOST, repeats = REPEATS;

#define FINAL(s) (s == completed || s == failed || s == cancelled)
#define LIVE(w) (calling[w] && mine[w] > 0)
#define ONE_CALL assert(!(LIVE(0) && LIVE(1)))    /* never two model calls at once, each under its lease */
#define OURS(a) (status == processing && attempt == a)

#ifndef BUG_CLAIM_WITHOUT_LEASE
#define FREE (status == queued || (status == processing && lease == 0 && was_over))
#else
#define FREE (status == queued || status == processing)
#endif

#ifndef BUG_FINISH_WITHOUT_ATTEMPT
#define MAY_END(a) OURS(a)
#else
#define MAY_END(a) (status == processing)
#endif

#ifdef DEAD_LETTERS
#define USED_UP(m) (messages[m].receives == RECEIVES)
#else
#define USED_UP(m) false
#endif
#define DELIVERABLE(m) (messages[m].place == waiting && !USED_UP(m) && (messages[m].away == 0 || repeats > 0))

inline write_as(a) {
	assert(a == newest)      /* no write of an old attempt succeeds after a newer claim */
}

inline end_as(outcome) {
	status = outcome;
	ends++;
	assert(ends == 1)        /* exactly one end, ever */
}

inline receive(w, m) {
	if
	:: DELIVERABLE(0) -> m = 0
	:: DELIVERABLE(1) -> m = 1
	fi;
	if
	:: messages[m].away > 0 -> repeats--
	:: else
	fi;
#ifdef DEAD_LETTERS
	messages[m].receives++;
#endif
	messages[m].away = TAKEN; messages[m].holder = w
}

inline hide(m, ticks) {
	if
	:: messages[m].place == waiting -> messages[m].away = ticks
	:: else
	fi
}

/* The function has returned, or died: a name that nobody has any more is as good as any other. */
inline leave(w) {
	if
	:: owner == w -> owner = NOBODY
	:: else
	fi;
	if
	:: messages[m].away == TAKEN && messages[m].holder == w -> messages[m].away = LEASE + 1
	:: else
	fi;
	mine[w] = 0; fresh[w] = 0; calling[w] = false; busy[w] = false; killed[w] = false;
	m = 0; at = 0; beats = 0; outcome = 0; was_over = false; wants_to_stop = false; others = false
}

proctype Worker(byte w) {
	byte m, at, beats;
	mtype outcome;
	bool was_over, wants_to_stop, others;

end:	do
	:: atomic { receive(w, m); busy[w] = true };
	   {
		/* Dispatcher.handle and AttemptTransitions.claim */
		atomic { mine[w] = LEASE; was_over = (lease == 0) };
claim:		atomic {
			if
			:: FREE && attempt < ATTEMPTS ->
				status = processing; lease = mine[w]; owner = w;       /* claim */
#ifdef BUG_LEFT_TO_ANOTHER
				message = m;
#endif
				attempt++; newest = attempt;
				at = attempt; wants_to_stop = cancel_requested; was_over = false;
				if
				:: lost > 0 -> lost--; goto claim
				:: goto make
				fi
			:: else ->
				at = attempt; wants_to_stop = cancel_requested; was_over = false;
				if
				:: status == processing && owner == w -> goto make
				:: announced -> goto done
				:: else
				fi;
				outcome = status; mine[w] = lease
#ifdef BUG_LEFT_TO_ANOTHER
				; others = (message != m)
#endif
			fi
		};

		/* Dispatcher._settle_foreign */
		atomic {
			if
#ifndef BUG_LEFT_TO_ANOTHER
			:: mine[w] > 0 -> hide(m, mine[w] + 1); goto over
#else
			:: mine[w] > 0 && others -> goto done
			:: mine[w] > 0 && !others -> hide(m, mine[w] + 1); goto over
#endif
			:: mine[w] == 0 && FINAL(outcome) -> goto report
#ifndef BUG_LOST_TOO_SOON
			:: mine[w] == 0 && !FINAL(outcome) && at < ATTEMPTS -> hide(m, 0); goto over
			:: mine[w] == 0 && !FINAL(outcome) && at == ATTEMPTS ->
				if
				:: wants_to_stop -> outcome = cancelled
				:: else -> outcome = failed
				fi
#else
			:: mine[w] == 0 && !FINAL(outcome) -> outcome = failed
#endif
			fi
		};
		atomic {
			if
			:: MAY_END(at) ->
				write_as(at);
				assert(at == ATTEMPTS);      /* worker_lost: only when no attempt is left */
				end_as(outcome)
			:: status == outcome && attempt == at
			:: else -> goto over
			fi
		};
report:		atomic { mine[w] = LEASE; goto announce };

		/* GenerationRunner.run and Heartbeat */
make:		atomic { hide(m, mine[w] + 1) };
		atomic {
			if
			:: wants_to_stop -> outcome = cancelled; goto finish
			:: !wants_to_stop && at == 1 -> outcome = failed; goto finish       /* expired */
			:: !wants_to_stop -> calling[w] = true; ONE_CALL
			fi
		};
		do
		:: beats < BEATS ->
			atomic { beats++; fresh[w] = LEASE };
			atomic {
				if
				:: OURS(at) ->
					write_as(at);
					lease = fresh[w]; mine[w] = fresh[w]; fresh[w] = 0;    /* beat */
					wants_to_stop = cancel_requested;
					ONE_CALL
				:: else -> goto over
				fi
			};
			atomic {
				hide(m, mine[w] + 1);
				if
				:: wants_to_stop -> outcome = cancelled; break
				:: else
				fi
			}
		:: atomic { mine[w] == 0 -> goto progress_lapsed }   /* the table did not answer: LeaseLost */
		:: atomic { outcome = completed; break }
		:: atomic { outcome = failed; break }                /* the model failed for good */
		:: atomic { at < ATTEMPTS -> calling[w] = false };   /* it broke off: Heartbeat.restart */
restart:		atomic {
				if
				:: OURS(at) ->
					write_as(at);
					attempt = at + 1; newest = attempt;        /* restart */
					if
					:: lost > 0 -> lost--; goto restart
					:: at = attempt; beats = 0; calling[w] = true; ONE_CALL
					fi
				:: status == processing && owner == w && attempt == at + 1 ->
					at = attempt; beats = 0; calling[w] = true; ONE_CALL
				:: else -> goto over
				fi
			}
		:: atomic { calling[w] = false };                    /* the function's time is up: release */
			atomic {
				if
				:: OURS(at) -> write_as(at); lease = 0     /* release */
				:: else -> goto over
				fi
			};
			atomic { hide(m, 1); goto over }
		od;

finish:		atomic {
			calling[w] = false;
			if
			:: mine[w] == 0 -> goto progress_lapsed      /* the table did not answer: LeaseLost */
			:: true
			fi
		};
finishing:	atomic {
			if
			:: MAY_END(at) ->
				write_as(at);
				end_as(outcome);                     /* finish */
				if
				:: lost > 0 -> lost--; goto finishing
				:: true
				fi
			:: status == outcome && attempt == at
			:: else -> goto over
			fi
		};

		/* GenerationEnd.announce and note_announced: nothing is said once the lease is over (Lease.held). */
announce:	atomic {
			if
			:: mine[w] > 0 -> assert(outcome == status); told = true
#ifndef BUG_SILENCE_COUNTS
			:: else -> goto progress_lapsed
#else
			:: else
#endif
			fi
		};
		atomic { announced = true };                         /* note_announced */

done:		atomic {
			if
			:: messages[m].place == waiting -> messages[m].place = deleted; messages[m].away = 0
			:: else
			fi;
			goto over
		};

		/* Only who outlives its lease each time can keep it from ending: SQS counts the deliveries of that. */
progress_lapsed: skip;
over:		skip
	   } unless { killed[w] };
	   atomic { leave(w) }
	od
}

proctype Killer(byte w) {
end:	do
	:: atomic { kills > 0 && busy[w] && !killed[w] -> kills--; killed[w] = true }
	od
}

#define SOME(span) (span > 0 && span < TAKEN)

inline shorten(span) {
	if
	:: SOME(span) -> span--
	:: else
	fi
}

#define MOVING (SOME(lease) || SOME(mine[0]) || SOME(mine[1]) || SOME(fresh[0]) || SOME(fresh[1]) || \
	SOME(messages[0].away) || SOME(messages[1].away))

active proctype Clock() {
end:	do
	:: d_step { MOVING ->
		shorten(lease);
		shorten(mine[0]); shorten(mine[1]);
		shorten(fresh[0]); shorten(fresh[1]);
		shorten(messages[0].away); shorten(messages[1].away)
	   }
	od
}

/* UserGenerations.cancel: cancel, then request_cancel, each under its own condition. Or the user lets it be. */
active proctype User() {
	if
	:: atomic {
		if
		:: status == queued -> end_as(cancelled); goto end    /* cancel */
		:: else
		fi
	   };
	   atomic {
		if
		:: status == processing -> cancel_requested = true    /* request_cancel */
		:: else
		fi
	   }
	:: true
	fi;
end:	skip
}

#ifdef DEAD_LETTERS
/* SQS gives a message up, and an operator redrives it: tools/dead_letters. */
active proctype Operator() {
end:	atomic { messages[0].place == waiting && messages[0].away == 0 && USED_UP(0) -> messages[0].place = dead };
	messages[1].place = waiting;
	messages[0].place = deleted;
end2:	atomic { messages[1].place == waiting && messages[1].away == 0 && USED_UP(1) -> messages[1].place = dead }
}
#endif

/* When nothing more can happen, it has ended and was told, or there is a dead letter and so an alarm. */
active proctype Judge() {
	timeout ->
	assert((FINAL(status) && told) || messages[1].place == dead)
}

init {
	atomic {
		messages[0].place = waiting;
#if SENT == 2
		messages[1].place = waiting;
#endif
		run Worker(0); run Worker(1);
		run Killer(0); run Killer(1)
	}
}
