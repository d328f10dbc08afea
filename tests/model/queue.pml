/*
 * Model of the rings, recovery and the reuse of ids, for spin 6.5 or later. README.md says how it is run, what it proves
 * and what it leaves out. Names are those of core/native.
 *
 * One access to shared memory (load, store, compare-and-swap) or to a lease is one step, sequentially consistent.
 * `atomic` joins one such access with private work and with ghosts: variables named g_*, which only the properties use.
 * STEP(name) stands where the code has INTERPROCESS_STEP("name"); steps_test.sh compares the two.
 *
 * Sizes     NP publishers, NS subscribers, NJ newcomers that become subscribers (they need a clean or a dead id)
 *           S slots, CAP payload units, MSGS messages of each publisher (M0 of the first, M1 of the others)
 *           MAXU the largest message in units (0: in the slot); every size up to it is tried for every message
 *           HINTSTEP  hints are stored at one position in HINTSTEP
 *           LOG       entries of the log of what was put back
 * Faults    MAXF faults in a run, at any step: CRASH (the process ends, its leases are dropped), STOP (it never runs
 *           again and keeps its leases)
 * Options   PASS     subscribers pass by live reservations, at most PASS at one time (1 or 2)
 *           OPEN     a publisher may have two reservations open, and commits them in any order
 *           VIEWS    a subscriber may have two messages open, and lets go of them in any order
 *           ABANDON  a publisher may abort a reservation
 *           SHORTER  a publisher may commit less than it reserved
 *           GIVEBACK at most GIVEBACK messages of the run are given back unread
 *           LEAVE    the first subscriber may leave when it finds nothing
 *           BUSY     subscribers look for the dead also while they find messages
 *           ALONE    one publisher and one subscriber, which store where others compare and swap
 * Mutations M_...    one step taken out or changed: see mutations.txt
 *
 * Waiting is modelled as blocking until something changed that the next attempt looks at, or there is somebody dead to
 * look for (a sleep is bounded, and its end leads to both). A queue that is stuck is a state in which nothing
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
#ifndef HINTSTEP
#define HINTSTEP 2
#endif
#ifndef LOG
#define LOG 2
#endif
#ifndef GIVEBACK
#define GIVEBACK 0
#endif
#define STEP(name)

/* ---- the words (words.h); laps do not wrap here ---- */
#define RW(o,u,l)	(64*((l)+1) + 8*(o) + (u))
#define RLAP(x)		((x)>>6)		/* lap + 1; 0: never reserved */
#define ROWN(x)		(((x)>>3)&7)
#define RUNITS(x)	((x)&7)
#define RTAKEN(x,l)	(RLAP(x) > (l))
#define RNEXT(x,l)	(RLAP(x) == (l))
#define RIS(x,l)	(RLAP(x) == (l)+1)
#define EW(e,l)		(128*((l)+1) + (e))
#define EIS(x,l)	(((x)>>7) == (l)+1)
#define EOF_(x)		((x)&127)
#define READY(l)	(4*((l)+1) + 1)
#define VOID(l)		(4*((l)+1) + 2)
#define COMMITTED(x,l)	(((x)>>2) > (l))
#define FREE(l)		(16*(l))
#define RETURNED(l)	(16*(l) + 1)
#define CLAIMED(o,l)	(16*(l) + 8 + (o))
#define ISCLAIMED(x)	(((x)&8) != 0)
#define COWN(x)		((x)&7)
#define DONE(x,l)	(((x)>>4) > (l))
#define CLAIMOF(x,l)	(((x)>>4) == (l))
#define LOGGED(c,p)	(32*((c)/LOG + 1) + (p))
#define LOGIS(x,c)	(((x)>>5) == (c)/LOG + 1)

short R[S], C[S];		/* reservation and claim words */
short en[S];			/* ends */
byte  w[S];			/* slot words */
byte  sz[S], mid[S], redel[S];	/* length in units; the message's number; how often it was marked as redelivered */
byte  at[S];			/* Slot::start, in units */
byte  pay[CAP];			/* each unit holds the number of the message that wrote it */
byte  tail, head, released, returns;	/* header */
short returned[LOG];

/* ---- participants: bit = process for halted, crashed, idle, done, gone; bit = id for held and inuse ---- */
#define NID (NP+NS)
#define NPROC (NP+NS+NJ)
#define BIT(x,i) (((x)>>(i))&1)
byte halted, crashed, idle, done, gone, faults;
byte held = (1<<NID)-1;		/* alive lease held exclusively */
byte inuse = (1<<NID)-1;	/* Participant::state: in use, or clean */
byte current[NID], resolving[NID], low[NID], high[NID];	/* Holds */
byte g_r[S], g_c[S];		/* the process behind the reservation and the claim */
#if NJ > 0
#define NOID 7
byte ident[8];			/* id of each process (Env sets it) */
byte proof[8];			/* 1 + the id whose alive lease the process holds in shared mode */
byte joinl[8];			/* 1 + the process that holds the id's join lease */
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
#else
#define READYTOGO true
#define ME _pid
#define PROVE(z) skip
#define DROPPROOF skip
#endif
#define DEAD(z) (!BIT(held,z))
#define UNCLEAN (inuse & ~held)			/* ids that are dead and not yet clean */

/* ---- ghosts ---- */
byte  g_tail, g_end;		/* true tail; true end of the last reserved */
byte  g_slot[S], g_n[S];	/* of each slot: true end of the position reserved last, and how many were reserved */
short g_comm, g_claim, g_deliv, g_early;	/* bit = message; early: committed while an older one of its publisher was open */
byte  g_owe;			/* bit = process: has put back and not yet counted */
byte  g_gave;
#define NUM(p,k) ((p)*MSGS+(k)+1)
#define OLDER(m) (((1<<(m))-1) & ~((1<<NUM(((m)-1)/MSGS,0))-1) & ~(BIT(g_early,m) << ((m)-1)))
#define INORDER(m) assert((g_comm & OLDER(m) & ~g_claim) == 0)

/* ================================================================ recovery.cc */
/* HelpEnd of position hq: ha is 1 + its end, or 0 if publishers have moved on */
inline help(hq) {
	atomic { hw = R[(hq)%S]; ha = 0 };
	if
	:: atomic { !RIS(hw,(hq)/S) -> skip }
	:: atomic { RIS(hw,(hq)/S) -> skip };
		he = en[(hq)%S];
		STEP(help.read_end)
		if
		:: atomic { EIS(he,(hq)/S) -> ha = 1 + EOF_(he) }
		:: atomic { !EIS(he,(hq)/S) -> skip };
			hb = en[((hq)+S-1)%S];
			STEP(help.read_before)
			atomic { if
			:: (hq) == 0 && hb == 0 -> ha = 1 + RUNITS(hw)
			:: (hq) != 0 && EIS(hb,((hq)-1)/S) -> ha = 1 + EOF_(hb) + RUNITS(hw)
			:: else
			fi };
			atomic { if :: ha != 0 && en[(hq)%S] == he -> en[(hq)%S] = EW(ha-1,(hq)/S) :: else fi }
		fi
	fi;
	atomic { hw = 0; he = 0; hb = 0 }
}

/* SkipVoid: position p was seen VOID */
inline skip_void(p) {
#ifdef M_SKIP_STORES	/* a store in place of the compare-and-swap */
	C[(p)%S] = FREE((p)/S+1)
#else
	atomic { if :: C[(p)%S] == FREE((p)/S) -> C[(p)%S] = FREE((p)/S+1) :: else fi }
#endif
}

/* CountReturned */
inline count_returned(p) {
	atomic { returns++; rn = returns; g_owe = g_owe & ~(1<<_pid) };
	STEP(return.counted)
	atomic { returned[rn%LOG] = LOGGED(rn,p); rn = 0 };
	STEP(return.logged)
}

/* ResolvePosition rp of the id z, whose death is proved, or whose next holder this is. Counts again what was put back if rc */
inline resolve_position() {
	rv = R[rp%S];
	if
	:: atomic { !RIS(rv,rp/S) || ROWN(rv) != z -> skip }
	:: atomic { RIS(rv,rp/S) && ROWN(rv) == z -> skip };
		rs2 = w[rp%S];
		if
		:: atomic { !COMMITTED(rs2,rp/S) -> skip };
#ifndef M_RESOLVE_UNHELPED
			help(rp); ha = 0;
#endif
			STEP(resolve.helped)
#ifdef M_VOID_STORES	/* a store in place of the compare-and-swap */
			atomic { assert(BIT(crashed,g_r[rp%S]) || w[rp%S] != rs2); w[rp%S] = VOID(rp/S); rs2 = VOID(rp/S) };
#else
			atomic { if
			:: w[rp%S] == rs2 ->
				assert(BIT(crashed,g_r[rp%S]));		/* only from the dead */
				assert(rp == (g_n[rp%S]-1)*S + rp%S);
				assert(en[rp%S] == EW(g_slot[rp%S],rp/S));	/* the end is final before the word says so */
				w[rp%S] = VOID(rp/S); rs2 = VOID(rp/S)
			:: else -> rs2 = 0
			fi };
#endif
			STEP(resolve.voided)
		:: atomic { COMMITTED(rs2,rp/S) -> skip }
		fi;
		if
		:: atomic { rs2 == VOID(rp/S) -> skip }; skip_void(rp)
			STEP(resolve.freed)
		:: atomic { rs2 != VOID(rp/S) -> skip }
		fi
	fi;
	atomic { rs2 = 0; rv = C[rp%S] };
	if
#ifndef M_DEATH_COUNTS_NOT	/* the dead one may have put back and not counted */
	:: atomic { rv == RETURNED(rp/S) && rc -> rv = 0 }; count_returned(rp)
#endif
	:: atomic { rv == CLAIMED(z,rp/S) -> skip };
#ifndef M_RESOLVER_SAYS_NOT	/* what is taken over is not announced */
		resolving[ME] = rp + 1;
#endif
		STEP(resolve.announced)
		atomic { if
		:: C[rp%S] == rv ->
			assert(BIT(crashed,g_c[rp%S]));
			C[rp%S] = CLAIMED(ME,rp/S); g_c[rp%S] = _pid; rv = 1
		:: else -> rv = 0
		fi };
		STEP(resolve.took_over)
		if
		:: atomic { rv == 1 -> redel[rp%S] = redel[rp%S] + 1 };
			STEP(resolve.marked)
#ifdef M_TAKEN_OVER_LET_GO	/* said no more before it was put back */
			resolving[ME] = 0;
#endif
			atomic { assert(C[rp%S] == CLAIMED(ME,rp/S)); C[rp%S] = RETURNED(rp/S); g_owe = g_owe | (1<<_pid) };
			STEP(resolve.put_back)
			count_returned(rp)
		:: atomic { rv == 0 -> skip }
		fi;
		resolving[ME] = 0
	:: atomic { else -> skip }
	fi;
	atomic { rv = 0; rp = 0 }
}

/* ResolveHolds of the id z */
inline resolve_holds() {
	atomic { rc = 1; rh = resolving[z] };
	if :: atomic { rh != 0 -> rp = rh-1; rh = 0 }; resolve_position() :: atomic { rh == 0 -> skip } fi;
	rh = current[z];
	if :: atomic { rh != 0 -> rp = rh-1; rh = 0 }; resolve_position() :: atomic { rh == 0 -> skip } fi;
#if defined(OPEN) || defined(VIEWS)
	rl = low[z];
	rh = high[z];
	do
	:: atomic { rl < rh -> rp = rl; rl++ }; resolve_position()
	:: atomic { rl >= rh -> rl = 0; rh = 0; break }
	od;
#endif
	rc = 0
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
#ifdef M_CLEAN_FIRST		/* the id is marked clean before its positions are resolved */
		inuse = inuse & ~(1<<z);
#endif
		resolve_holds();
		clear_holds(z);
		STEP(resolve.unnamed)
#ifndef M_CLEAN_FIRST
		inuse = inuse & ~(1<<z);
#endif
		STEP(resolve.clean)
	:: atomic { else -> skip }
	fi;
	atomic { DROPPROOF; z = 0 }
}
/* ClearHolds: four stores of one that holds nothing; nobody reads them but for its death */
inline clear_holds(i) {
	atomic { current[i] = 0; resolving[i] = 0; low[i] = 0; high[i] = 0 }
}

/* ResolveIfDead(id o, position p), where a word of p named o, which looks dead */
inline resolve_if_dead(o, p) {
	atomic { if
	:: DEAD(o) && (o) != ME -> z = o; PROVE(z); rp = p; rc = 0
	:: else -> z = 255
	fi };
	if
	:: atomic { z != 255 -> skip }; resolve_position()
	:: atomic { z == 255 -> skip }
	fi;
	atomic { DROPPROOF; z = 0 }
}

/* ================================================================ holds.h */
#define BEGIN(p) current[ME] = (p) + 1
#define END current[ME] = 0
inline keep(p) {
	if
	:: atomic { cnt == 0 -> low[ME] = p; cnt = 1 };
		high[ME] = (p)+1
	:: atomic { cnt != 0 -> low[ME] = ((p) < low[ME] -> (p) : low[ME]); cnt++ };
		high[ME] = ((p)+1 > high[ME] -> (p)+1 : high[ME])
	fi;
	END
}
/* with at most two, the other one is at lo or above it: `own` says whether the lowest is still the participant's */
inline drop_kept(own) {
	if
	:: atomic { cnt == 1 -> cnt = 0; high[ME] = 0 };
		low[ME] = 0
	:: atomic { cnt > 1 -> cnt--; low[ME] = ((low[ME]+1 < high[ME] && !(own)) -> low[ME]+1 : low[ME]) }
	fi
}
#define OWNRES(p) (RIS(R[(p)%S],(p)/S) && ROWN(R[(p)%S]) == ME && !COMMITTED(w[(p)%S],(p)/S))
#define OWNCLAIM(p) (C[(p)%S] == CLAIMED(ME,(p)/S))

/* ================================================================ native_publisher.cc */
#ifdef M_NO_EMPTY_RULE
#define ROOM (n == 0 || e + need - rs <= CAP)
#else
#define ROOM (n == 0 || e + need - rs <= CAP || e == rs)
#endif
#ifdef OPEN
#define HASOPEN (hp != 0)
#else
#define HASOPEN false
#endif

inline commit(p) {
	atomic { assert(RIS(R[(p)%S],(p)/S) && ROWN(R[(p)%S]) == ME); assert(!COMMITTED(w[(p)%S],(p)/S)); assert(en[(p)%S] == EW(g_slot[(p)%S],(p)/S));
#ifdef ABANDON
	if :: i = 0 :: i = 1 fi;			/* 1: Abort */
#endif
#ifdef M_LET_GO_FIRST		/* what it holds is taken back before the commit */
	if :: cnt == 0 -> END :: else fi };
	atomic {
#endif
	if
	:: i == 0 -> w[(p)%S] = READY((p)/S);	/* a batch is several of these before one look at the flag: see wait.pml */
		if :: mid[(p)%S] > NUM(_pid,0) && !BIT(g_comm,mid[(p)%S]-1) && (p) == T && HASOPEN -> g_early = g_early | (1<<mid[(p)%S]) :: else fi;
		g_comm = g_comm | (1<<mid[(p)%S])
		STEP(publisher.committed) STEP(publisher.batch_committed)
	:: i == 1 -> w[(p)%S] = VOID((p)/S)
		STEP(publisher.voided)
	fi };
	if
	:: atomic { i == 1 -> skip }; skip_void(p); i = 0
		STEP(publisher.aborted)
	:: atomic { i == 0 -> skip }
	fi;
	if
	:: atomic { cnt != 0 -> skip }; drop_kept(OWNRES(low[ME]))
	:: atomic { cnt == 0 -> END }
	fi;
	STEP(publisher.let_go)
	if
	:: atomic { (p)%HINTSTEP == 0 -> tail = (p)+1 }
	:: atomic { else -> skip }
	fi
}

/* Walk: f is 1 if the position rel is in the way, 0 if rel has moved on */
inline walk_one() {
	atomic { pv = C[rel%S]; f = 0; if
	:: DONE(pv,rel/S) -> rel++; pv = 0
	:: else -> assert(CLAIMOF(pv,rel/S)); f = 1
	fi };
	if
	:: atomic { f == 1 && pv == FREE(rel/S) -> skip };
		atomic { if :: w[rel%S] == VOID(rel/S) -> f = 2 :: else fi };
		if
		:: atomic { f == 2 -> f = 0 }; skip_void(rel); rel++
		:: atomic { f == 1 -> skip }
		fi
	:: atomic { f != 1 || pv != FREE(rel/S) -> skip }
	fi
}

active [NP] proctype Pub() provided (!BIT(halted,_pid) && READYTOGO) {
	byte T;				/* position_ */
	byte rel, rs;			/* released_, room_start_ */
	byte k, n, e, f, need, i, ha, rn, rh, rl, rp, z, cnt, rs2; bit rc; short v, pv, rv, hw, he, hb;
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
	atomic { v = R[T%S]; e = 0; f = 0; need = 0; pv = 0;
	if
	:: RNEXT(v,T/S) -> goto have
	:: !RNEXT(v,T/S) && RTAKEN(v,T/S) -> skip
	:: !RNEXT(v,T/S) && !RTAKEN(v,T/S) -> assert(false)	/* DataLoss */
	fi };
	/* Advance */
	atomic { T = (RLAP(v)-1)*S + T%S + 1; assert(T <= g_tail) };
	atomic { if :: T = (tail > T -> tail : T) :: skip fi; assert(T <= g_tail); goto try };
have:
#ifndef M_NO_SLOT_CHECK		/* whether the slot's last message is done does not matter */
	if
	:: atomic { T >= S && rel <= T-S -> rel = T-S };	/* FindRoom, of the slot */
		walk_one();
		if :: atomic { f == 1 -> goto blocked } :: atomic { f == 0 -> pv = 0 } fi
	:: atomic { T < S || rel > T-S -> skip }
	fi;
#endif
	/* ReadEndBefore */
	atomic { pv = en[(T+S-1)%S]; if
	:: T == 0 && pv == 0 -> e = 0; f = 0
#ifdef M_END_UNTAGGED		/* whose end it is does not matter */
	:: T != 0 -> e = EOF_(pv); f = 0
#else
	:: T != 0 && EIS(pv,(T-1)/S) -> e = EOF_(pv); f = 0
#endif
	:: T == 0 && pv != 0 -> goto try
#ifndef M_END_UNTAGGED
	:: T != 0 && !EIS(pv,(T-1)/S) -> f = 1
#endif
	fi; pv = 0 };
	if
	:: atomic { f == 1 -> f = 0 };
#ifdef M_NO_HELP		/* taken as it was left */
		e = EOF_(en[(T-1)%S])
#else
		help(T-1);
		atomic { if :: ha == 0 -> goto try :: else -> e = ha-1; ha = 0 fi }
#endif
	:: atomic { else -> skip }
	fi;
	/* the units that a message skips at the ring's end count as its own */
	atomic { need = (n == 0 -> 0 : (e%CAP + n > CAP -> n + CAP - e%CAP : n)) };
	if
	:: atomic { ROOM -> skip }
	:: atomic { !ROOM -> if :: T >= S && rel < T-S -> rel = T-S :: else fi };	/* FindRoom, of the payload */
		atomic { if :: released > rel && released <= T -> rel = released :: else fi };
room:		atomic { f = 0; if :: rel >= T -> rs = e; pv = C[rel%S]; if :: ROOM -> pv = 0; goto found :: else -> goto blocked fi :: else fi };
		atomic { pv = en[(rel+S-1)%S]; if
		:: rel == 0 && pv == 0 -> rs = 0
		:: rel != 0 && EIS(pv,(rel-1)/S) -> rs = EOF_(pv)
		:: else -> goto try		/* kMoved */
		fi; pv = 0 };
		if :: atomic { ROOM -> goto found } :: atomic { !ROOM -> skip } fi;
		walk_one();
		if :: atomic { f == 0 -> goto room } :: atomic { f == 1 -> skip } fi;
		goto blocked;
found:		if
		:: atomic { rel%HINTSTEP == 0 && rel > released -> released = rel }
		:: atomic { else -> skip }
		fi
	fi;
	STEP(publisher.has_room)
#ifndef M_ANNOUNCED_LATE
	BEGIN(T);
#endif
	STEP(publisher.announced)
	atomic { if
#ifdef ALONE
	:: true ->
#else
	:: R[T%S] == v ->
#endif
		R[T%S] = RW(ME,need,T/S); g_r[T%S] = _pid;
		assert(T == g_tail); g_tail++; g_n[T%S] = g_n[T%S] + 1;
		assert(e == g_end); g_end = e + need; g_slot[T%S] = g_end;
		assert(T < S || DONE(C[T%S],T/S-1))		/* nobody has the slot any more */
	:: else -> goto try
	fi };
	STEP(publisher.reserved)
#ifdef M_ANNOUNCED_LATE		/* said after the reservation */
	BEGIN(T);
#endif
	en[T%S] = EW(e+need,T/S);
	STEP(publisher.end_stored)
	atomic { k++; mid[T%S] = NUM(_pid,k-1); sz[T%S] = n; redel[T%S] = 0; i = 0;
		at[T%S] = (n == 0 -> 0 : (need == n -> e%CAP : 0));
		need = 0; e = 0; v = 0; pv = 0;
#ifdef SHORTER
		if :: n == 2 -> n = 1; sz[T%S] = 1 :: skip fi
#endif
		};
	do
	:: atomic { i < n -> pay[(at[T%S] + i)%CAP] = NUM(_pid,k-1); i++ }
	:: atomic { i >= n -> i = 0; n = 0; break }
	od;
	STEP(publisher.written) STEP(publisher.batch_written)
#ifdef OPEN
	if
	:: atomic { hp == 0 && k < KMAX -> hp = T+1 }; keep(hp-1); atomic { T++; goto next }
	:: atomic { hp != 0 -> skip }; keep(T); commit(hp-1); atomic { hp = 0 }; commit(T)
	:: atomic { true -> skip }; commit(T)
	fi;
#else
	commit(T);
#endif
	atomic { T++; goto next };
blocked:	/* the position rel, whose claim word was pv, is in the way: RecoverWhenFull, then wait */
#ifdef OPEN
	if
	:: atomic { HASOPEN -> skip }; commit(hp-1); atomic { hp = 0; f = 0; pv = 0; v = 0; need = 0; e = 0; if :: k == KMAX -> goto next :: else -> goto try fi }
	:: atomic { !HASOPEN -> skip }
	fi;
#endif
	atomic { idle = idle | (1<<_pid); e = 0; need = 0 };
#define RESOF(p) (RIS(R[(p)%S],(p)/S) && !COMMITTED(w[(p)%S],(p)/S))
end_blocked:
	atomic { if
	:: R[T%S] != v || C[rel%S] != pv || w[rel%S] == VOID(rel/S) -> idle = idle & ~(1<<_pid); f = 0; goto try
	:: ISCLAIMED(pv) && DEAD(COWN(pv)) -> idle = idle & ~(1<<_pid); i = COWN(pv)
	:: RESOF(rel) && DEAD(ROWN(R[rel%S])) -> idle = idle & ~(1<<_pid); i = ROWN(R[rel%S])
	:: (UNCLEAN & ~(1<<ME)) != 0 -> idle = idle & ~(1<<_pid); goto look
	fi };
	resolve_if_dead(i, rel); atomic { i = 0; f = 0; goto try };
look:	atomic { f = 0; pv = 0; v = 0 };
	look_for_dead(); goto try;
fin:	skip
}

/* ================================================================ native_subscriber*.cc */
/* still to be looked for: not committed, or READY and never claimed */
#define KEEP(p) (!COMMITTED(w[(p)%S],(p)/S) || (w[(p)%S] == READY((p)/S) && C[(p)%S] == FREE((p)/S)))
#ifdef M_NO_PASSING
#undef PASS
#define PASS 0
#endif
#define PASSEDNEWS(q) (q != 0 && (COMMITTED(w[(q-1)%S],(q-1)/S) || DEAD(ROWN(R[(q-1)%S]))))
#define NOPOS 255

/* ClaimSlot of position p, which was seen READY (or RETURNED); jumps to `taken` if another has it */
inline claim(p) {
#ifndef M_CLAIM_ANNOUNCED_LATE
	BEGIN(p);
#endif
	STEP(subscriber.announced)
	atomic { if
#ifdef M_CLAIM_NOT_EQUAL	/* any word but a claim of the lap counts as free */
	:: !(CLAIMOF(C[(p)%S],(p)/S) && ISCLAIMED(C[(p)%S])) -> f = 1; c0 = C[(p)%S]
#else
	:: C[(p)%S] == FREE((p)/S) -> f = 1; c0 = FREE((p)/S)
#endif
	:: else -> c0 = C[(p)%S]; f = 0
	fi;
	if
	:: f == 1 -> C[(p)%S] = CLAIMED(ME,(p)/S); g_c[(p)%S] = _pid;
		assert(w[(p)%S] == READY((p)/S)); INORDER(mid[(p)%S]); g_claim = g_claim | (1<<mid[(p)%S])
	:: else
	fi };
	if
	:: atomic { f == 0 && c0 == RETURNED((p)/S) -> skip };	/* ClaimAfter */
		atomic { if
		:: C[(p)%S] == c0 -> f = 1; C[(p)%S] = CLAIMED(ME,(p)/S); g_c[(p)%S] = _pid; assert(w[(p)%S] == READY((p)/S))
		:: else
		fi }
	:: atomic { else -> skip }
	fi;
#ifdef M_CLAIM_ANNOUNCED_LATE	/* said after the claim */
	BEGIN(p);
#endif
	if
	:: atomic { f == 0 -> c0 = 0; END; goto taken }
	:: atomic { f == 1 -> f = 0; c0 = 0 }
	fi
}

inline let_go(p) {	/* p is claimed: read, hand over, and release; or give back */
	if
	:: atomic { g_gave < GIVEBACK -> g_gave++; assert(C[(p)%S] == CLAIMED(ME,(p)/S));
		C[(p)%S] = RETURNED((p)/S); g_owe = g_owe | (1<<_pid) };
		STEP(subscriber.gave_back)
#ifdef M_GIVEBACK_COUNTS_NOT
		atomic { g_owe = g_owe & ~(1<<_pid) }
#else
		count_returned(p)
#endif
	:: atomic { true -> j = 0 };
		do
		:: atomic { j < sz[(p)%S] -> assert(pay[(at[(p)%S] + j)%CAP] == mid[(p)%S]); j++ }	/* never torn */
		:: atomic { j >= sz[(p)%S] -> j = 0;
			assert(!BIT(g_deliv,mid[(p)%S]) || redel[(p)%S] > 0);	/* twice only if marked so */
			g_deliv = g_deliv | (1<<mid[(p)%S]); break }
		od;
		STEP(subscriber.read)
#ifdef M_DONE_LET_GO_FIRST	/* what it holds is taken back before the claim is done */
		atomic { if :: cnt == 0 -> END :: else fi };
#endif
		atomic { assert(C[(p)%S] == CLAIMED(ME,(p)/S)); C[(p)%S] = FREE((p)/S+1);
			sz[(p)%S] = 0; mid[(p)%S] = 0; at[(p)%S] = 0; redel[(p)%S] = 0 }	/* nobody reads these before the next owner writes them */
		STEP(subscriber.released)
	fi;
	if
	:: atomic { cnt != 0 -> skip }; drop_kept(OWNCLAIM(low[ME]))
	:: atomic { cnt == 0 -> END }
	fi;
	STEP(subscriber.let_go)
}

#define SUBVARS \
	byte H;				/* position_ */ \
	byte l, l2;			/* passed_, ascending: 1 + position */ \
	byte seen, sn, se, tg, ad, r;	/* returns_seen_, scan_next_, scan_end_, scan_target_, all_done_; returns as loaded */ \
	byte c, q, hq, j, f, ha, rn, rh, rl, rp, z, cnt, rs2, how; bit rc; short v, rv, c0, hw, he, hb;
#define OWNPOS 0
#define PUTBACK 1
#define SCANNED 2
#define WASPASSED 3

inline subloop() {
	r = 0;
loop:	/* ClaimNextSlowly: ClaimReturned first */
#ifdef BUSY
	if
	:: atomic { (UNCLEAN & ~(1<<ME)) != 0 -> skip }; look_for_dead()
	:: atomic { true -> skip }
	fi;
#endif
#ifdef M_RETURNS_IGNORED
	goto list;
#endif
	r = returns;
logs:	atomic { if
	:: seen == r || sn != se -> goto scan
	:: else -> v = returned[(seen+1)%LOG]
	fi };
	if
#ifdef M_LOG_UNTAGGED		/* whose entry it is does not matter */
	:: atomic { false -> skip };
#else
	:: atomic { r - seen > LOG || !LOGIS(v,seen+1) -> v = 0 };	/* StartScan */
#endif
		atomic { c = released; tg = r };
		atomic { se = (head > H -> head : H);
			ad = (se > S && se-S > ad -> se-S : ad); ad = (c <= se && c > ad -> c : ad);
			sn = (ad < se -> ad : se); c = 0 }
#ifdef M_LOG_UNTAGGED
	:: atomic { true -> c = v & 31 };
#else
	:: atomic { r - seen <= LOG && LOGIS(v,seen+1) -> c = v & 31 };
#endif
		atomic { v = 0; if
		:: C[c%S] == RETURNED(c/S) -> how = PUTBACK
		:: else -> seen++; c = 0; goto logs
		fi };
		goto claimc
	fi;
scan:	atomic { if
	:: sn >= se -> if :: sn != 0 && tg > seen -> seen = tg :: else fi; sn = 0; se = 0; tg = 0; goto list
	:: else -> v = C[sn%S]; if
		:: v == RETURNED(sn/S) -> c = sn; how = SCANNED; v = 0; goto claimc
		:: else -> if :: sn == ad && DONE(v,sn/S) -> ad++ :: else fi; sn++; v = 0; goto scan
		fi
	fi };
list:	c = NOPOS;
passed:	/* ClaimPassed: what was passed by below c goes first. Called twice: before the own position, and once a word was seen READY */
	atomic { if :: l == 0 -> goto none_passed :: else -> if :: !KEEP(l-1) -> if :: w[(l-1)%S] == VOID((l-1)/S) -> j = l :: else fi; l = l2; l2 = 0 :: else fi fi };
	if :: atomic { j != 0 -> skip }; skip_void(j-1); j = 0 :: atomic { j == 0 -> skip } fi;
#if PASS > 1
	atomic { if
	:: l2 != 0 -> if :: !KEEP(l2-1) -> if :: w[(l2-1)%S] == VOID((l2-1)/S) -> j = l2 :: else fi; l2 = 0 :: else fi
	:: else
	fi };
	if :: atomic { j != 0 -> skip }; skip_void(j-1); j = 0 :: atomic { j == 0 -> skip } fi;
#endif
	atomic { if :: l != 0 && l-1 < c -> if :: w[(l-1)%S] == READY((l-1)/S) -> q = l :: else fi :: else fi };
#if PASS > 1
	if
	:: atomic { q == 0 && l2 != 0 && l2-1 < c -> if :: w[(l2-1)%S] == READY((l2-1)/S) -> q = l2 :: else fi };
#ifndef M_LIST_ONCE		/* the lower one is looked at again after the higher one was seen READY */
		atomic { if :: q != 0 && l != 0 -> if :: w[(l-1)%S] == READY((l-1)/S) -> q = l :: else fi :: else fi }
#endif
	:: atomic { else -> skip }
	fi;
#endif
	if
	:: atomic { q != 0 -> c = q-1; q = 0; how = WASPASSED;
		if :: l == c+1 -> l = l2; l2 = 0 :: l != c+1 -> l2 = 0 fi; goto claimc }
	:: atomic { q == 0 -> skip }
	fi;
none_passed:
	atomic { if :: c != NOPOS -> how = OWNPOS; goto claimc :: else -> c = 0 fi };
own:	/* ClaimAtOwnPosition */
	atomic { v = w[H%S]; if
	:: v == READY(H/S) -> v = 0; c = H;
#ifdef M_LIST_NOT_AGAIN
		how = OWNPOS; goto claimc
#else
		goto passed
#endif
	:: v == VOID(H/S) -> v = 0; goto void
	:: !COMMITTED(v,H/S) -> goto nothing
	:: else -> skip		/* others are a ring ahead */
	fi };
	atomic { H = ((v>>2)-1)*S + H%S + 1 - S; v = 0 };
hint:	/* JumpTo */
	atomic { if :: head > H -> j = H; H = head :: true -> goto own fi };
	atomic { if
	:: returns != 0 -> if :: sn == se -> sn = (H > S && H-S > j -> H-S : j); tg = seen :: else fi; se = (H > se -> H : se)
	:: else
	fi; j = 0; goto loop };
void:	skip_void(H);
	atomic { H++; goto hint };
claimc:	STEP(subscriber.seen_ready)
	claim(c);
	if
	:: atomic { how == OWNPOS -> H++ };	/* TellHead */
#ifdef M_HINT_PASSES
		if :: atomic { (H-1)%HINTSTEP == 0 -> head = H } :: atomic { else -> skip } fi
#else
		if :: atomic { (H-1)%HINTSTEP == 0 && l == 0 -> head = H } :: atomic { else -> skip } fi
#endif
	:: atomic { how == PUTBACK -> seen++ }
	:: atomic { how == SCANNED || how == WASPASSED -> skip }
	fi;
	how = 0;
	STEP(subscriber.claimed)
#ifdef VIEWS
	if
	:: atomic { hq == 0 -> hq = c+1; c = 0 }; keep(hq-1); goto loop
	:: atomic { hq != 0 -> skip }; keep(c); let_go(hq-1); hq = 0; let_go(c)
	:: atomic { true -> skip }; let_go(c)
	fi;
#else
	let_go(c);
#endif
	atomic { c = 0; goto loop };
taken:	atomic { v = C[c%S]; j = (v == FREE(c/S) || v == RETURNED(c/S)); v = 0; if
	:: how == PUTBACK -> seen++
	:: how == OWNPOS && j == 0 -> H++
	:: else
	fi; j = 0; c = 0; if :: how == OWNPOS -> how = 0; goto hint :: else -> how = 0; goto loop fi };
nothing:
#ifdef VIEWS
	if
	:: atomic { hq != 0 -> skip }; let_go(hq-1); atomic { hq = 0; v = 0; goto loop }
	:: atomic { hq == 0 -> skip }
	fi;
#endif
	atomic { idle = idle | (1<<_pid) };
#define HELDUP (RIS(R[H%S],H/S) && !COMMITTED(w[H%S],H/S))
end_wait:
	atomic { if
#ifdef M_RETURNS_IGNORED
	:: w[H%S] != v ->
#else
	:: w[H%S] != v || returns != seen ->
#endif
		 idle = idle & ~(1<<_pid); v = 0; goto loop
	:: PASSEDNEWS(l) -> idle = idle & ~(1<<_pid); v = 0; if :: !COMMITTED(w[(l-1)%S],(l-1)/S) -> c = l-1 :: else -> goto loop fi
#if PASS > 1
	:: PASSEDNEWS(l2) -> idle = idle & ~(1<<_pid); v = 0; if :: !COMMITTED(w[(l2-1)%S],(l2-1)/S) -> c = l2-1 :: else -> goto loop fi
#endif
	:: HELDUP && DEAD(ROWN(R[H%S])) -> idle = idle & ~(1<<_pid); c = H
	:: (UNCLEAN & ~(1<<ME)) != 0 -> idle = idle & ~(1<<_pid); v = 0; goto look
#if PASS > 0
	:: HELDUP && !DEAD(ROWN(R[H%S])) && (l == 0 || (PASS > 1 && l2 == 0)) -> idle = idle & ~(1<<_pid); v = 0;
		STEP(subscriber.passes_by)
		if :: l == 0 -> l = H+1 :: else -> l2 = H+1 fi; H++; goto own
#endif
#ifdef LEAVE
	:: _pid == NP && gone == 0 -> gone = 1<<_pid; done = done | (1<<_pid); v = 0; goto leaves
#endif
	fi };
	/* LookAtReservation, ProbePassedOwners: the reservation of position c names a dead one */
	rv = R[c%S];
	if
	:: atomic { RIS(rv,c/S) -> j = ROWN(rv); rv = 0 }; resolve_if_dead(j, c)
	:: atomic { !RIS(rv,c/S) -> rv = 0 }
	fi;
	atomic { j = 0; c = 0; v = 0; goto loop };
look:	look_for_dead(); goto loop;
#ifdef LEAVE
leaves:	/* ReturnId */
	inuse = inuse & ~(1<<ME);
	STEP(leave.clean)
	held = held & ~(1<<ME)
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
		:: atomic { BIT(inuse,z) -> skip }; resolve_holds(); clear_holds(z)
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
	byte i; bit holds;
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
		:: g_n[i] == 0 -> assert(R[i] == 0 && w[i] == 0 && C[i] == 0 && en[i] == 0)	/* never reached */
		:: g_n[i] != 0 && !COMMITTED(w[i],g_n[i]-1) ->
			assert(BIT(halted,g_r[i]));					/* nobody rests on a reservation */
			assert(!BIT(crashed,g_r[i]) || !SOMESUB || TAKINGOVER(ROWN(R[i])))	/* what a dead one had is resolved */
		:: g_n[i] != 0 && COMMITTED(w[i],g_n[i]-1) ->
			assert(en[i] == EW(g_slot[i],g_n[i]-1));			/* its end is final and true */
			if
			:: DONE(C[i],g_n[i]-1) -> assert(C[i] == FREE(g_n[i]))
			:: !DONE(C[i],g_n[i]-1) && ISCLAIMED(C[i]) -> holds = 1;
				assert(BIT(halted,g_c[i]));				/* nobody rests on a claim */
				assert(!BIT(crashed,g_c[i]) || !SOMESUB || TAKINGOVER(COWN(C[i])))
			:: !DONE(C[i],g_n[i]-1) && !ISCLAIMED(C[i]) ->
				assert(!SOMESUB || holds || STOPPED != 0)		/* a committed message waits only if no subscriber runs, */
			fi
		fi; i++
	:: else -> break
	od;
	assert(holds || !SOMESUB || (g_comm & ~g_deliv) == 0);				/* or behind what a stopped one holds */
	assert(STOPPED != 0 || !SOMESUB || ((done | halted) & PUBMASK) == PUBMASK);	/* every live publisher has finished */
	assert(!SOMESUB || UNCLEAN == 0)						/* every dead id is clean */
	}
}
