/* SPDX-License-Identifier: MIT
 */

/* What all of the C interface has in common: versions, codes, the options of a queue, and stopping.
 * Programs include interprocess.h.
 */
#ifndef INTERPROCESS_BASE_H_
#define INTERPROCESS_BASE_H_

#include <stddef.h>
#include <stdint.h>

/* What each function is declared with, so that the library exports it. Define IPQ_STATIC before the
 * header to link the static library on Windows. */
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

/* The version of this header: 1,000,000 * major + 1,000 * minor + patch. */
#define IPQ_VERSION 1000
/* The same as text. */
#define IPQ_VERSION_TEXT "0.1.0"

/* What a function that can fail returns. */
typedef enum ipq_code {
  IPQ_OK = 0,                  /* done */
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

/* A `timeout_ns` that has no end; every other negative one has none either. */
#define IPQ_FOREVER ((int64_t)-1)

/* ---- Queues ---- */

/* The wire format. Processes that share a queue use the same one. */
typedef enum ipq_protocol {
  IPQ_NATIVE = 0,           /* this library's own */
  IPQ_CLOUDTOID_V2 = 2,     /* of the .NET library Cloudtoid.Interprocess 2.x */
  IPQ_CLOUDTOID_V3 = 3,     /* of Cloudtoid.Interprocess 3.x */
  IPQ_CLOUDTOID_V2_FORK = 4 /* version 2 as the Yellow Dog Man fork has it */
} ipq_protocol;

/* What opening does when a queue of that name exists, and when none does. */
typedef enum ipq_mode {
  IPQ_OPEN_OR_CREATE = 0, /* an existing queue must have been made with the same options */
  IPQ_OPEN_EXISTING = 1,  /* takes the queue's own options; IPQ_NOT_FOUND if there is none */
  IPQ_CREATE_NEW = 2      /* IPQ_ALREADY_EXISTS if there is one */
} ipq_mode;

/* Which users may open a queue that is made now: the mode of its file. */
typedef enum ipq_access {
  IPQ_OWNER = 0,   /* 0600 */
  IPQ_GROUP = 1,   /* 0660 */
  IPQ_EVERYONE = 2 /* 0666 */
} ipq_access;

/* Call ipq_options_init first, then set what differs. The strings are used during the call only. */
typedef struct ipq_options {
  size_t struct_size;       /* set by ipq_options_init */
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

/* Makes one that is not raised. `*stop` is NULL on failure. IPQ_RESOURCE_EXHAUSTED: no memory. */
IPQ_API int ipq_stop_new(ipq_stop** stop);
/* Raises it; raising it again does nothing. Never waits. */
IPQ_API int ipq_stop_raise(ipq_stop* stop);
/* Takes the raising back, for calls that begin from now on. */
IPQ_API int ipq_stop_clear(ipq_stop* stop);
/* 1 or 0; 0 also for what is no stop. */
IPQ_API int ipq_stop_is_raised(const ipq_stop* stop);
/* No call that it was passed to may be running. NULL is allowed, here and in all free functions. */
IPQ_API void ipq_stop_free(ipq_stop* stop);

/* ---- Bytes ---- */

/* Some bytes: a message of a batch, or a copy of one. */
typedef struct ipq_bytes {
  const void* data; /* may be NULL if `size` is 0 */
  size_t size;      /* how many */
} ipq_bytes;

#ifdef __cplusplus
}
#endif

#endif /* INTERPROCESS_BASE_H_ */
