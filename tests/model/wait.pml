/*
 * Model of one wait word (data or space) of waiting.cc, for spin 6.5 or later; see README.md.
 *
 * `avail` stands for what the waiters look for: committed messages, or free units. A change that a notifier makes is a
 * plain release store: it first stands in the notifier's store buffer, buf[], and gets into memory at any later time
 * (Memory), at the latest with the notifier's next compare-and-swap or exchange, or with a barrier. So the notifier's look
 * at the flag may come before its change is seen. A process that is killed still drains its buffer.
 *
 * A long sleep never runs out by itself. So a wake-up that is lost shows as a waiter asleep beside what it could take
 * when nothing moves any more. Where a notifier was killed or stopped, that may be so until another notifier makes a
 * change, and not after (`later`).
 *
 * Sizes     NC waiters, NN notifiers, EACH looks of a notifier, BATCH changes before each look
 *           WAKES how many sleepers a change wakes (2, as in the code)
 *           NEED2 the first waiter needs two units at a time, the others one
 * Faults    KILLWAITER: a waiter may be killed at any step; KILLNOTIFIER: the first notifier may be; STOPNOTIFIER: it may
 *           be stopped for good
 * Variants  SPARE     a notifier may leave a wake-up to those that it has woken, if nobody went to sleep since
 *           BUSY      a waiter that has taken something may be busy with it for good
 *           UNFENCED  nobody takes part in the barrier: the first sleep after a wake-up is bounded
 *           NEWCOMER  the last notifier takes no part, and says so when it joins; the others do
 *           CLOSER    somebody closes the first waiter's endpoint
 * Mutations M_...     see mutations.txt
 */
#ifndef NC
#define NC 2
#endif
#ifndef NN
#define NN 2
#endif
#ifndef EACH
#define EACH 1
#endif
#ifndef BATCH
#define BATCH 1
#endif
#ifndef WAKES
#define WAKES 2
#endif
#ifdef NEED2
#define NEEDS(p) ((p) == 0 -> 2 : 1)
#else
#define NEEDS(p) 1
#endif
#define STEP(name)
#define BIT(x,i) (((x)>>(i))&1)

byte avail, seq, dead, asleep;		/* dead: bit = pid; asleep: bit = waiter */
byte flag, fencedby;			/* 1 + the count at which it was raised; the same of the last barrier */
byte shortly, ranout;			/* bit = waiter: in a bounded sleep; its bounded sleep lasted its time */
bit  closed, nobarrier, later;
byte buf[NN];
byte unseen[NC];	/* of each waiter: the notifiers whose changes were not yet seen when its sleep began */
#ifdef UNFENCED
#define FENCED 0
#define REACHED(n) 0
#elif defined(NEWCOMER)
#define FENCED (nobarrier == 0)
#define REACHED(n) ((n) != NN-1)
#else
#define FENCED 1
#define REACHED(n) 1
#endif

inline drain(n) {
	avail = avail + buf[n]; buf[n] = 0;
	unseen[0] = unseen[0] & ~(1<<(n));
#if NC > 1
	unseen[1] = unseen[1] & ~(1<<(n));
#endif
#if NC > 2
	unseen[2] = unseen[2] & ~(1<<(n));
#endif
}
#if NN == 1
#define UNSEEN (buf[0] != 0)
#else
#define UNSEEN ((buf[0] != 0) | ((buf[1] != 0) << 1))
#endif

/* the system wakes at most one: any that sleeps */
inline wake_one() {
	if
	:: asleep == 0
	:: BIT(asleep,0) -> asleep = asleep & ~1; woke++
	:: BIT(asleep,1) -> asleep = asleep & ~2; woke++
	:: BIT(asleep,2) -> asleep = asleep & ~4; woke++
	fi
}

/* WakeSome; `mine` is 1 + its number among the notifiers, 0 for a waiter, whose stores are seen */
inline wake_some(mine) {
	look = flag;
	if
	:: atomic { look == 0 -> count = 0 }
	:: atomic { look != 0 -> skip };
#ifdef M_FLAG_FIRST		/* the flag is taken down before the count and the wake-up */
		atomic { if :: mine != 0 -> drain(mine-1) :: else fi; flag = 0 };
		atomic { seq++; count = seq };
#else
#ifndef M_SEQ_NOT_COUNTED
		atomic { if :: mine != 0 -> drain(mine-1) :: else fi; seq++; count = seq };
#else
		atomic { if :: mine != 0 -> drain(mine-1) :: else fi };
#endif
#endif
		STEP(notify.counted)
		atomic { woke = 0; wake_one();
#if WAKES > 1
			wake_one();
#endif
			};
		STEP(notify.woken)
#ifndef M_FLAG_FIRST
#ifdef M_CLEARED_BLINDLY	/* whatever it is by now */
		atomic { if :: woke < WAKES -> flag = 0 :: else fi };
#else
		atomic { if :: woke < WAKES && flag == look -> flag = 0 :: else fi };
#endif
#endif
		STEP(notify.flag_cleared)
		woke = 0
	fi;
	look = 0
}

active [NC] proctype Waiter() provided (!BIT(dead,_pid)) {
	byte v, i, f, look, count, woke; bit woken, fenced, pass;
poll:	atomic { if :: avail >= NEEDS(_pid) -> avail = avail - NEEDS(_pid) :: else -> goto none fi };
	if	/* PassOn: the first call that takes something, after a sleep */
	:: atomic { pass -> pass = 0 };
#ifndef M_NOT_PASSED_ON
		if
		:: atomic { avail > 0 -> skip }; wake_some(0)
		:: atomic { avail == 0 -> skip }
		fi
#endif
	:: atomic { !pass -> skip }
	fi;
#ifdef BUSY
	if :: atomic { true -> goto poll } :: atomic { true -> goto fin } fi;
#else
	goto poll;
#endif
none:	woken = 1;
again:
#ifndef M_SEQ_AFTER_CHECK
#if defined(M_WOKEN_LOOKED_EARLY) || defined(M_BOUND_ONCE)
	v = seq;
#else
	atomic { woken = (woken || seq != v); v = seq };	/* the flag may be a new one */
#endif
	STEP(wait.read_seq)
#endif
	pass = 1;
#ifdef M_NOBARRIER_READ_EARLY
	fenced = FENCED;
#endif
#ifdef M_CHECK_BEFORE_FLAG
	atomic { if :: avail >= NEEDS(_pid) -> avail = avail - NEEDS(_pid); goto leave :: else fi };
#endif
#ifndef M_BARRIER_BEFORE_FLAG
raise:	f = flag;	/* it only grows while it is up */
	if
	:: atomic { f > v -> f = 0 }
#ifdef M_FLAG_STORED		/* a store in place of the compare-and-swap */
	:: atomic { f <= v -> flag = v+1; f = 0 }
#else
	:: atomic { f <= v -> if :: flag == f -> flag = v+1; f = 0 :: else -> f = 0; goto raise fi }
#endif
	fi;
	STEP(wait.flag_set)
#endif
#ifndef M_NOBARRIER_READ_EARLY
	fenced = FENCED;
#endif
#ifndef M_NO_BARRIER
	if	/* the barrier reaches one thread after the other; one is enough for all that raise the flag to one count */
#ifdef M_BARRIER_OF_ANY_COUNT	/* the last barrier will do, whatever it was made for */
	:: atomic { fenced && fencedby != 0 -> skip }
	:: atomic { fenced && fencedby == 0 -> i = 0 };
#else
	:: atomic { fenced && fencedby == v+1 -> skip }
	:: atomic { fenced && fencedby != v+1 -> i = 0 };
#endif
#ifdef M_FENCED_SAID_FIRST	/* said before the barrier was made */
		fencedby = v+1;
#endif
		do
		:: atomic { i < NN -> if :: REACHED(i) -> drain(i) :: else fi; i++ }
		:: atomic { i == NN -> i = 0; break }
		od;
		fencedby = v+1
	:: atomic { !fenced -> skip }
	fi;
#endif
	STEP(wait.fenced)
#ifdef M_BARRIER_BEFORE_FLAG
	atomic { flag = v+1 };
#endif
#ifndef M_CHECK_BEFORE_FLAG
	atomic { if :: avail >= NEEDS(_pid) -> avail = avail - NEEDS(_pid); goto leave :: else fi };
#endif
#ifdef CLOSER
	if :: atomic { _pid == 0 && closed -> goto leave } :: atomic { else -> skip } fi;
#endif
#ifdef M_SEQ_AFTER_CHECK
	v = seq;
#endif
	STEP(wait.sleeps)
	atomic { if	/* the kernel compares and goes to sleep in one step */
#ifdef M_NO_SEQ
	:: flag != 0 ->
#else
	:: seq == v ->
#endif
		asleep = asleep | (1<<_pid); unseen[_pid] = UNSEEN;
		if :: woken && !fenced -> shortly = shortly | (1<<_pid) :: else fi
	:: else
	fi };
end_sleep:
#if defined(M_BOUND_ONCE) || defined(M_WOKEN_LOOKED_EARLY) || defined(M_EARLY_RETURN)	/* any end of the sleep counts as its running out */
	atomic { !BIT(asleep,_pid) -> unseen[_pid] = 0; shortly = shortly & ~(1<<_pid); ranout = ranout & ~(1<<_pid); woken = 0 };
#else
	atomic { !BIT(asleep,_pid) -> unseen[_pid] = 0; shortly = shortly & ~(1<<_pid);
		woken = !BIT(ranout,_pid); ranout = ranout & ~(1<<_pid) };
#endif
#ifdef M_WOKEN_LOOKED_EARLY	/* whether it was woken is looked at before the next sleep's seq is read */
	woken = (seq != v);
#endif
	STEP(wait.woken)
	goto again;
leave:	atomic { v = 0; woken = 0; fenced = 0 };
	if	/* PassOn */
	:: atomic { pass -> pass = 0 };
#ifndef M_NOT_PASSED_ON
		if
		:: atomic { avail > 0 -> skip }; wake_some(0)
		:: atomic { avail == 0 -> skip }
		fi
#endif
	:: atomic { !pass -> skip }
	fi;
#ifdef CLOSER
	if :: atomic { _pid == 0 && closed -> goto fin } :: atomic { else -> skip } fi;
#endif
#ifdef BUSY
	if :: atomic { true -> goto poll } :: atomic { true -> goto fin } fi;
#else
	goto poll;
#endif
fin:	skip
}

active [NN] proctype Notifier() provided (!BIT(dead,_pid)) {
	byte k, b, i, look, count, woke, had; bit up;
#define N (_pid-NC)
#ifdef NEWCOMER
#ifndef M_NOBARRIER_SAID_LATE
	if :: atomic { N == NN-1 -> nobarrier = 1 } :: atomic { N != NN-1 -> skip } fi;
#endif
#endif
	do
	:: atomic { k < EACH -> b = 0 };
#ifdef M_LOOK_FIRST
		look = flag;
#endif
		do
		:: atomic { b < BATCH -> buf[N] = buf[N] + 1; b++; if :: N != 0 && BIT(dead,NC) -> later = 1 :: else fi }
		:: atomic { b == BATCH -> b = 0; break }
		od;
		STEP(publisher.batch_committed)
#ifndef M_LOOK_FIRST
		look = flag;
#endif
#ifdef NEWCOMER
#ifdef M_NOBARRIER_SAID_LATE
		if :: atomic { N == NN-1 -> drain(N); nobarrier = 1 } :: atomic { N != NN-1 -> skip } fi;
#endif
#endif
		atomic { up = (look != 0);
#ifdef SPARE
#ifdef M_SPARED_ALWAYS	/* also where somebody has gone to sleep since */
			if :: up && had != 0 -> up = 0 :: true fi;
#else
			if :: up && had != 0 && look <= had -> up = 0 :: true fi;
#endif
#endif
			look = 0 };
		if
		:: atomic { up -> up = 0 }; wake_some(N+1); atomic { had = count; count = 0 }
		:: atomic { !up -> skip }
		fi; k++
	:: atomic { k == EACH -> break }
	od
}

#ifdef CLOSER
active proctype Closer() {
#ifdef M_CLOSED_SAID_LATE
	seq++;
	asleep = 0;
	closed = 1
#else
	closed = 1;
	seq++;
	asleep = 0
#endif
}
#endif

/* store buffers, and bounded sleeps that run out: every change made before the sleep has been seen by then */
active proctype Memory() {
end_memory:
	do
	:: atomic { buf[0] != 0 -> drain(0) }
#if NN > 1
	:: atomic { buf[1] != 0 -> drain(1) }
#endif
	:: atomic { (shortly & asleep & 1) && unseen[0] == 0 -> asleep = asleep & ~1; ranout = ranout | 1 }
#if NC > 1
	:: atomic { (shortly & asleep & 2) && unseen[1] == 0 -> asleep = asleep & ~2; ranout = ranout | 2 }
#endif
#if NC > 2
	:: atomic { (shortly & asleep & 4) && unseen[2] == 0 -> asleep = asleep & ~4; ranout = ranout | 4 }
#endif
	od
}

#define MISSED(p) (!BIT(dead,p) && BIT(asleep,p) && (avail >= NEEDS(p) || ((p) == 0 && closed)))
active proctype Env() {
	byte i;
	do
#ifdef KILLWAITER
	:: atomic { dead == 0 && !BIT(asleep,0) -> dead = 1 }
	:: atomic { dead == 0 && BIT(asleep,0) -> dead = 1; asleep = asleep & ~1 }
#endif
#ifdef KILLNOTIFIER
	:: atomic { dead == 0 -> dead = 1<<NC }
#endif
	:: timeout -> break
	od;
	do
	:: i < NC -> assert(!MISSED(i) || (BIT(dead,NC) && !later)); i++
	:: else -> break
	od
}
