/* The slots of one user: never more than CAP sockets are open, and no slot is lost for good.
 *
 * Every atomic block is one call to AWS, or one thing that happens there. Between any two of them anything
 * may happen. Time is three ages of a connection that has ended: just now, for longer than any handshake lasts,
 * for so long that its slot has expired. README.md says which line stands for which line of the code, and what
 * is left out.
 */

#ifndef CAP
#define CAP 2
#endif
#ifndef CONNECTS
#define CONNECTS 4       /* how many connections are tried, all at once or one after another */
#endif
#define LOST 1           /* how many replies of DynamoDB are lost, after the write was done */
#define NONE 9

mtype = { handshake, open, gone };      /* a connection, as the gateway knows it */
mtype = { fresh, settled, expired };    /* how long ago it ended, if it did */

mtype socket[CONNECTS] = handshake;
mtype age[CONNECTS] = fresh;
byte slot[CAP] = NONE;                  /* who holds it */
byte record[CONNECTS] = NONE;           /* the slot that a connection's own item names */
byte started, opened, lost = LOST;
#ifdef BUG_COUNTER
byte counter;
#endif

#define FREE(s) (slot[s] == NONE || age[slot[s]] == expired)

#ifndef BUG_CLAIM_WITHOUT_CONDITION
#define MAY_CLAIM(s, me, instead) (FREE(s) || slot[s] == me || slot[s] == instead)
#else
#define MAY_CLAIM(s, me, instead) true
#endif

#ifndef BUG_RECLAIM_IN_HANDSHAKE
#define RECLAIMABLE(c) (age[c] != fresh)
#else
#define RECLAIMABLE(c) true
#endif

/* The gateway says that it knows no such connection; it says so during a handshake, too. */
#define GONE(c) (RECLAIMABLE(c) && socket[c] != open)

#ifndef BUG_RELEASE_WITHOUT_CONDITION
#define MAY_FREE(s, me) (s != NONE && slot[s] == me)
#else
#define MAY_FREE(s, me) (s != NONE)
#endif

/* functions/connect/slot_assignment.py and ConnectionStore.claim. */
proctype Connect(byte me) {
	byte s, instead = NONE;
	byte held[CAP];

	atomic { started == me -> started++ };      /* names are interchangeable: it saves looking at all orders */
#ifdef BUG_COUNTER
write:	atomic {
		if
		:: counter < CAP ->
			counter++;
			if
			:: lost > 0 -> lost--; goto write
			:: goto admitted
			fi
		:: else -> goto refused
		fi
	};
#else
	/* One slot after the other: a query is no snapshot. */
	do
	:: atomic { s < CAP -> held[s] = (FREE(s) -> NONE : slot[s]); s++ }
	:: atomic { s == CAP -> break }
	od;
	/* A slot that looks free, any of them; else, GetConnection asks for each holder in turn. */
	atomic {
		if
		:: s = 0
		:: CAP > 1 -> s = 1
		fi;
		if
		:: held[s] == NONE
		:: held[0] != NONE && held[CAP - 1] != NONE && GONE(held[s]) -> instead = held[s]
		:: else -> goto refused
		fi
	};
claim:	atomic {
		if
		:: MAY_CLAIM(s, me, instead) ->
			slot[s] = me; record[me] = s;
			if
			:: lost > 0 -> lost--; goto claim
			:: goto admitted
			fi
		:: else -> goto refused
		fi
	};
#endif
	/* The answer 200, if it still finds a gateway that waits for it. */
admitted: atomic {
		if
		:: socket[me] == handshake -> socket[me] = open; opened++; assert(opened <= CAP)
		:: else
		fi;
		goto done
	};
refused: atomic {
		if
		:: socket[me] == handshake -> socket[me] = gone
		:: else
		fi
	};
done:	atomic { s = 0; instead = NONE; held[0] = 0; held[CAP - 1] = 0 }
}

/* ConnectionStore.release, from which nothing follows but for the one conditional delete. */
inline release(me) {
#ifdef BUG_COUNTER
	if
	:: counter > 0 && is_known -> counter--; is_known = false
	:: else
	fi
#else
	if
	:: MAY_FREE(record[me], me) -> slot[record[me]] = NONE
	:: else
	fi
#endif
}

/* The gateway and the client: the handshake is given up, or the socket closes. No handshake lasts longer than
 * HANDSHAKE, and no socket outlives its slot. In the meantime the slot may be given back: by functions/disconnect
 * if $disconnect comes, or by functions/worker/fanout.py when a post is answered with 410.
 */
proctype Socket(byte me) {
	bool is_known;      /* $disconnect comes only for what was open */

#ifdef BUG_FORGET_IN_HANDSHAKE
	if
	:: atomic { socket[me] == handshake && started > me -> release(me) }
	:: true
	fi;
#endif
	atomic {
		started > me ->
		if
		:: socket[me] == open -> opened--; is_known = true
		:: else
		fi;
		socket[me] = gone
	};
	do
	:: atomic { age[me] == fresh -> age[me] = settled }
	:: atomic { age[me] == settled -> age[me] = expired }
	:: atomic { is_known || age[me] != fresh -> release(me) }
	:: atomic { age[me] == expired -> is_known = false; break }
	od
}

/* When all are gone and their slots have expired, every slot can be had again. */
active proctype Judge() {
	byte s;
	timeout ->
	assert(opened == 0);
#ifdef BUG_COUNTER
	assert(counter == 0);
#endif
	do
	:: s < CAP -> assert(FREE(s)); s++
	:: else -> break
	od
}

init {
	byte c;
	atomic {
		do
		:: c < CONNECTS ->
			run Connect(c); run Socket(c);
			c++
		:: else -> break
		od
	}
}
