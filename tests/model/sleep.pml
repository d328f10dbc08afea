/*
 * Model of the waiter on semaphores (waiter_semaphore.cc), for spin 6.5 or later; see README.md.
 *
 * The wait word is what wait.pml has of it, without what leads to a sleep: a waiter reads `seq` and wants to sleep while it
 * is unchanged; a waker counts `seq` up and then wakes. All accesses are sequentially consistent here: the code has a fence
 * between the announcement and the look at `seq`, and one between counting and looking for announcements.
 *
 * A semaphore is an object (id, number) with permits; its name is there or is not. A waiter has its own open, a waker those
 * that it has posted before. A sleep never runs out by itself, so a wake-up that is lost shows as a sleeper beside a
 * changed `seq` when nothing moves any more. Where a waker was killed, all sleeps run out once. In the end the last to
 * leave sweeps what the dead have left, and no name may be there.
 *
 * Sizes     NW wakers, each counts EACH times; one waiter for each of NI ids, which sleeps again until the last count
 * Faults    KILLSLEEPER  the first waiter may be killed at any step; another takes its id
 *           KILLWAKER    the first waker may be killed at any step
 *           OUTSIDE      somebody removes the first waiter's name once, from outside
 * Mutations M_...        see mutations.txt
 */
#ifndef NW
#define NW 2
#endif
#ifndef NI
#define NI 1
#endif
#ifndef EACH
#define EACH 1
#endif
#define NN 5			/* numbers of one id, from 1 */
#define OBJECT(id,n) ((id)*NN+(n))
#define LAST (NW*EACH)
#define STEP(name)

byte seq;
bit  on[NI], named[NI*NN], sleeping[NI], over;	/* over: all sleeps run out */
byte number[NI], permits[NI*NN], v[NI];
bit  waker_dead, sleeper_dead, outside;

proctype Waiter(byte id) provided (!(_pid == NW+1 && sleeper_dead)) {
	byte own, n; bit owed;
	on[id] = 0;		/* as it takes the id */
again:	v[id] = seq;
	if :: atomic { v[id] == LAST || (over && v[id] == seq) -> goto leave } :: else fi;
#ifdef M_LOOK_FIRST
	if :: atomic { seq != v[id] -> goto again } :: else fi;
#endif
	if
	:: own == 0 ->
		n = number[id];
		if :: n != 0 -> named[OBJECT(id,n)] = 0 :: else fi;
		n = n + 1;
#ifdef M_MADE_FIRST
		atomic { named[OBJECT(id,n)] = 1; permits[OBJECT(id,n)] = 0 };
		number[id] = n;
#else
		number[id] = n;
		STEP(sleep.numbered)
		atomic { named[OBJECT(id,n)] = 1; permits[OBJECT(id,n)] = 0 };
#endif
		own = n;
		STEP(sleep.made)
	:: else
	fi;
	on[id] = 1;
	STEP(sleep.announced)
#ifndef M_LOOK_FIRST
	if :: seq != v[id] -> goto ended :: else fi;
#endif
	sleeping[id] = 1;
end_sleep:
	atomic { permits[OBJECT(id,own)] > 0 || over -> sleeping[id] = 0; owed = (permits[OBJECT(id,own)] == 0) };
ended:	STEP(sleep.ended)
	on[id] = 0;
	permits[OBJECT(id,own)] = 0;
	if	/* a wake-up that is owed: another semaphore */
	:: owed && seq != v[id] -> owed = 0; named[OBJECT(id,own)] = 0; own = 0
	:: else -> owed = 0
	fi;
	goto again;
leave:	if :: own != 0 -> named[OBJECT(id,own)] = 0 :: else fi;
	STEP(leave.unnamed)
	skip
}

active [NW] proctype Waker() provided (!(_pid == 0 && waker_dead)) {
	byte k, id, n, cached[NI];
	do
	:: atomic { k < EACH -> id = 0 };
#ifdef M_SCAN_FIRST
		bit seen = on[0];
#endif
		seq++;
		do
		:: atomic { id < NI -> skip };
			if
#ifdef M_SCAN_FIRST
			:: seen ->
#else
			:: on[id] ->
#endif
				n = number[id];
				STEP(wake.found)
				if
#ifdef M_NEVER_OPENED_AGAIN
				:: cached[id] == 0 && n != 0 -> if :: named[OBJECT(id,n)] -> cached[id] = n :: else fi
#else
				:: cached[id] != n -> if :: named[OBJECT(id,n)] -> cached[id] = n :: else fi
#endif
				:: else
				fi;
#ifdef M_NEVER_OPENED_AGAIN
				if :: cached[id] != 0 -> permits[OBJECT(id,cached[id])] = 1 :: else fi;
#else
				if :: cached[id] == n && n != 0 -> permits[OBJECT(id,n)] = 1 :: else fi;
#endif
				STEP(wake.posted)
			:: else
			fi;
			id++
		:: atomic { id == NI -> break }
		od;
		k++
	:: atomic { k == EACH -> break }
	od
}

#define MISSED(i) (sleeping[i] && seq != v[i])
init {
	byte i;
	atomic {
		do
		:: i < NI -> run Waiter(i); i++
		:: else -> break
		od
	};
	do
#ifdef KILLSLEEPER
	:: atomic { !sleeper_dead -> sleeper_dead = 1; sleeping[0] = 0; run Waiter(0) }	/* and another takes the id */
#endif
#ifdef KILLWAKER
	:: atomic { !waker_dead -> waker_dead = 1 }
#endif
#ifdef OUTSIDE
	:: atomic { !outside && number[0] != 0 -> outside = 1; named[OBJECT(0,number[0])] = 0 }
#endif
	:: timeout -> atomic { if :: (waker_dead || outside) && !over -> over = 1 :: else -> break fi }
	od;
	i = 0;
	do
	:: i < NI -> assert(!MISSED(i)); i++
	:: else -> break
	od;
	/* the last to leave: ids whose leases are free */
	STEP(sweep.locked)
	i = 0;
	do
	:: i < NI -> if :: number[i] != 0 -> named[OBJECT(i,number[i])] = 0 :: else fi; i++
	:: else -> break
	od;
	i = 0;
	do
	:: i < NI*NN -> assert(!named[i]); i++
	:: else -> break
	od
}
