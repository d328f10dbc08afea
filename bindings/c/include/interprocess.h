/* SPDX-License-Identifier: MIT
 */

/* Interprocess for C: message queues in shared memory, for the programs of one machine.
 *
 *   ipq_options options;
 *   ipq_options_init(&options);
 *   options.name = "greetings";
 *   ipq_publisher* publisher;
 *   if (ipq_publisher_open(&options, &publisher) != IPQ_OK) {
 *     fprintf(stderr, "%s\n", ipq_last_error());
 *     return 1;
 *   }
 *   ipq_publisher_enqueue(publisher, "hello", 5, IPQ_FOREVER, NULL);
 *   ipq_publisher_free(publisher);
 *
 * Results: a function that can fail returns an ipq_code. ipq_last_error() then says what was tried,
 * on what, and why it failed. A result pointer is changed only where the function says so.
 *
 * Threads: any thread may call any function on any object at any time, except to free an object
 * that another thread is using; close it first, which ends the calls that wait. Calls on one
 * endpoint take turns, and a call that waits lets short calls of other threads through. An endpoint
 * does not work in a forked child (IPQ_FAILED_PRECONDITION); open another one there. No function
 * may be called from a signal handler.
 *
 * Waiting: a function without "try" in its name that takes `timeout_ns` first tries, then polls for
 * the endpoint's spin time, then sleeps. It ends with IPQ_DEADLINE_EXCEEDED after `timeout_ns`
 * nanoseconds of a monotonic clock (0 allows one try, IPQ_FOREVER has no end), with IPQ_CANCELLED
 * when `stop` is raised (NULL for none), and with IPQ_FAILED_PRECONDITION when the endpoint is
 * closed. In each of these cases nothing was done. The other functions never wait.
 *
 * Every function that takes a queue's endpoint may return IPQ_INVALID_ARGUMENT (a null pointer, a
 * freed object, an object of another kind, a struct size that this library does not know),
 * IPQ_FAILED_PRECONDITION (closed, used in a forked child, or the queue has lost its name) and
 * IPQ_DATA_LOSS (the file is no sound queue). The comments at the functions name what else occurs.
 *
 * Structs: `struct_size` comes first and is the size that the caller was compiled with. Fields are
 * only ever added at the end. The library leaves alone what an older caller does not have, sets
 * fields of a newer caller that it does not know to zero, and refuses options of a newer caller
 * that are not zero there.
 */
#ifndef INTERPROCESS_H_
#define INTERPROCESS_H_

#include <stddef.h>
#include <stdint.h>

#include "interprocess_base.h"
#include "interprocess_inspect.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Publishers ---- */

/* Puts messages into a queue. Any thread may use it. */
typedef struct ipq_publisher ipq_publisher;

/* Room for one message in the queue itself. Filled by ipq_publisher_reserve; keep the fields. */
typedef struct ipq_reservation {
  size_t struct_size; /* sizeof(ipq_reservation), set by the caller */
  void* data;         /* at a multiple of 8, above 48 bytes of 64; holds anything at first */
  size_t size;        /* of the room, in bytes: what was asked for */
  uint64_t endpoint;  /* which publisher's it is */
  uint64_t token;     /* 0 when committed or aborted */
} ipq_reservation;

/* Attaches to the queue, making it if the mode allows. `*publisher` is NULL on failure.
 * IPQ_INVALID_ARGUMENT, IPQ_NOT_FOUND, IPQ_ALREADY_EXISTS, IPQ_PERMISSION_DENIED,
 * IPQ_FAILED_PRECONDITION (the queue has other options, both values are named; the program was
 * compiled for another version), IPQ_RESOURCE_EXHAUSTED, IPQ_DATA_LOSS. */
IPQ_API int ipq_publisher_open(const ipq_options* options, ipq_publisher** publisher);

/* Copies a message in. IPQ_OK: it will be delivered, whatever happens to this process.
 * IPQ_RESOURCE_EXHAUSTED: no room now. IPQ_INVALID_ARGUMENT: larger than
 * ipq_publisher_max_message_size. */
IPQ_API int ipq_publisher_try_enqueue(ipq_publisher* publisher, const void* data, size_t size);
IPQ_API int ipq_publisher_enqueue(ipq_publisher* publisher, const void* data, size_t size,
                                  int64_t timeout_ns, ipq_stop* stop);

/* Enqueues messages in order until one finds no room; `*enqueued` is how many went in, and 0 on
 * failure. IPQ_INVALID_ARGUMENT: one of them is too large; none went in. */
IPQ_API int ipq_publisher_try_enqueue_batch(ipq_publisher* publisher, const ipq_bytes* messages,
                                            size_t count, size_t* enqueued);
/* The same, waiting until the first one has room: at least 1 unless `count` is 0. */
IPQ_API int ipq_publisher_enqueue_batch(ipq_publisher* publisher, const ipq_bytes* messages,
                                        size_t count, size_t* enqueued, int64_t timeout_ns,
                                        ipq_stop* stop);

/* Room for a message of up to `size` bytes, to be filled in place by any thread. Do not hold it for
 * long: its place in the queue stays taken. Errors as in ipq_publisher_try_enqueue. */
IPQ_API int ipq_publisher_try_reserve(ipq_publisher* publisher, size_t size,
                                      ipq_reservation* reservation);
IPQ_API int ipq_publisher_reserve(ipq_publisher* publisher, size_t size,
                                  ipq_reservation* reservation, int64_t timeout_ns, ipq_stop* stop);

/* Makes the first `size` bytes a message, which will be delivered. IPQ_INVALID_ARGUMENT: `size` is
 * larger than what was reserved, or it is another publisher's reservation; IPQ_RESOURCE_EXHAUSTED:
 * a Cloudtoid queue has no room now; in both cases the reservation stays open.
 * IPQ_FAILED_PRECONDITION: the publisher was closed, or it was committed or aborted before. */
IPQ_API int ipq_publisher_commit(ipq_publisher* publisher, ipq_reservation* reservation,
                                 size_t size);
/* Gives the room back. IPQ_OK also if it was committed or aborted before. */
IPQ_API int ipq_publisher_abort(ipq_publisher* publisher, ipq_reservation* reservation);

/* The queue's capacity, and the largest message that it takes, in bytes; 0 for what is no
 * publisher. */
IPQ_API int64_t ipq_publisher_capacity(const ipq_publisher* publisher);
IPQ_API size_t ipq_publisher_max_message_size(const ipq_publisher* publisher);

/* How long a call that waits polls before it sleeps, in nanoseconds; 20,000 at first. */
IPQ_API int ipq_publisher_set_spin(ipq_publisher* publisher, int64_t spin_ns);

/* What an endpoint has counted since it was opened. */
typedef struct ipq_counters {
  size_t struct_size; /* sizeof(ipq_counters), set by the caller */
  int64_t messages;   /* enqueued or taken; a message that was borrowed and given back was taken */
  int64_t bytes;      /* of those messages */
  int64_t full_or_empty; /* how often it came upon a full queue (publisher) or an empty one
                            (subscriber); polls and waits one after the other count once */
  int64_t waits;         /* calls that waited */
  int64_t redelivered;   /* of `messages`: those marked redelivered */
} ipq_counters;

/* About how many messages wait in the queue, whatever its capacity in a few reads: those that are
 * being written count, those that were given back do not. IPQ_UNIMPLEMENTED: a Cloudtoid queue. */
IPQ_API int ipq_publisher_depth(ipq_publisher* publisher, int64_t* depth);
/* What it has counted since it was opened. */
IPQ_API int ipq_publisher_counters(ipq_publisher* publisher, ipq_counters* counters);

/* Leaves the queue. Ends the calls that wait and returns when they have ended; later calls return
 * IPQ_FAILED_PRECONDITION. Open reservations keep their memory, but commit no more. An error says
 * that something of the queue could not be removed; the publisher is closed all the same. Closing
 * again does nothing. */
IPQ_API int ipq_publisher_close(ipq_publisher* publisher);
/* Closes it, aborts its open reservations and frees it. */
IPQ_API void ipq_publisher_free(ipq_publisher* publisher);

/* ---- Subscribers ---- */

/* Takes messages out of a queue. Any thread may use it. */
typedef struct ipq_subscriber ipq_subscriber;

/* A received message. Filled by the functions that take it; keep the fields of a borrowed one. */
typedef struct ipq_message {
  size_t struct_size;          /* sizeof(ipq_message), set by the caller */
  const void* data;            /* in the caller's buffer, or in the queue if it is borrowed */
  size_t size;                 /* in bytes; also set when a buffer was too small for it */
  uint64_t position;           /* its number in the queue; Cloudtoid: 0 */
  uint32_t earlier_deliveries; /* how often it was handed out before */
  uint32_t redelivered;        /* 1: a subscriber died with it and may have acted on it */
  uint64_t endpoint;           /* which subscriber has lent it; 0: none */
  uint64_t token;              /* 0 unless it is borrowed and neither acknowledged nor given back */
} ipq_message;

/* As ipq_publisher_open. */
IPQ_API int ipq_subscriber_open(const ipq_options* options, ipq_subscriber** subscriber);

/* Takes the next message and copies it to the front of `buffer` of `size` bytes. `message` may be
 * NULL. IPQ_UNAVAILABLE: there is none now. IPQ_OUT_OF_RANGE: the buffer is too small; the message
 * stays, and `message->size` is what it needs. */
IPQ_API int ipq_subscriber_try_dequeue(ipq_subscriber* subscriber, void* buffer, size_t size,
                                       ipq_message* message);
IPQ_API int ipq_subscriber_dequeue(ipq_subscriber* subscriber, void* buffer, size_t size,
                                   ipq_message* message, int64_t timeout_ns, ipq_stop* stop);

/* Takes up to `max` messages that are there, one behind the other in `buffer`, each at a multiple
 * of 8 from its beginning; `*count` is how many, and 0 on failure. `messages` has room for `max`;
 * the first one's struct_size is that of each. IPQ_UNAVAILABLE: there is none (with `max` 0:
 * IPQ_OK). IPQ_OUT_OF_RANGE: there is no room for the first, whose size is in messages[0].size; it
 * stays. */
IPQ_API int ipq_subscriber_try_dequeue_batch(ipq_subscriber* subscriber, void* buffer, size_t size,
                                             ipq_message* messages, size_t max, size_t* count);
/* The same, waiting for the first one. */
IPQ_API int ipq_subscriber_dequeue_batch(ipq_subscriber* subscriber, void* buffer, size_t size,
                                         ipq_message* messages, size_t max, size_t* count,
                                         int64_t timeout_ns, ipq_stop* stop);

/* Lends the next message in place: nobody else gets it, and it is not gone. Any thread may read and
 * acknowledge it. If this process dies, another subscriber gets it, marked redelivered.
 * IPQ_UNAVAILABLE: there is none now. IPQ_UNIMPLEMENTED: a Cloudtoid queue lends one at a time. */
IPQ_API int ipq_subscriber_try_borrow(ipq_subscriber* subscriber, ipq_message* message);
IPQ_API int ipq_subscriber_borrow(ipq_subscriber* subscriber, ipq_message* message,
                                  int64_t timeout_ns, ipq_stop* stop);
/* Lends up to `max` messages that are there, as ipq_subscriber_try_dequeue_batch. */
IPQ_API int ipq_subscriber_try_borrow_batch(ipq_subscriber* subscriber, ipq_message* messages,
                                            size_t max, size_t* count);

/* Takes the borrowed message off the queue; allowed after closing too. IPQ_FAILED_PRECONDITION: it
 * was acknowledged or given back before. IPQ_INVALID_ARGUMENT: it is another subscriber's.
 * IPQ_UNIMPLEMENTED: Cloudtoid 2 lends for ten seconds, and they are over. */
IPQ_API int ipq_subscriber_acknowledge(ipq_subscriber* subscriber, ipq_message* message);
/* Acknowledges `message`, and if that went well lends the next one to it, in one call. After
 * IPQ_UNAVAILABLE the message is acknowledged and there is no other. */
IPQ_API int ipq_subscriber_acknowledge_and_try_borrow(ipq_subscriber* subscriber,
                                                      ipq_message* message);
/* Puts it back for any subscriber. IPQ_OK also if it was acknowledged or given back before. */
IPQ_API int ipq_subscriber_give_back(ipq_subscriber* subscriber, ipq_message* message);

/* For a queue that has lost its name (its file was deleted or moved; not on Windows): from now on
 * the functions take what is left in it. A try function returns IPQ_UNAVAILABLE when nothing is, a
 * waiting one IPQ_FAILED_PRECONDITION. IPQ_FAILED_PRECONDITION if the queue has its name. */
IPQ_API int ipq_subscriber_drain_nameless(ipq_subscriber* subscriber);

/* As those of publishers. Borrowed messages stay usable after closing, until they are acknowledged
 * or given back; freeing gives back those that are left. */
IPQ_API int64_t ipq_subscriber_capacity(const ipq_subscriber* subscriber);
IPQ_API size_t ipq_subscriber_max_message_size(const ipq_subscriber* subscriber);
IPQ_API int ipq_subscriber_set_spin(ipq_subscriber* subscriber, int64_t spin_ns);
IPQ_API int ipq_subscriber_depth(ipq_subscriber* subscriber, int64_t* depth);
IPQ_API int ipq_subscriber_counters(ipq_subscriber* subscriber, ipq_counters* counters);
IPQ_API int ipq_subscriber_close(ipq_subscriber* subscriber);
IPQ_API void ipq_subscriber_free(ipq_subscriber* subscriber);

/* ---- One thread for several queues ---- */

/* What to sleep on: begin with {sizeof(ipq_alarm)} and pass the same struct each time. Valid until
 * its subscriber is closed or its bell freed. */
typedef struct ipq_alarm {
  size_t struct_size; /* sizeof(ipq_alarm), set by the caller */
  uint64_t word;      /* 0: nothing wakes; look again after the limit */
  int64_t limit_ns;   /* the longest sleep */
  uint32_t value;     /* the word's value when it was armed */
  uint32_t reserved;  /* 0 */
} ipq_alarm;

/* The most alarms that one call of ipq_wait_any takes. */
#define IPQ_MAX_ALARMS 128

/* Arms the alarm: it goes off when there may be a message. Look (ipq_subscriber_try_dequeue) after
 * it and before the sleep. */
IPQ_API int ipq_subscriber_arm(ipq_subscriber* subscriber, ipq_alarm* alarm);

/* Sleeps until one of up to IPQ_MAX_ALARMS alarms goes off, for the smallest of their limits and
 * `timeout_ns` at most. May return early for no reason: look which queue has a message. */
IPQ_API int ipq_wait_any(const ipq_alarm* alarms, size_t count, int64_t timeout_ns);

/* Ends a sleep of ipq_wait_any in this process: arm it before the last look at what it is rung
 * for. */
typedef struct ipq_bell ipq_bell;

/* `*bell` is NULL on failure. IPQ_RESOURCE_EXHAUSTED: no memory. */
IPQ_API int ipq_bell_new(ipq_bell** bell);
/* Arms an alarm: it goes off when the bell is rung from now on. */
IPQ_API int ipq_bell_arm(ipq_bell* bell, ipq_alarm* alarm);
/* Ends the sleeps on its alarms. Never waits. */
IPQ_API int ipq_bell_ring(ipq_bell* bell);
/* No thread may be sleeping on its alarms. NULL is allowed. */
IPQ_API void ipq_bell_free(ipq_bell* bell);

#ifdef __cplusplus
}
#endif

#endif /* INTERPROCESS_H_ */
