/* One prompt and its repetitions: what is recorded, what is sent, and what its client is told.
 *
 * Every atomic block is one call to AWS, or one thing that happens there. Between any two of them anything
 * may happen; a request may also die there, and then takes no step any more. The worker is reduced to what it
 * changes here, claim, finish, tell and delete: attempts, leases and heartbeats are in generation.pml. Pauses
 * are left out, so a request may be allowed to send at any time.
 * README.md says which line stands for which transition of the code.
 */

#ifndef REQUESTS
#define REQUESTS 2       /* how many requests have the same Idempotency-Key */
#endif
#ifndef KILLS
#define KILLS 1          /* how many workers are killed, each at any moment */
#endif
#ifndef LOST
#define LOST 0           /* how many replies of DynamoDB are lost, after the write was done */
#endif
#define NOBODY 9

mtype = { absent, queued, processing, completed, failed, cancelled, unsent, waiting, taken, deleted };

/* The record (META). */
mtype status = absent;
bool withdrawn, announced, cancel_requested;
bool erased;             /* deleted: its chat is no more */
bool was_queued;         /* queued_at is there */
byte sender = NOBODY;    /* requeued_at: which request was allowed last to send again */
byte owner = NOBODY;     /* NOBODY: the lease is over */

/* The queue: a request sends at most one message. */
mtype message[REQUESTS] = unsent;

/* The whole story, which no program knows. */
bool promised;           /* a request was answered with 202 */
bool told;
byte ends;
byte kills = KILLS, lost = LOST;

#define FINAL(s) (s == completed || s == failed || s == cancelled)
#define UNCONFIRMED (status == queued && !was_queued)

#ifndef BUG_WITHDRAW_ANOTHERS
#define OWN_MESSAGE (sender == as)
#else
#define OWN_MESSAGE true
#endif

#ifndef BUG_SUBMIT_OVER_ANY
#define MAY_SUBMIT (status == absent || (sees_withdrawn && withdrawn))
#else
#define MAY_SUBMIT (status == absent || sees_withdrawn)
#endif

inline end_as(outcome) {
	status = outcome;
	ends++;
	assert(ends == 1)        /* exactly one end, ever: what is withdrawn has not ended */
}

/* Submission.submit, for the first request and for its repetitions. */
proctype Request(byte r) {
	bool sees_withdrawn, is_confirmed;
	byte as = NOBODY;        /* what requeued_at was when this request recorded it */

	atomic {
		if
		:: status == absent
		:: status != absent && withdrawn -> sees_withdrawn = true
		:: status != absent && !withdrawn -> goto look
		fi
	};
	atomic {
		if
		:: MAY_SUBMIT ->                                                            /* submit */
			assert(!promised);
			if
			:: sees_withdrawn -> sender = r; as = r
			:: else
			fi;
			status = queued; withdrawn = false; announced = false; was_queued = false;
			cancel_requested = false; erased = false
		:: else -> goto look
		fi
	};

	/* Queueing.queue_new: SQS takes the message or does not, and its reply may be lost. */
	atomic {
		if
		:: message[r] = waiting; is_confirmed = true
		:: message[r] = waiting
		:: true
		fi
	};
	atomic {
		if
		:: is_confirmed && as == NOBODY -> goto accept
		:: is_confirmed && as != NOBODY -> was_queued = true; goto accept                /* note_queued */
		:: !is_confirmed
		fi
	};
withdrawing:
	atomic {
		if
		:: UNCONFIRMED && OWN_MESSAGE ->                                            /* withdraw */
			assert(!promised);
			status = failed; withdrawn = true; announced = true;
			if
			:: lost > 0 -> lost--; goto withdrawing
			:: goto refuse
			fi
		:: UNCONFIRMED && !OWN_MESSAGE -> goto refuse
		:: withdrawn -> goto refuse
		:: status != queued && !withdrawn -> goto accept
		:: status == queued && was_queued -> goto accept
		fi
	};

	/* Queueing.ensure_queued */
look:	atomic {
		if
		:: withdrawn -> goto refuse
		:: !withdrawn && was_queued -> goto accept
		:: !withdrawn && !was_queued && status != queued -> goto stranded
		:: UNCONFIRMED
		fi
	};
	atomic {
		if
		:: !announced -> sender = r                                                 /* requeue */
		:: goto look
		:: goto refuse
		fi
	};
	atomic {
		if
		:: message[r] = waiting; is_confirmed = true
		:: message[r] = waiting
		:: true
		fi
	};
	atomic {
		if
		:: is_confirmed -> was_queued = true; goto accept                           /* note_queued */
		:: !is_confirmed -> goto refuse
		fi
	};

stranded:
	atomic {
		if
		:: !announced -> sender = r                                                 /* requeue */
		:: goto accept
		fi
	};
	atomic {
		if
		:: message[r] = waiting; was_queued = true                                  /* note_queued */
		:: message[r] = waiting
		:: true
		fi
	};
accept:	atomic { promised = true; assert(!withdrawn); goto end };                          /* 202 */
refuse:	skip;                                                                              /* 503 */
end:	skip
}

inline receive(w) {
	if
	:: message[0] == waiting -> m = 0
	:: REQUESTS > 1 && message[1 % REQUESTS] == waiting -> m = 1
	:: REQUESTS > 2 && message[2 % REQUESTS] == waiting -> m = 2
	fi;
	message[m] = taken
}

/* The function has returned, or died: its message comes back, and its lease ends. */
inline leave(w) {
	if
	:: message[m] == taken -> message[m] = waiting
	:: else
	fi;
	if
	:: owner == w -> owner = NOBODY
	:: else
	fi;
	m = 0; outcome = 0
}

proctype Worker(byte w) {
	byte m;
	mtype outcome;

end:	do
	:: atomic { receive(w) };
claim:	   atomic {
		if
		:: status == queued || (status == processing && owner == NOBODY) ->       /* claim */
			status = processing; owner = w
		:: else ->
			if
			:: announced -> goto done
			:: !announced && FINAL(status) -> outcome = status; goto tell
			:: !announced && !FINAL(status) -> goto over
			fi
		fi
	   };
	   atomic {
		if
		:: cancel_requested -> outcome = cancelled
		:: else -> outcome = completed
		fi;
		if
		:: kills > 0 -> kills--; goto over
		:: status == processing && owner == w -> end_as(outcome)                  /* finish */
		fi
	   };
tell:	   atomic {
		if
		:: kills > 0 -> kills--; goto over
		:: assert(outcome == status && !withdrawn); told = true
		fi
	   };
	   atomic {
		if
		:: kills > 0 -> kills--; goto over
		:: assert(status == outcome && !withdrawn); announced = true              /* note_announced */
		fi
	   };
done:	   message[m] = deleted;
over:	   atomic { leave(w) }
	od
}

/* UserGenerations.cancel: find, cancel, request_cancel. Or its chat is deleted. Or the user lets it be. */
active proctype User() {
	if
	:: atomic { status != absent && !FINAL(status) };
	   atomic {
		if
		:: status == queued -> end_as(cancelled); goto end                        /* cancel */
		:: else
		fi
	   };
	   atomic {
		if
		:: status == processing -> cancel_requested = true                        /* request_cancel */
		:: else
		fi
	   }
	:: atomic {
		FINAL(status) -> erased = true; announced = true                          /* delete */
	   }
	:: true
	fi;
end:	skip
}

/* When nothing more can happen, what was promised has ended and was told. Only what its user cancelled while no
 * message was in the queue is recorded, and not told before the next request for it. */
active proctype Judge() {
	timeout -> assert(!promised || (FINAL(status) && (told || erased)) || (status == cancelled && !announced))
}

init {
	atomic {
		byte r;
		for (r : 0 .. REQUESTS - 1) { run Request(r) };
		run Worker(0); run Worker(1)
	}
}
