/*
 * Model of the life of a name: opening, joining, leaving, removing (attachment.cc, queue_registry.cc), for spin 6.5 or
 * later; see README.md. A file is a number from 1; its name in the directory is `name` (0: none). Ids within the
 * queue are one step here; queue.pml has those. System calls and accesses to the life word are one step each.
 *
 * Sizes     NO openers that open (making the queue if there is none), perhaps leave a message or take one, and
 *           leave, ROUNDS times; NR removers by name; FILES that can be made in a run
 * Faults    MAXF faults in a run, at any step: CRASH, STOP
 * Options   KEEP    an empty queue is removed, one with a message is kept (else both are removed)
 *           FORBID  the first opener may not remove names (another user's, in a sticky directory)
 * Mutations M_...  see mutations.txt
 */
#ifndef NO
#define NO 2
#endif
#ifndef NR
#define NR 0
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef FILES
#define FILES 6
#endif
#ifndef MAXF
#define MAXF 0
#endif
#define TRIES 12	/* more starts over than any run needs */
#define STEP(name)
#define BIT(x,i) (((x)>>(i))&1)
#define LIVE 0
#define RETIRED 1
#define RETIRING(token) (2+(token))
#define ISRETIRING(x) ((x) >= 2)

byte name, made;
byte life[FILES+1];
byte leases[FILES+1];		/* bit = process: alive lease of some id */
bit  message[FILES+1];
byte lock;			/* 1 + the process that holds the directory's lock */
byte halted, crashed, done, faults;
byte g_using[FILES+1];		/* bit = process: attached */
byte g_removed;			/* bit = file: removed by name */
bit  g_gaveup;			/* somebody did not get the lock because its holder is stopped */

#ifdef FORBID
#define MAYREMOVE (_pid != 0)
#else
#define MAYREMOVE true
#endif
#define STUCKLOCK (lock != 0 && BIT(halted,lock-1))
inline take_lock(otherwise) {
	atomic { if
	:: lock == 0 -> lock = 1+_pid
	:: STUCKLOCK -> g_gaveup = 1; otherwise = 255
	fi }
}
inline unlink(f) {	/* Directory::Remove: only if the name is that file's */
	atomic { x = name };
	atomic { if
	:: x == f && MAYREMOVE -> assert(name == f);
		assert(g_using[f] == 0 || BIT(g_removed,f));	/* nobody who uses a queue loses its name, unless it was asked for */
		name = 0; x = 0
	:: x == f && !MAYREMOVE -> skip		/* refused: take_back */
	:: else -> x = 0
	fi }
}
#ifdef FORBID
inline take_back(f) {	/* TakeBackRetired */
	if
	:: atomic { x == f && f != 0 -> x = 0 };
		STEP(life.not_removed)
		atomic { if :: life[f] == RETIRED -> life[f] = LIVE; g_removed = g_removed & ~(1<<f) :: else fi };
		STEP(life.taken_back)
	:: atomic { x != f || f == 0 -> x = 0 }
	fi
}
#else
#define take_back(f) skip
#endif

active [NO] proctype Opener() provided (!BIT(halted,_pid)) {
	byte g, s, x, round, tries; bit stays;
open:	atomic { if
	:: round == ROUNDS -> done = done | (1<<_pid); goto fin
	:: else -> tries++; assert(tries < TRIES);		/* a name is never stuck */
		g = name; if :: g == 0 -> goto create :: else fi
	fi };
	/* OpenExisting */
	atomic { if :: life[g] == RETIRED -> goto taken :: else fi };
#ifdef M_LIFE_BEFORE_LEASE
	atomic { s = life[g]; if :: ISRETIRING(s) -> life[g] = LIVE :: else fi };
	leases[g] = leases[g] | (1<<_pid);
	atomic { if :: s == RETIRED -> leases[g] = leases[g] & ~(1<<_pid); goto taken :: else -> goto attached fi };
#endif
	leases[g] = leases[g] | (1<<_pid);
	STEP(open.joined)
ensure:	/* EnsureLive */
	atomic { s = life[g]; if :: s == LIVE -> assert(name == g); goto attached :: else fi };	/* nobody joins a queue without a name */
	if
	:: atomic { s == RETIRED -> leases[g] = leases[g] & ~(1<<_pid); goto taken }
#ifdef M_RETIRING_IGNORED
	:: atomic { ISRETIRING(s) -> goto attached }
#else
	:: atomic { ISRETIRING(s) -> if :: life[g] == s -> life[g] = LIVE; assert(name == g); goto attached :: else -> goto ensure fi }
#endif
	fi;
create:
	atomic { made++; assert(made <= FILES); g = made;
#ifndef M_PUBLISHED_UNJOINED
		leases[g] = 1<<_pid
#endif
		};
	STEP(open.made)
	atomic { if
	:: name == 0 -> name = g
	:: else -> leases[g] = 0; goto taken
	fi };
	STEP(open.published)
#ifdef M_PUBLISHED_UNJOINED
	leases[g] = leases[g] | (1<<_pid);
#endif
	goto attached;
taken:	/* the name is taken, by a queue that was removed or by one that others have made meanwhile */
	g = 0;
#ifdef M_RETIRED_KEPT
	goto open;
#endif
	take_lock(g);
	atomic { if :: g == 255 -> done = done | (1<<_pid); goto fin :: else fi };	/* Unavailable, after 10 s */
	g = name;
	if
	:: atomic { g != 0 && life[g] == RETIRED -> skip };
		STEP(open.found_retired)
		unlink(g);
#ifdef M_OPENER_TAKES_NOT_BACK
		x = 0
#else
		take_back(g)
#endif
	:: atomic { g == 0 || life[g] != RETIRED -> skip }
	fi;
	lock = 0; goto open;
attached:
	atomic { g_using[g] = g_using[g] | (1<<_pid); s = 0; assert(life[g] != RETIRED || BIT(g_removed,g));
		if :: message[g] = 1 :: message[g] = 0 :: skip fi };
	/* Leave */
	atomic { g_using[g] = g_using[g] & ~(1<<_pid) };
#ifdef M_LOOK_BEFORE_DROP
	stays = ((leases[g] & ~(1<<_pid)) != 0);
	leases[g] = leases[g] & ~(1<<_pid);
#else
	leases[g] = leases[g] & ~(1<<_pid);
	STEP(leave.dropped)
	stays = (leases[g] != 0);
#endif
	atomic { if :: stays -> stays = 0; goto left :: else fi };
	/* RemoveIfLast */
#ifndef M_LEAVER_UNLOCKED
	take_lock(s);
	atomic { if :: s == 255 -> s = 0; goto left :: else fi };
#endif
	STEP(leave.locked)
#ifdef M_LOOK_BEFORE_RETIRING
	stays = (leases[g] != 0);
#endif
	s = life[g];
retire:	atomic { if
	:: s == RETIRED -> goto unlock
	:: s != RETIRED && life[g] == s -> life[g] = RETIRING(_pid)
	:: s != RETIRED && life[g] != s -> s = life[g]; goto retire
	fi };
	STEP(leave.retiring)
#ifndef M_LOOK_BEFORE_RETIRING
	stays = (leases[g] != 0);
#endif
#ifdef KEEP
	atomic { stays = stays || message[g] };
#endif
	STEP(leave.looked)
#ifdef M_UNLINK_FIRST
	if :: atomic { !stays && life[g] == RETIRING(_pid) -> skip }; unlink(g) :: atomic { else -> skip } fi;
#endif
#ifdef M_RETIRED_STORED
	atomic { if
	:: true ->
#else
	atomic { if
	:: life[g] == RETIRING(_pid) ->
#endif
		life[g] = (stays -> LIVE : RETIRED);
		assert(stays || g_using[g] == 0);		/* nobody uses a queue that is removed */
#ifdef KEEP
		assert(stays || !message[g]);			/* no message is lost */
#endif
	:: else -> goto unlock
	fi };
	if
	:: atomic { stays -> skip }
	:: atomic { !stays -> skip };
		STEP(leave.retired)
#ifndef M_UNLINK_FIRST
		unlink(g);
#ifdef M_LEAVER_TAKES_NOT_BACK
		x = 0
#elif defined(M_TAKEN_BACK_UNLOCKED)
		lock = 0; take_back(g)
#else
		take_back(g)
#endif
#endif
	fi;
unlock:	atomic { if :: lock == 1+_pid -> lock = 0 :: else fi };
left:	atomic { g = 0; s = 0; stays = 0; tries = 0; round++; goto open };
fin:	skip
}

#if NR > 0
active [NR] proctype Remover() provided (!BIT(halted,_pid)) {	/* RemoveQueue */
	byte g, x;
	take_lock(g);
	atomic { if :: g == 255 -> goto fin :: else fi };
	g = name;
	if
	:: atomic { g != 0 -> g_removed = g_removed | (1<<g) };
#ifndef M_REMOVER_MARKS_NOT
		life[g] = RETIRED;
#endif
		unlink(g);
		take_back(g)
	:: atomic { g == 0 -> skip }
	fi;
	lock = 0;
fin:	done = done | (1<<_pid)
}
#endif

#define NPROC (NO+NR)
inline fault(p) {
	atomic { (p) < NPROC && faults < MAXF && !BIT(halted,p) && !BIT(done,p) -> faults++; halted = halted | (1<<(p));
	if
#ifdef CRASH
	:: crashed = crashed | (1<<(p));
		i = 0; do :: i <= FILES -> leases[i] = leases[i] & ~(1<<(p)); g_using[i] = g_using[i] & ~(1<<(p)); i++ :: else -> break od; i = 0;
		if :: lock == 1+(p) -> lock = 0 :: else fi
#endif
#ifdef STOP
	:: skip
#endif
	:: false
	fi }
}
active proctype Env() {
	byte i;
	do
	:: fault(0)
	:: fault(1)
	:: fault(2)
	:: fault(3)
	:: timeout -> break
	od;
	/* everybody who runs is through */
	assert(((done | halted) & ((1<<NPROC)-1)) == (1<<NPROC)-1);
	/* without faults the queue is gone with the last who left, unless it keeps a message */
	assert(faults != 0 || name == 0
#ifdef KEEP
		|| message[name]
#endif
#ifdef FORBID
		|| true
#endif
		);
	assert(faults != 0 || name == 0 || life[name] == LIVE)
}
