/*
 * Model of the slots, the payload ring, recovery and the reuse of ids, for spin 6.5 or later. README.md says how it is
 * run, what it proves and what it leaves out. Names are those of core/native.
 *
 * One access to shared memory (load, store, compare-and-swap) or to a lease is one step, sequentially consistent.
 * `atomic` joins one such access with private work and with ghosts: variables named g_*, which only the properties use.
 * STEP(name) stands where the code has INTERPROCESS_STEP("name"); steps_test.sh compares the two.
 *
 * Sizes     NP publishers, NS subscribers, NJ newcomers that become subscribers (they need a clean or a dead id)
 *           S slots, CAP payload units, MSGS messages a publisher (M0 of the first, M1 of the others)
 *           MAXU the largest message in units (0: inline); every size up to it is tried for every message
 *           WALKSTEP 1: the room walk looks whether it has enough after each slot; 2: only where it ends
 *           HINTSTEP  hints are stored at each so manieth position
 * Faults    MAXF faults in a run, at any step: CRASH (the process ends, its leases are dropped), STOP (it never runs
 *           again and keeps its leases)
 * Options   PASS     subscribers pass by live reservations, up to so many at one time (1 or 2)
 *           OPEN     a publisher may have two reservations open, and commits them in any order
 *           VIEWS    a subscriber may have two messages open, and lets go of them in any order
 *           ABANDON  a publisher may abort a reservation
 *           SHORTER  a publisher may commit less than it reserved
 *           GIVEBACK one message of the run may be given back unread
 *           LEAVE    the first subscriber may leave when it finds nothing
 *           BUSY     subscribers look for the dead also while they find messages
 *           CLEAR    who frees a slot zeroes its payload before
 * Mutations M_...    one step taken out or changed: see mutations.txt
 *
 * Waiting is modelled as blocking until something changed that the next attempt looks at, or there is somebody dead to
 * look for (who sleeps wakes in bounded time, so that he does both). A queue that is stuck is a state in which nothing
 * can move; there Env looks at it (spin's `timeout`). wait.pml has the sleeping itself.
 */
#ifndef NP
#define NP 2
#endif
#ifndef NS
#define NS 2
#endif
#ifndef NJ
#define NJ 0
#endif
#ifndef S
#define S 2
#endif
#ifndef CAP
#define CAP 2
#endif
#ifndef MSGS
#define MSGS 1
#endif
#ifndef M0
#define M0 MSGS
#endif
#ifndef M1
#define M1 MSGS
#endif
#define KMAX (_pid == 0 -> M0 : M1)
#ifndef MAXU
#define MAXU 2
#endif
#ifndef MAXF
#define MAXF 0
#endif
#ifndef PASS
#define PASS 0
#endif
#ifndef WALKSTEP
#define WALKSTEP 1
#endif
#ifndef HINTSTEP
#define HINTSTEP 2
#endif
#define STEP(name)

/* ---- the slot word: laps do not wrap here ---- */
#define FREE  0
#define RESV  1
#define READY 2
#define CLAIM 3
#define W(s,o,u,l) ((s) + 4*(o) + 32*(u) + 256*(l))
#define ST(x) ((x)&3)
#define OW(x) (((x)>>2)&7)
#define UN(x) (((x)>>5)&7)
#define LP(x) ((x)>>8)
#define OWNED(x) (ST(x)==RESV || ST(x)==CLAIM)
#ifdef M_AHEAD_BY_ONE
#define AHEAD(x,l) (LP(x)==(l)+1)
#else
#define AHEAD(x,l) (LP(x)>(l))
#endif
#define TAKEN(x,l) (AHEAD(x,l) || (LP(x)==(l) && ST(x)!=FREE))
#define ISREADY(x,p) ((x)==W(READY,0,0,(p)/S))
#define ISRESV(x,p) (ST(x)==RESV && LP(x)==(p)/S)

short w[S];			/* the words: FREE of lap 0 */
byte  en[S];			/* Slot::end */
byte  sz[S], mid[S], redel[S];	/* length in units; the message's number; how often it was marked as redelivered */
byte  at[S];			/* Slot::start, in units */
#ifdef CLEAR
bit   tk[S];			/* kMetaTaken */
#endif
byte  pay[CAP];			/* each unit holds the number of the message that wrote it */
byte  tail, head, returns;	/* header */

/* ---- participants: bit = process for halted, crashed, idle, done, gone; bit = id for held and inuse ---- */
#define NID (NP+NS)
#define NPROC (NP+NS+NJ)
#define BIT(x,i) (((x)>>(i))&1)
byte halted, crashed, idle, done, gone, faults;
byte held = (1<<NID)-1;		/* alive lease held exclusively */
byte inuse = (1<<NID)-1;	/* Participant::state: in use, or clean */
#if NJ > 0
#define NOID 7
byte ident[8];			/* id of each process (Env sets it) */
byte proof[8];			/* 1 + the id whose alive lease the process holds in shared mode */
byte joinl[8];		/* 1 + the process that holds the id's join lease */
byte g_own[S];			/* process that owns the slot */
bit started;
#define READYTOGO started
#define ME ident[_pid]
#ifdef M_NO_PROOF_HELD
#define PROVE(z) skip
#else
#define PROVE(z) proof[_pid] = 1+(z)
#endif
#define DROPPROOF proof[_pid] = 0
#define PROVED(z) (proof[0]==1+(z) || proof[1]==1+(z) || proof[2]==1+(z) || proof[3]==1+(z) || proof[4]==1+(z) || proof[5]==1+(z))
#define OWNER(i) g_own[i]
#define OWN(i) g_own[i] = _pid
#else
#define READYTOGO true
#define ME _pid
#define PROVE(z) skip
#define DROPPROOF skip
#define OWNER(i) OW(w[i])
#define OWN(i) skip
#endif
#define DEAD(z) (!BIT(held,z))
#define UNCLEAN (inuse & ~held)			/* ids that are dead and not yet clean */
#define HELDUPBYDEAD(x) (OWNED(x) && DEAD(OW(x)))

/* ---- ghosts ---- */
byte  g_tail, g_end;		/* true tail; true end of the last reserved */
byte  g_slot[S], g_n[S];	/* of each slot: true end of the position reserved last, and how many were reserved */
short g_comm, g_claim, g_deliv, g_early;	/* bit = message; early: committed while an older one of its publisher was open */
byte  g_owe;			/* bit = process: has put back and not yet counted */
#ifdef GIVEBACK
bit   g_gave;
#endif
#define NUM(p,k) ((p)*MSGS+(k)+1)
#define OLDER(m) (((1<<(m))-1) & ~((1<<NUM(((m)-1)/MSGS,0))-1) & ~(BIT(g_early,m) << ((m)-1)))
#define INORDER(m) assert((g_comm & OLDER(m) & ~g_claim) == 0)

/* ================================================================ clearing.cc */
/* ClearReserved: what was given to the reservation q, whose word is x (0: none) */
inline clear_room(q, x) {
	if
	:: atomic { x != 0 -> e0 = en[(q)%S] - UN(x);
		a0 = (e0%CAP + UN(x) > CAP -> UN(x) - (CAP - e0%CAP) : UN(x));	/* not what it skipped at the ring's end */
		e0 = (e0%CAP + UN(x) > CAP -> 0 : e0%CAP) };
		do
		:: atomic { a0 > 0 -> a0--; pay[(e0 + a0)%CAP] = 0 }
		:: atomic { a0 == 0 -> e0 = 0; break }
		od;
		STEP(clear.room_zeroed)
	:: atomic { x == 0 -> skip }
	fi
}

/* ClearMessage: that of position q, which is the caller's */
inline clear_message(q) {
#ifndef M_CLEAR_UNMARKED
	tk[(q)%S] = 1;
#endif
	STEP(clear.marked)
	do
	:: atomic { a0 < sz[(q)%S] -> pay[(at[(q)%S] + a0)%CAP] = 0; a0++ }
	:: atomic { a0 >= sz[(q)%S] -> a0 = 0; break }
	od;
	STEP(clear.message_zeroed)
}

/* ================================================================ recovery.cc */
/* HelpEnd: x is word(q), read before and RESERVED of its lap; afterwards a0 is end(q) */
inline help(q, x) {
#ifdef M_HELP_NEXT_FIRST	/* word(q+1) is read before end(q-1) */
	e0 = en[(q)%S];
	atomic { if :: TAKEN(w[((q)+1)%S], ((q)+1)/S) -> a0 = e0 :: else -> a0 = 255 fi };
	atomic { if :: a0 == 255 -> a0 = ((q) == 0 -> 0 : en[((q)+S-1)%S]) + UN(x) :: else fi };
#else
	e0 = en[(q)%S];
	STEP(help.read_end)
	a0 = ((q) == 0 -> 0 : en[((q)+S-1)%S]) + UN(x);
	STEP(help.read_before)
#ifdef M_HELP_SAME_WORD		/* looks at word(q) again, not at the one behind */
	atomic { if :: w[(q)%S] != x -> a0 = e0 :: else fi };
#elif !defined(M_HELP_BLIND)	/* looks at no word */
	atomic { if :: TAKEN(w[((q)+1)%S], ((q)+1)/S) -> a0 = e0 :: else fi };
#endif
	STEP(help.read_next)
#endif
#ifdef M_HELP_STORES		/* a store in place of the compare-and-swap */
	if :: atomic { e0 != a0 -> skip }; en[(q)%S] = a0 :: atomic { e0 == a0 -> skip } fi;
#else
	atomic { if :: e0 != a0 && en[(q)%S] == e0 -> en[(q)%S] = a0 :: else fi };
#endif
	e0 = 0;
}

/* ResolveSlot: rv is the word read at position rp; its owner's death is proved, or this is the next holder of its id */
inline resolve_slot() {
	if
	:: atomic { ST(rv)==RESV -> skip };
#ifndef M_RESOLVE_UNHELPED
		help(rp, rv); a0 = 0;
#endif
		STEP(resolve.helped)
#ifdef CLEAR
#ifndef M_CLEAR_UNOWNED		/* else it is cleared while it is still the dead one's */
		atomic { if
		:: w[rp%S] == rv ->
			assert(BIT(crashed,OWNER(rp%S)));
#ifdef M_CLEAR_NO_UNITS
			rv = W(RESV,ME,0,rp/S);
#else
			rv = W(RESV,ME,UN(rv),rp/S);
#endif
			w[rp%S] = rv; OWN(rp%S)
		:: else -> rv = 0
		fi };
		STEP(resolve.took_reservation)
#endif
#ifndef M_CLEAR_NOT_DEAD	/* else what the dead one wrote stays */
		clear_room(rp, rv);
#endif
#endif
		atomic { if
		:: rv != 0 && w[rp%S] == rv ->
#if !defined(CLEAR) || defined(M_CLEAR_UNOWNED)
			assert(BIT(crashed,OWNER(rp%S)));		/* only from the dead */
#endif
			assert(rp == (g_n[rp%S]-1)*S + rp%S);
			assert(en[rp%S] == g_slot[rp%S]);		/* end is final before the word says so */
			w[rp%S] = W(FREE,0,0,rp/S+1)
		:: else
#if defined(CLEAR) && !defined(M_CLEAR_UNOWNED)
			-> assert(rv == 0)				/* nobody changes what is one's own */
#endif
		fi };
		STEP(resolve.freed)
	:: atomic { ST(rv)==CLAIM -> skip };
		atomic { if
		:: w[rp%S] == rv ->
			assert(BIT(crashed,OWNER(rp%S)));
			w[rp%S] = W(CLAIM,ME,0,rp/S); OWN(rp%S); rv = 1
		:: else -> rv = 0
		fi };
		STEP(resolve.took_over)
		if
#ifdef CLEAR
#ifndef M_TAKEN_PUT_BACK	/* else it is put back like any */
		:: atomic { rv == 1 && tk[rp%S] -> skip };
			clear_message(rp);
			atomic { assert(BIT(g_deliv,mid[rp%S])); assert(w[rp%S] == W(CLAIM,ME,0,rp/S)); w[rp%S] = W(FREE,0,0,rp/S+1);
				sz[rp%S] = 0; mid[rp%S] = 0; at[rp%S] = 0; redel[rp%S] = 0; tk[rp%S] = 0 };
			STEP(resolve.finished)
		:: atomic { rv == 1 && !tk[rp%S] -> redel[rp%S] = redel[rp%S] + 1 };
#else
		:: atomic { rv == 1 -> redel[rp%S] = redel[rp%S] + 1 };
#endif
#else
		:: atomic { rv == 1 -> redel[rp%S] = redel[rp%S] + 1 };
#endif
			STEP(resolve.marked)
			atomic { assert(w[rp%S] == W(CLAIM,ME,0,rp/S)); w[rp%S] = W(READY,0,0,rp/S); g_owe = g_owe | (1<<_pid) };
			STEP(resolve.put_back)
#ifdef M_RESOLVER_COUNTS_NOT
			atomic { g_owe = g_owe & ~(1<<_pid) };
#else
			atomic { returns++; g_owe = g_owe & ~(1<<_pid) };
#endif
			STEP(resolve.counted)
		:: atomic { rv == 0 -> skip }
		fi
	fi;
	atomic { rv = 0; rp = 0 }
}

/* ResolveSlotsOf(id z) */
inline resolve_slots_of() {
	do
	:: atomic { si < S -> rv = w[si]; if
	   :: OWNED(rv) && OW(rv) == z -> rp = LP(rv)*S + si; si++
	   :: else -> rv = 0; si++
	   fi };
	   if
	   :: atomic { rv != 0 -> skip }; resolve_slot()
	   :: atomic { rv == 0 -> skip }
	   fi
	:: atomic { si == S -> si = 0; break }
	od;
	STEP(resolve.scanned)
#ifndef M_DEATH_COUNTS_NOT	/* the dead one may have put back and not counted */
	returns++;
#endif
}

/* LookForDead: some id that is dead and in use; ResolveParticipant */
inline look_for_dead() {
	atomic { if
	:: (UNCLEAN & ~(1<<ME)) == 0 -> z = 255
	:: BIT(UNCLEAN,0) && ME != 0 -> z = 0; PROVE(0)
	:: BIT(UNCLEAN,1) && ME != 1 -> z = 1; PROVE(1)
	:: BIT(UNCLEAN,2) && ME != 2 -> z = 2; PROVE(2)
	:: BIT(UNCLEAN,3) && ME != 3 -> z = 3; PROVE(3)
	:: BIT(UNCLEAN,4) && ME != 4 -> z = 4; PROVE(4)
	fi };
	STEP(resolve.proved)
	if
	:: atomic { z != 255 && BIT(inuse,z) -> skip };
#ifdef M_CLEAN_FIRST		/* the id is marked clean before the scan */
		inuse = inuse & ~(1<<z);
#endif
		resolve_slots_of();
		STEP(resolve.unnamed)
#ifndef M_CLEAN_FIRST
		inuse = inuse & ~(1<<z);
#endif
		STEP(resolve.clean)
	:: atomic { else -> skip }
	fi;
	atomic { DROPPROOF; z = 0 }
}

/* ResolveIfDead(position p, word x), where x names an owner that looks dead */
inline resolve_if_dead(p, x) {
	atomic { if
	:: DEAD(OW(x)) && OW(x) != ME -> PROVE(OW(x)); rp = p; rv = x
	:: else -> rv = 0
	fi };
	if
#ifdef M_BLOCKED_LAP		/* the position is not that of the word */
	:: atomic { rv != 0 -> skip }; resolve_slot()
	:: atomic { rv == 0 -> skip }
#else
	:: atomic { rv != 0 && LP(rv) == rp/S -> skip }; resolve_slot()
	:: atomic { rv == 0 || LP(rv) != rp/S -> rv = 0; rp = 0 }
#endif
	fi;
	DROPPROOF
}

/* ================================================================ native_publisher.cc */
#ifdef M_ROOM_UNSIGNED		/* what is left of the capacity, as an unsigned number, against the need */
#define ROOM(d) (n == 0 || ((256 + CAP + d - e)%256) >= need || e == d)
#elif defined(M_NO_EMPTY_RULE)
#define ROOM(d) (n == 0 || e + need - d <= CAP)
#else
#define ROOM(d) (n == 0 || e + need - d <= CAP || e == d)
#endif
#ifdef OPEN
#define HASOPEN (hp != 0)
#else
#define HASOPEN false
#endif

inline commit(p) {
	atomic { assert(w[(p)%S] == W(RESV,_pid,UN(w[(p)%S]),(p)/S)); assert(en[(p)%S] == g_slot[(p)%S]);
#ifdef ABANDON
	if :: i = 0 :: i = 1 fi;			/* 1: Abort */
#ifdef CLEAR
	};
	if
	:: atomic { i == 1 -> skip }; clear_room(p, w[(p)%S])
	:: atomic { i == 0 -> skip }
	fi;
	atomic {
#endif
#endif
	if
	:: i == 0 -> w[(p)%S] = W(READY,0,0,(p)/S);	/* a batch is several of these before one look at the flag: see wait.pml */
		if :: mid[(p)%S] > NUM(_pid,0) && !BIT(g_comm,mid[(p)%S]-1) && (p) == T && HASOPEN -> g_early = g_early | (1<<mid[(p)%S]) :: else fi;
		g_comm = g_comm | (1<<mid[(p)%S])
		STEP(publisher.committed) STEP(publisher.batch_committed)
#ifdef ABANDON
	:: i == 1 -> w[(p)%S] = W(FREE,0,0,(p)/S+1); i = 0
		STEP(publisher.aborted)
#endif
	fi };
	if
	:: atomic { (p)%HINTSTEP == 0 -> tail = (p)+1 }
	:: atomic { else -> skip }
	fi
}

active [NP] proctype Pub() provided (!BIT(halted,_pid) && READYTOGO) {
	byte T;				/* position_ */
	byte own, ownend;		/* own_next_ + 1, own_end_ */
	byte wk, rs;			/* walked_, room_start_ */
	byte k, n, e, f, d, need, i, e0, a0, rp, z, si; short v, pv, rv;
#ifdef OPEN
	byte hp;			/* 1 + position of another open reservation */
#endif
next:
	atomic { if
	:: k == KMAX && !HASOPEN -> done = done | (1<<_pid); goto fin
	:: k < KMAX && MAXU >= 0 -> n = 0
	:: k < KMAX && MAXU >= 1 -> n = 1
	:: k < KMAX && MAXU >= 2 -> n = 2
#ifdef OPEN
	:: HASOPEN -> n = 0; goto blocked
#endif
	fi };
try:	/* ReserveSlot */
	atomic { v = w[T%S]; e = 0; f = 0; d = 0; need = 0; pv = 0;
	if
	:: v == W(FREE,0,0,T/S) -> goto have
	:: TAKEN(v,T/S) -> goto adv
#ifdef M_BLOCKED_LAP
	:: else -> f = T; pv = v; goto blocked
#else
	:: else -> f = T-S; pv = v; goto blocked
#endif
	fi };
adv:	/* Advance */
	atomic { f = LP(v)*S + T%S + 1; f = (ST(v)!=FREE -> f : (f > S -> f-S : 0)); T = (f > T+1 -> f : T+1); f = 0; assert(T <= g_tail) };
	atomic { if :: T = (tail > T -> tail : T) :: skip fi; assert(T <= g_tail); goto try };
have:
	if
	:: atomic { T+1 == own -> e = ownend }
	:: atomic { T+1 != own && T == 0 -> e = 0 }
	:: atomic { T+1 != own && T != 0 -> skip };	/* ReadEndBefore: the word first */
#ifdef M_END_FIRST
		e = en[(T-1)%S]; pv = w[(T-1)%S];
#else
		pv = w[(T-1)%S]; e = en[(T-1)%S];
#endif
		if
		:: atomic { ISRESV(pv,T-1) -> skip };
#ifndef M_NO_HELP
			help(T-1, pv); atomic { e = a0; a0 = 0; pv = 0 }
#else
			pv = 0
#endif
		:: atomic { else -> pv = 0 }
		fi
	fi;
	/* the units that a message skips at the ring's end count as its own */
	atomic { need = (n == 0 -> 0 : (e%CAP + n > CAP -> n + CAP - e%CAP : n)) };
	if
	:: atomic { ROOM(rs) -> skip }
	:: atomic { else -> f = wk; d = rs };	/* FindRoom */
#ifndef M_STALE_START
		atomic { if :: T >= S && f + S < T -> f = T - S :: else fi };
#endif
#if WALKSTEP == 1
walk:		atomic { if
		:: f >= T -> d = e; pv = v; goto walked
		:: f < T -> pv = w[f%S]; if
			:: pv == W(FREE,0,0,f/S+1) -> f++; pv = 0
			:: else -> goto walked
			fi
		fi };
		if
		:: atomic { f < T -> d = en[(f-1)%S] }
		:: atomic { f >= T -> d = e }
		fi;
		atomic { if :: f < T && e + need - d > CAP -> goto walk :: else -> pv = v fi };
#else
walk:		atomic { pv = w[f%S]; if
		:: f < T && pv == W(FREE,0,0,f/S+1) -> f++; pv = 0; goto walk
		:: f < T && pv != W(FREE,0,0,f/S+1) -> if :: f == wk -> goto walked :: else fi
		:: f >= T -> d = e; pv = v; goto walked
		fi };
		d = en[(f-1)%S];
#endif
walked:		STEP(publisher.walked)
#ifdef M_ROOM_UNCHECKED		/* kept without a second look at the word */
		atomic { wk = f; rs = d };
#else
		atomic { if :: w[T%S] == v -> wk = f; rs = d :: else -> goto try fi };
#endif
		if
		:: atomic { ROOM(rs) -> f = 0; d = 0; pv = 0 }
		:: atomic { else -> d = 0; goto blocked }
		fi
	fi;
	STEP(publisher.has_room)
	atomic { if
	:: w[T%S] == v ->
		w[T%S] = W(RESV,_pid,need,T/S); OWN(T%S);
		assert(T == g_tail); g_tail++; g_n[T%S] = g_n[T%S] + 1;
		assert(e == g_end); g_end = e + need; g_slot[T%S] = g_end
	:: else -> goto try
	fi };
	STEP(publisher.reserved)
	en[T%S] = e + need;
	STEP(publisher.end_stored)
	atomic { own = T+2; ownend = e + need; e = 0; v = 0;
		k++; mid[T%S] = NUM(_pid,k-1); sz[T%S] = n; redel[T%S] = 0; i = 0;
#ifdef CLEAR
		tk[T%S] = 0;
#endif
#ifdef M_START_FROM_END
		at[T%S] = 0;
#else
		at[T%S] = (n == 0 -> 0 : (need == n -> (ownend - need)%CAP : 0));
#endif
		need = 0;
#ifdef SHORTER
#ifdef CLEAR	/* all of it is written, and what is not committed zeroed */
		if :: n == 2 -> sz[T%S] = 1 :: skip fi
#else
		if :: n == 2 -> n = 1; sz[T%S] = 1 :: skip fi
#endif
#endif
		};
	do
	:: atomic { i < n -> pay[(at[T%S] + i)%CAP] = NUM(_pid,k-1); i++ }
#if defined(CLEAR) && defined(SHORTER)
	:: atomic { i >= n -> n = 0; break }
	od;
	do
	:: atomic { i > sz[T%S] -> i--; pay[(at[T%S] + i)%CAP] = 0 }
	:: atomic { i <= sz[T%S] -> i = 0; break }
	od;
#else
	:: atomic { i >= n -> i = 0; n = 0; break }
	od;
#endif
	STEP(publisher.written) STEP(publisher.batch_written)
#ifdef OPEN
	if
	:: atomic { hp == 0 && k < KMAX -> hp = T+1; T++; goto next }
	:: atomic { hp != 0 -> skip }; commit(hp-1); atomic { hp = 0 }; commit(T)
	:: atomic { true -> skip }; commit(T)
	fi;
	T++;
	goto next;
#else
	commit(T); T++;
	goto next;
#endif
blocked:	/* the slot f, with the word pv, is in the way: RecoverWhenFull, then wait */
#ifdef OPEN
	if
	:: atomic { HASOPEN -> skip }; commit(hp-1); atomic { hp = 0; f = 0; pv = 0; v = 0; need = 0; e = 0; if :: k == KMAX -> goto next :: else -> goto try fi }
	:: atomic { !HASOPEN -> skip }
	fi;
#endif
	atomic { idle = idle | (1<<_pid); e = 0; need = 0 };
end_blocked:
	atomic { if
	:: w[T%S] != v || w[f%S] != pv -> idle = idle & ~(1<<_pid); goto try
	:: HELDUPBYDEAD(pv) -> idle = idle & ~(1<<_pid)
	:: (UNCLEAN & ~(1<<ME)) != 0 -> idle = idle & ~(1<<_pid); goto look
	fi };
	resolve_if_dead(f, pv); goto try;
look:	atomic { f = 0; pv = 0; v = 0 };
	look_for_dead(); goto try;
fin:	skip
}

/* ================================================================ native_subscriber.cc */
#define KEEP(x,p) ((ST(x)==RESV || ST(x)==READY) && LP(x)==(p)/S)
#define PASSEDNEWS(q) (q != 0 && !(ISRESV(w[(q-1)%S],q-1) && !HELDUPBYDEAD(w[(q-1)%S])))
#define NOPOS 255

inline claim(p) {	/* ClaimSlot's compare-and-swap */
	atomic { if
	:: w[(p)%S] == W(READY,0,0,(p)/S) ->
		w[(p)%S] = W(CLAIM,ME,0,(p)/S); OWN((p)%S);
		INORDER(mid[(p)%S]);				/* a publisher's messages are claimed in order */
		g_claim = g_claim | (1<<mid[(p)%S])
	:: else -> c = 0; q = 0; goto loop
	fi }
}

inline let_go(p) {	/* p is CLAIMED(ME): read, hand over, and release; or give back */
	if
#ifdef GIVEBACK
	:: atomic { !g_gave -> g_gave = 1; assert(w[(p)%S] == W(CLAIM,ME,0,(p)/S));
		w[(p)%S] = W(READY,0,0,(p)/S); g_owe = g_owe | (1<<_pid) };
		STEP(subscriber.gave_back)
#ifdef M_GIVEBACK_COUNTS_NOT
		atomic { g_owe = g_owe & ~(1<<_pid) }
#else
		atomic { returns++; g_owe = g_owe & ~(1<<_pid) }
#endif
		STEP(subscriber.counted_return)
#endif
	:: atomic { true -> j = 0 };
		do
#ifdef M_START_FROM_END		/* where it starts, from its end and its length */
		:: atomic { j < sz[(p)%S] -> assert(pay[(en[(p)%S] + 2*CAP - sz[(p)%S] + j)%CAP] == mid[(p)%S]); j++ }
#else
		:: atomic { j < sz[(p)%S] -> assert(pay[(at[(p)%S] + j)%CAP] == mid[(p)%S]); j++ }	/* never torn */
#endif
		:: atomic { j >= sz[(p)%S] -> j = 0;
			assert(!BIT(g_deliv,mid[(p)%S]) || redel[(p)%S] > 0);	/* twice only if marked so */
			g_deliv = g_deliv | (1<<mid[(p)%S]); break }
		od;
		STEP(subscriber.read)
#if defined(CLEAR) && !defined(M_CLEAR_NOT_READ)
		clear_message(p);
#endif
		atomic { assert(w[(p)%S] == W(CLAIM,ME,0,(p)/S)); w[(p)%S] = W(FREE,0,0,(p)/S+1);
#ifdef CLEAR
			tk[(p)%S] = 0;
#endif
			sz[(p)%S] = 0; mid[(p)%S] = 0; at[(p)%S] = 0; redel[(p)%S] = 0 }	/* nobody reads these before the next owner writes them */
		STEP(subscriber.released)
	fi
}

#define SUBVARS \
	byte H;				/* position_ */ \
	byte l, l2;			/* passed_, ascending: 1 + position */ \
	byte seen, sn, se, tg, r;	/* returns_seen_, scan_next_, scan_end_, scan_target_; returns as loaded by this call */ \
	byte c, q, hq, j, e0, a0, rp, z, si; short v, rv;

inline subloop() {
	r = 0;
loop:	/* ClaimNext: ClaimReturned first */
#ifdef BUSY
	if
	:: atomic { (UNCLEAN & ~(1<<ME)) != 0 -> skip }; look_for_dead()
	:: atomic { true -> skip }
	fi;
#endif
#ifdef M_RETURNS_IGNORED
	goto list;
#endif
	atomic { r = returns; if :: r == seen -> r = 0; goto list :: else fi };
	atomic { if :: sn == se -> tg = r; se = H; sn = (H > S -> H-S : 0) :: else fi };
scan:
	atomic { if
	:: sn >= se -> seen = tg; if
		:: seen == r -> r = 0; sn = 0; se = 0; tg = 0; goto list
		:: else -> tg = r; se = H; sn = (H > S -> H-S : 0); goto scan
		fi
	:: else -> if
		:: ISREADY(w[sn%S],sn) -> r = 0; c = sn; goto passed
		:: else -> sn++; goto scan
		fi
	fi };
list:	c = NOPOS;
passed:	/* ClaimPassed: what was passed by below c goes first. Called twice: before the own position, and once a word was seen READY */
	atomic { if :: l == 0 -> goto none_passed :: else -> if :: !KEEP(w[(l-1)%S],l-1) -> l = l2; l2 = 0; j = 1 :: else fi fi };
#if PASS > 1
	atomic { if
	:: j == 1 && l != 0 -> if :: !KEEP(w[(l-1)%S],l-1) -> l = 0 :: else fi
	:: j == 0 && l2 != 0 -> if :: !KEEP(w[(l2-1)%S],l2-1) -> l2 = 0 :: else fi
	:: else
	fi; j = 0 };
#endif
	j = 0;
	atomic { if :: l != 0 && l-1 < c -> if :: ISREADY(w[(l-1)%S],l-1) -> q = l :: else fi :: else fi };
#if PASS > 1
	if
	:: atomic { q == 0 && l2 != 0 && l2-1 < c -> if :: ISREADY(w[(l2-1)%S],l2-1) -> q = l2 :: else fi };
#ifndef M_LIST_ONCE		/* the lower one is looked at again after the higher one was seen READY */
		atomic { if :: q != 0 && l != 0 -> if :: ISREADY(w[(l-1)%S],l-1) -> q = l :: else fi :: else fi }
#endif
	:: atomic { else -> skip }
	fi;
#endif
	if
	:: atomic { q != 0 -> c = q-1; q = 0 };
		claim(c);
		atomic { if :: l == c+1 -> l = l2; l2 = 0 :: l != c+1 -> l2 = 0 fi; goto got }
	:: atomic { q == 0 -> skip }
	fi;
none_passed:
	atomic { if :: c != NOPOS -> goto claimc :: else -> c = 0 fi };
own:	/* ClaimAtOwnPosition */
	atomic { v = w[H%S]; if
	:: ISREADY(v,H) -> v = 0; c = H;
#ifdef M_LIST_NOT_AGAIN
		goto claimc
#else
		goto passed
#endif
	:: !TAKEN(v,H/S) -> goto nothing
	:: ISRESV(v,H) -> goto nothing
	:: else -> skip
	fi };
	atomic { j = (AHEAD(v,H/S) -> LP(v)*S + H%S + 1 - (ST(v)==FREE -> 2*S : S) : 0);
		H = (j > H+1 && j < 128 -> j : H+1); j = 0; v = 0 };
#ifdef M_JUMP_UNSCANNED		/* what the hint skips is not looked at */
	atomic { if :: H = (head > H -> head : H) :: skip fi; goto own };
#else
	atomic { if
	:: head > H && seen != 0 -> tg = seen; seen = 0; sn = (head > S -> head-S : 0); sn = (sn > H -> sn : H); se = head; H = head; goto loop
	:: head > H && seen == 0 -> H = head; goto own
	:: goto own
	fi };
#endif
claimc:	STEP(subscriber.seen_ready)
	claim(c);
	if
	:: atomic { c == H -> H++ };	/* MoveOn */
#ifdef M_HINT_PASSES
		if :: atomic { (H-1)%HINTSTEP == 0 -> head = H } :: atomic { else -> skip } fi
#else
		if :: atomic { (H-1)%HINTSTEP == 0 && l == 0 -> head = H } :: atomic { else -> skip } fi
#endif
	:: atomic { c != H -> skip }
	fi;
got:	STEP(subscriber.claimed)
#ifdef VIEWS
	if
	:: atomic { hq == 0 -> hq = c+1; c = 0; goto loop }
	:: atomic { hq != 0 -> skip }; let_go(hq-1); hq = 0; let_go(c)
	:: atomic { true -> skip }; let_go(c)
	fi;
#else
	let_go(c);
#endif
	atomic { c = 0; goto loop };
nothing:
#ifdef VIEWS
	if
	:: atomic { hq != 0 -> skip }; let_go(hq-1); atomic { hq = 0; v = 0; goto loop }
	:: atomic { hq == 0 -> skip }
	fi;
#endif
	atomic { idle = idle | (1<<_pid) };
end_wait:
	atomic { if
#ifdef M_RETURNS_IGNORED
	:: w[H%S] != v ->
#else
	:: w[H%S] != v || returns != seen ->
#endif
		 idle = idle & ~(1<<_pid); v = 0; goto loop
	:: PASSEDNEWS(l) -> idle = idle & ~(1<<_pid); v = 0; if :: HELDUPBYDEAD(w[(l-1)%S]) && LP(w[(l-1)%S]) == (l-1)/S -> c = l-1; v = w[c%S] :: else -> goto loop fi
#if PASS > 1
	:: PASSEDNEWS(l2) -> idle = idle & ~(1<<_pid); v = 0; if :: HELDUPBYDEAD(w[(l2-1)%S]) && LP(w[(l2-1)%S]) == (l2-1)/S -> c = l2-1; v = w[c%S] :: else -> goto loop fi
#endif
	:: ISRESV(v,H) && DEAD(OW(v)) -> idle = idle & ~(1<<_pid); c = H
	:: (UNCLEAN & ~(1<<ME)) != 0 -> idle = idle & ~(1<<_pid); v = 0; goto look
#if PASS > 0
	:: ISRESV(v,H) && !DEAD(OW(v)) && (l == 0 || (PASS > 1 && l2 == 0)) -> idle = idle & ~(1<<_pid); v = 0;
		STEP(subscriber.passes_by)
		if :: l == 0 -> l = H+1 :: else -> l2 = H+1 fi; H++; goto own
#endif
#ifdef LEAVE
	:: _pid == NP && gone == 0 -> gone = 1<<_pid; done = done | (1<<_pid); v = 0; goto leaves
#endif
	fi };
	/* PassByOrResolve, ProbePassedOwners: the word v at position c names a dead one */
	resolve_if_dead(c, v); atomic { c = 0; v = 0; goto loop };
look:	look_for_dead(); goto loop;
#ifdef LEAVE
leaves:	/* ReturnId */
#ifdef M_LEASE_DROPPED_FIRST
	held = held & ~(1<<ME); inuse = inuse & ~(1<<ME);
#else
	inuse = inuse & ~(1<<ME);
	STEP(leave.clean)
	held = held & ~(1<<ME)
#endif
#endif
}

active [NS] proctype Sub() provided (!BIT(halted,_pid) && READYTOGO) {
	SUBVARS
	subloop()
}

/* ================================================================ participants.cc */
#if NJ > 0
/* A newcomer. It looks for an id only when there is one to be had. */
active [NJ] proctype Joiner() provided (!BIT(halted,_pid) && READYTOGO) {
	SUBVARS
#define CLEANFREE(z) (!BIT(inuse,z))
#define DEADINUSE(z) (BIT(inuse,z) && DEAD(z))
#define FREEID(z) (DEAD(z) && !PROVED(z) && joinl[z] == 0)
#define GETCLEAN(z) ((z) < NID && CLEANFREE(z) && FREEID(z))
#define GETDEAD(z) ((z) < NID && DEADINUSE(z) && FREEID(z))
#define ANYID(m) (m(0) || m(1) || m(2) || m(3))
again:	atomic { idle = idle | (1<<_pid); z = 0 };
end_join:	/* blocks until there is one to be had */
	atomic { if
	:: ANYID(GETCLEAN) -> do :: !GETCLEAN(z) -> z++ :: else -> break od
	:: !ANYID(GETCLEAN) && ANYID(GETDEAD) -> do :: !GETDEAD(z) -> z++ :: else -> break od
	fi; idle = idle & ~(1<<_pid) };
	if
	:: atomic { CLEANFREE(z) -> skip };	/* TryTake */
		atomic { if :: joinl[z] == 0 -> joinl[z] = 1+_pid :: else -> goto again fi };
		STEP(join.locked)
#ifndef M_STATE_ONCE
		atomic { if :: CLEANFREE(z) -> skip :: else -> joinl[z] = 0; goto again fi };
#endif
		atomic { if :: DEAD(z) && !PROVED(z) -> held = held | (1<<z); ident[_pid] = z :: else -> joinl[z] = 0; goto again fi };
		STEP(join.alive)
		inuse = inuse | (1<<z);
		STEP(join.in_use)
	:: atomic { DEADINUSE(z) -> skip };	/* TryTakeFromDead */
		atomic { if :: joinl[z] == 0 -> joinl[z] = 1+_pid :: else -> goto again fi };
#ifdef M_TAKEOVER_SHARED	/* does not need the lease to itself */
		atomic { if :: DEAD(z) -> held = held | (1<<z); ident[_pid] = z :: else -> joinl[z] = 0; goto again fi };
#else
		atomic { if :: DEAD(z) && !PROVED(z) -> held = held | (1<<z); ident[_pid] = z :: else -> joinl[z] = 0; goto again fi };
#endif
		STEP(join.takes_over)
#ifndef M_TAKEOVER_UNRESOLVED
		if
		:: atomic { BIT(inuse,z) -> skip }; resolve_slots_of()
		:: atomic { !BIT(inuse,z) -> skip }
		fi;
#endif
		inuse = inuse | (1<<z)
	:: atomic { else -> goto again }
	fi;
	joinl[z] = 0;
	atomic { H = head; z = 0 };
	subloop()
}
#endif

/* ================================================================ faults, and the look at where everything came to rest */
inline crash(p) {
	halted = halted | (1<<(p)); crashed = crashed | (1<<(p)); faults++;
#if NJ > 0
	if :: ident[p] != NOID -> held = held & ~(1<<ident[p]) :: else fi;
	proof[p] = 0;
	i = 0; do :: i < NID -> if :: joinl[i] == 1+(p) -> joinl[i] = 0 :: else fi; i++ :: else -> break od; i = 0
#else
	held = held & ~(1<<(p))
#endif
}
#define CANHALT(p) (READYTOGO && (p) < NPROC && faults < MAXF && !BIT(halted,p) && !BIT(idle,p) && !BIT(done,p))
inline fault(p) {
	atomic { CANHALT(p) -> if
#ifdef CRASH
		:: d_step { crash(p) }
#endif
#ifdef STOP
		:: d_step { halted = halted | (1<<(p)); faults++ }
#endif
		:: false
		fi }
}
#define STOPPED (halted & ~crashed)
#define PUBMASK ((1<<NP)-1)
#define SUBMASK (((1<<NS)-1)<<NP)
#if NJ > 0
#define JOINED(p) (ident[p] != NOID && !BIT(halted,p))
/* a newcomer that took over the id of a dead one is stopped before it has finished: as if the dead one were stopped */
#define TAKINGOVER(z) ((BIT(STOPPED,NP+NS) && ident[NP+NS]==(z)) || (BIT(STOPPED,NP+NS+1) && ident[NP+NS+1]==(z)))
#define SOMESUB ((~(halted | gone) & SUBMASK) != 0 || JOINED(NP+NS) || (NJ > 1 && JOINED(NP+NS+1)))
#else
#define TAKINGOVER(z) false
#define SOMESUB ((~(halted | gone) & SUBMASK) != 0)
#endif

active proctype Env() {
	byte i; bit holds, lies;
#if NJ > 0
	d_step { do :: i < 8 -> ident[i] = (i < NID -> i : NOID); i++ :: else -> break od; i = 0; started = 1 };
#endif
	do
	:: fault(0)
	:: fault(1)
	:: fault(2)
	:: fault(3)
	:: fault(4)
	:: fault(5)
	:: timeout -> break
	od;
	skip;
	d_step {
	i = 0;
	holds = ((g_owe & STOPPED) != 0);	/* stopped between putting a message back and counting: as if it still held it */
	do
	:: i < S ->
		if
		:: ST(w[i]) == READY -> lies = 1; assert(!SOMESUB || holds)		/* a committed message waits only if no subscriber runs */
		:: OWNED(w[i]) -> lies = 1;
			assert(BIT(halted,OWNER(i)));					/* nobody rests on a slot */
			assert(!BIT(crashed,OWNER(i)) || !SOMESUB || TAKINGOVER(OW(w[i])));	/* what a dead one had is resolved */
			if :: ST(w[i]) == CLAIM -> holds = 1 :: else fi
		:: else ->
			assert(en[i] == g_slot[i]);					/* FREE: end is final and true, the lap is the next */
			assert(LP(w[i]) == g_n[i])
		fi; i++
	:: else -> break
	od;
#ifdef CLEAR
	i = 0;
	do :: i < CAP -> assert(lies || pay[i] == 0); i++ :: else -> break od;		/* nothing is left where all is free */
#endif
	assert(holds || !SOMESUB || (g_comm & ~g_deliv) == 0);				/* every committed message was delivered */
	assert(STOPPED != 0 || !SOMESUB || ((done | halted) & PUBMASK) == PUBMASK);	/* every live publisher has finished */
	assert(!SOMESUB || UNCLEAN == 0)						/* every dead id is clean */
	}
}
