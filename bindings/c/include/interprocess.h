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

#if defined(_WIN32) && defined(IPQ_BUILDS_DLL)
#define IPQ_API __declspec(dllexport)
#elif defined(_WIN32) && !defined(IPQ_STATIC)
#define IPQ_API __declspec(dllimport)
#elif defined(__GNUC__)
#define IPQ_API __attribute__((visibility("default")))
#else
#define IPQ_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header: 1,000,000 * major + 1,000 * minor + patch, and as text. */
#define IPQ_VERSION 1000
#define IPQ_VERSION_TEXT "0.1.0"

typedef enum ipq_code {
  IPQ_OK = 0,
  IPQ_CANCELLED = 1,           /* the stop was raised */
  IPQ_INVALID_ARGUMENT = 3,    /* an argument or option that no queue takes */
  IPQ_DEADLINE_EXCEEDED = 4,   /* the time is over */
  IPQ_NOT_FOUND = 5,           /* no such queue, directory or account */
  IPQ_ALREADY_EXISTS = 6,      /* IPQ_CREATE_NEW, and there is one */
  IPQ_PERMISSION_DENIED = 7,   /* the system refuses it */
  IPQ_RESOURCE_EXHAUSTED = 8,  /* the queue is full; no space or memory; too many participants */
  IPQ_FAILED_PRECONDITION = 9, /* closed, forked, nameless, or other options than the queue's */
  IPQ_OUT_OF_RANGE = 11,       /* the buffer is too small */
  IPQ_UNIMPLEMENTED = 12,      /* the protocol or the system cannot do it */
  IPQ_INTERNAL = 13,           /* a fault of this library */
  IPQ_UNAVAILABLE = 14,        /* there is no message now; another process holds a lock */
  IPQ_DATA_LOSS = 15           /* the file is damaged or is no queue */
} ipq_code;

/* The library's version, which may be another than the header's. Never fails. */
IPQ_API const char* ipq_version(void);

/* IPQ_OK if this library serves a program that was compiled with the header of that version (pass
 * IPQ_VERSION): the same major version, and not newer than the library. IPQ_FAILED_PRECONDITION if
 * not, with an error that names both. For programs that load the library themselves; opening an
 * endpoint checks by itself. */
IPQ_API int ipq_check_version(int header_version);

/* "FAILED_PRECONDITION" for 9; "UNKNOWN" for a number that is no code. */
IPQ_API const char* ipq_code_name(int code);

/* What the last function of this library that failed in this thread says about it; "" if none did.
 * One line of UTF-8 as far as names and paths are, at most 2,047 bytes. Valid until the thread's
 * next call that fails. */
IPQ_API const char* ipq_last_error(void);

#define IPQ_FOREVER ((int64_t)-1)

/* ---- Queues ---- */

/* The wire format. Processes that share a queue use the same one. */
typedef enum ipq_protocol {
  IPQ_NATIVE = 0,
  IPQ_CLOUDTOID_V2 = 2,     /* of the .NET library Cloudtoid.Interprocess 2.x */
  IPQ_CLOUDTOID_V3 = 3,     /* of Cloudtoid.Interprocess 3.x */
  IPQ_CLOUDTOID_V2_FORK = 4 /* version 2 as the Yellow Dog Man fork has it */
} ipq_protocol;

typedef enum ipq_mode {
  IPQ_OPEN_OR_CREATE = 0, /* an existing queue must have been made with the same options */
  IPQ_OPEN_EXISTING = 1,  /* takes the queue's own options */
  IPQ_CREATE_NEW = 2
} ipq_mode;

typedef enum ipq_access {
  IPQ_OWNER = 0,   /* 0600 */
  IPQ_GROUP = 1,   /* 0660 */
  IPQ_EVERYONE = 2 /* 0666 */
} ipq_access;

/* Call ipq_options_init first, then set what differs. The strings are used during the call only. */
typedef struct ipq_options {
  size_t struct_size;
  int32_t header_version;   /* IPQ_VERSION of the caller */
  int32_t protocol;         /* ipq_protocol; default: IPQ_NATIVE */
  const char* name;         /* 1 to 200 bytes; no '/', '\', control character, "..", leading '.' */
  const char* directory;    /* an existing one; NULL or "": ipq_default_directory */
  int64_t capacity;         /* bytes of payload that may wait, 1 to 2^36; default: 1 MiB. Rounded up
                               to a power of two of at least 4,096 (Cloudtoid: exact) */
  int32_t mode;             /* ipq_mode; default: IPQ_OPEN_OR_CREATE */
  int32_t access;           /* ipq_access, of a queue that is made now; default: IPQ_OWNER */
  const char* account;      /* what else may open a queue that is made now: a group, on Windows an
                               account; default: NULL, nobody */
  int32_t max_participants; /* attached at one time, 2 to 8,191; default: 1,024 */
  int32_t keep_undelivered; /* not 0: messages stay when the last one leaves; default: 1 */
  int32_t reserve_space;    /* not 0: the file's space is taken when it is made; default: 1 */
  int32_t across_sessions;  /* not 0: participants in several Windows sessions; default: 0 */
  int32_t one_publisher;  /* not 0: one publisher at a time, whose messages cost less; default: 0 */
  int32_t one_subscriber; /* the same of subscribers; default: 0 */
} ipq_options;

/* Sets all options to their defaults, and the size and version to the caller's. */
#define ipq_options_init(options) \
  ipq_options_init_sized((options), sizeof(ipq_options), IPQ_VERSION)
IPQ_API void ipq_options_init_sized(ipq_options* options, size_t struct_size, int header_version);

/* Where queues live if the options name no directory. Copies the path with its final zero to
 * `buffer` of `size` bytes. IPQ_OUT_OF_RANGE: it has no room. In both cases `*length`, unless that
 * is NULL, is the path's length without the zero. */
IPQ_API int ipq_default_directory(int protocol, char* buffer, size_t size, size_t* length);

/* Removes the queue of that name with all its messages, whoever uses it. NULL: the default
 * directory. IPQ_NOT_FOUND, IPQ_PERMISSION_DENIED, IPQ_UNAVAILABLE, IPQ_UNIMPLEMENTED. */
IPQ_API int ipq_remove_queue(const char* name, const char* directory, int protocol);

/* ---- Stopping ---- */

/* Ends calls that wait, from any thread. While it is raised, the calls that it was passed to, and
 * later ones, return IPQ_CANCELLED at once and do nothing. */
typedef struct ipq_stop ipq_stop;

IPQ_API int ipq_stop_new(ipq_stop** stop);
IPQ_API int ipq_stop_raise(ipq_stop* stop);
IPQ_API int ipq_stop_clear(ipq_stop* stop);
/* 1 or 0; 0 also for what is no stop. */
IPQ_API int ipq_stop_is_raised(const ipq_stop* stop);
/* No call that it was passed to may be running. NULL is allowed, here and in all free functions. */
IPQ_API void ipq_stop_free(ipq_stop* stop);

/* ---- Publishers ---- */

typedef struct ipq_publisher ipq_publisher;

typedef struct ipq_bytes {
  const void* data; /* may be NULL if `size` is 0 */
  size_t size;
} ipq_bytes;

/* Room for one message in the queue itself. Filled by ipq_publisher_reserve; keep the fields. */
typedef struct ipq_reservation {
  size_t struct_size;
  void* data; /* at a multiple of 8, above 48 bytes of 64; holds anything at first */
  size_t size;
  uint64_t endpoint;
  uint64_t token; /* 0 when committed or aborted */
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
  size_t struct_size;
  int64_t messages; /* enqueued or taken; a message that was borrowed and given back was taken */
  int64_t bytes;    /* of those messages */
  int64_t full_or_empty; /* how often it came upon a full queue (publisher) or an empty one
                            (subscriber); polls and waits one after the other count once */
  int64_t waits;         /* calls that waited */
  int64_t redelivered;   /* of `messages`: those marked redelivered */
} ipq_counters;

/* About how many messages wait in the queue, whatever its capacity in a few reads: those that are
 * being written count, those that were given back do not. IPQ_UNIMPLEMENTED: a Cloudtoid queue. */
IPQ_API int ipq_publisher_depth(ipq_publisher* publisher, int64_t* depth);
IPQ_API int ipq_publisher_counters(ipq_publisher* publisher, ipq_counters* counters);

/* Leaves the queue. Ends the calls that wait and returns when they have ended; later calls return
 * IPQ_FAILED_PRECONDITION. Open reservations keep their memory, but commit no more. An error says
 * that something of the queue could not be removed; the publisher is closed all the same. Closing
 * again does nothing. */
IPQ_API int ipq_publisher_close(ipq_publisher* publisher);
/* Closes it, aborts its open reservations and frees it. */
IPQ_API void ipq_publisher_free(ipq_publisher* publisher);

/* ---- Subscribers ---- */

typedef struct ipq_subscriber ipq_subscriber;

/* A received message. Filled by the functions that take it; keep the fields of a borrowed one. */
typedef struct ipq_message {
  size_t struct_size;
  const void* data; /* in the caller's buffer, or in the queue if it is borrowed */
  size_t size;
  uint64_t position;           /* its number in the queue; Cloudtoid: 0 */
  uint32_t earlier_deliveries; /* how often it was handed out before */
  uint32_t redelivered;        /* 1: a subscriber died with it and may have acted on it */
  uint64_t endpoint;
  uint64_t token; /* 0 unless it is borrowed and neither acknowledged nor given back */
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
  size_t struct_size;
  uint64_t word;    /* 0: nothing wakes; look again after the limit */
  int64_t limit_ns; /* the longest sleep */
  uint32_t value;
  uint32_t reserved;
} ipq_alarm;

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

IPQ_API int ipq_bell_new(ipq_bell** bell);
IPQ_API int ipq_bell_arm(ipq_bell* bell, ipq_alarm* alarm);
IPQ_API int ipq_bell_ring(ipq_bell* bell);
IPQ_API void ipq_bell_free(ipq_bell* bell);

/* ---- Looking at queues ---- */

/* Looks at a queue without taking part in it. The default directory if that is NULL. */
typedef struct ipq_inspector ipq_inspector;

IPQ_API int ipq_inspector_open(const char* name, const char* directory, int protocol,
                               ipq_inspector** inspector);
IPQ_API int64_t ipq_inspector_capacity(const ipq_inspector* inspector);
/* As ipq_publisher_depth. */
IPQ_API int ipq_inspector_depth(ipq_inspector* inspector, int64_t* depth);
/* Does what any participant does when it finds another dead; `*resolved` is how many dead ones were
 * resolved. Cloudtoid: IPQ_UNIMPLEMENTED. */
IPQ_API int ipq_inspector_repair(ipq_inspector* inspector, int* resolved);
IPQ_API void ipq_inspector_free(ipq_inspector* inspector);

/* Each of the following lists is a copy, made by one call. The strings and bytes that it hands out
 * live as long as it does. `index` is below the count; else IPQ_OUT_OF_RANGE. */
typedef struct ipq_report ipq_report;

/* Every number is right for some moment, not all for the same one. What a Cloudtoid format does not
 * tell is 0 or "". */
typedef struct ipq_queue_state {
  size_t struct_size;
  const char* name;
  const char* path;
  int64_t capacity;  /* bytes of payload */
  int64_t file_size; /* bytes */
  int32_t protocol;
  int32_t format_version;
  int32_t max_participants;
  int32_t participants_known; /* 0: the format does not record them */
  int64_t slots;
  int64_t ready;    /* messages that wait to be taken */
  int64_t reserved; /* being written */
  int64_t claimed;  /* being read */
  int64_t ready_bytes;
  int64_t tail;           /* positions given out so far */
  int64_t returned;       /* how often a message was given back or taken from a dead subscriber */
  int32_t one_publisher;  /* 1: made for one publisher at a time */
  int32_t one_subscriber; /* 1: for one subscriber at a time */
} ipq_queue_state;

typedef struct ipq_participant {
  size_t struct_size;
  const char* role;      /* "publisher", "subscriber" or "inspector" */
  const char* waits_for; /* "data", "space" or "" */
  int64_t process_id;
  int64_t process_start_ns; /* wall clock, since 1970; 0 if not known */
  int64_t messages;         /* enqueued or taken since it joined */
  int64_t bytes;
  int64_t full_or_empty; /* how often it found the queue full or empty */
  int64_t sleeps;
  int64_t holds; /* reservations or claims that name it now */
  int32_t id;
  int32_t alive;
} ipq_participant;

IPQ_API int ipq_inspector_report(ipq_inspector* inspector, ipq_report** report);
IPQ_API int ipq_report_queue(const ipq_report* report, ipq_queue_state* state);
IPQ_API size_t ipq_report_participant_count(const ipq_report* report);
IPQ_API int ipq_report_participant(const ipq_report* report, size_t index,
                                   ipq_participant* participant);
IPQ_API void ipq_report_free(ipq_report* report);

/* What is not as it should be, from a check of every invariant of the file. */
typedef struct ipq_findings ipq_findings;

IPQ_API int ipq_inspector_check(ipq_inspector* inspector, ipq_findings** findings);
/* 0: the queue is sound. */
IPQ_API size_t ipq_findings_count(const ipq_findings* findings);
/* `*damaged` is 1 if bytes were changed by something else than this library, 0 for a note. */
IPQ_API int ipq_findings_get(const ipq_findings* findings, size_t index, int* damaged,
                             const char** what);
IPQ_API void ipq_findings_free(ipq_findings* findings);

/* Copies of the first messages that wait, at most `max`. They stay in the queue. */
typedef struct ipq_messages ipq_messages;

IPQ_API int ipq_inspector_peek(ipq_inspector* inspector, size_t max, ipq_messages** messages);
IPQ_API size_t ipq_messages_count(const ipq_messages* messages);
IPQ_API int ipq_messages_get(const ipq_messages* messages, size_t index, ipq_bytes* bytes);
IPQ_API void ipq_messages_free(ipq_messages* messages);

/* The queues in a directory, sorted by name, with the files there that are no sound queues. */
typedef struct ipq_queue_list ipq_queue_list;

typedef struct ipq_queue_entry {
  size_t struct_size;
  const char* name;
  const char* path;
  const char* error; /* why the file cannot be used; "" if it can */
  int64_t capacity;
  int32_t code; /* IPQ_OK if it can be used */
  int32_t reserved;
} ipq_queue_entry;

IPQ_API int ipq_list_queues(const char* directory, int protocol, ipq_queue_list** list);
IPQ_API size_t ipq_queue_list_count(const ipq_queue_list* list);
IPQ_API int ipq_queue_list_get(const ipq_queue_list* list, size_t index, ipq_queue_entry* entry);
IPQ_API void ipq_queue_list_free(ipq_queue_list* list);

#ifdef __cplusplus
}
#endif

#endif /* INTERPROCESS_H_ */
