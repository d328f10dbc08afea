/* SPDX-License-Identifier: MIT
 */

/* Looking at queues without taking part in them. Programs include interprocess.h.
 *
 * No function here waits for a message. Each may return IPQ_RESOURCE_EXHAUSTED (no memory).
 */
#ifndef INTERPROCESS_INSPECT_H_
#define INTERPROCESS_INSPECT_H_

#include <stddef.h>
#include <stdint.h>

#include "interprocess_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Looks at a queue without taking part in it. */
typedef struct ipq_inspector ipq_inspector;

/* Opens a queue read-only; NULL for the default directory. `*inspector` is NULL on failure.
 * IPQ_NOT_FOUND, IPQ_PERMISSION_DENIED, IPQ_INVALID_ARGUMENT, IPQ_DATA_LOSS,
 * IPQ_FAILED_PRECONDITION (the file system has another device number than when the queue was
 * used). */
IPQ_API int ipq_inspector_open(const char* name, const char* directory, int protocol,
                               ipq_inspector** inspector);
/* Bytes of payload that may wait in the queue; 0 for what is no inspector. */
IPQ_API int64_t ipq_inspector_capacity(const ipq_inspector* inspector);
/* As ipq_publisher_depth. */
IPQ_API int ipq_inspector_depth(ipq_inspector* inspector, int64_t* depth);
/* Does what any participant does when it finds another dead; `*resolved` is how many dead ones were
 * resolved. Cloudtoid: IPQ_UNIMPLEMENTED. */
IPQ_API int ipq_inspector_repair(ipq_inspector* inspector, int* resolved);
/* Frees it; what it has reported stays. NULL is allowed. */
IPQ_API void ipq_inspector_free(ipq_inspector* inspector);

/* Each of the following lists is a copy, made by one call. The strings and bytes that it hands out
 * live as long as it does. `index` is below the count; else IPQ_OUT_OF_RANGE. */
typedef struct ipq_report ipq_report;

/* Every number is right for some moment, not all for the same one. What a Cloudtoid format does not
 * tell is 0 or "". */
typedef struct ipq_queue_state {
  size_t struct_size;         /* sizeof(ipq_queue_state), set by the caller */
  const char* name;           /* as in ipq_options */
  const char* path;           /* of the file */
  int64_t capacity;           /* bytes of payload */
  int64_t file_size;          /* bytes */
  int32_t protocol;           /* ipq_protocol */
  int32_t format_version;     /* of the protocol, as the file has it */
  int32_t max_participants;   /* how many may be attached at one time */
  int32_t participants_known; /* 0: the format does not record them */
  int64_t slots;              /* how many messages may be in the queue, however short they are */
  int64_t ready;              /* messages that wait to be taken */
  int64_t reserved;           /* being written */
  int64_t claimed;            /* being read */
  int64_t ready_bytes;        /* of the messages that wait, without what surrounds them */
  int64_t tail;               /* positions given out so far */
  int64_t returned;       /* how often a message was given back or taken from a dead subscriber */
  int32_t one_publisher;  /* 1: made for one publisher at a time */
  int32_t one_subscriber; /* 1: for one subscriber at a time */
} ipq_queue_state;

/* One endpoint that is attached, or was until its process died. */
typedef struct ipq_participant {
  size_t struct_size;       /* sizeof(ipq_participant), set by the caller */
  const char* role;         /* "publisher", "subscriber" or "inspector" */
  const char* waits_for;    /* "data", "space" or "" */
  int64_t process_id;       /* within the process's own PID namespace; 0 if not known */
  int64_t process_start_ns; /* wall clock, since 1970; 0 if not known */
  int64_t messages;         /* enqueued or taken since it joined */
  int64_t bytes;            /* of those messages */
  int64_t full_or_empty;    /* how often it found the queue full or empty */
  int64_t sleeps;           /* how often it was taken off the processor while it waited */
  int64_t holds;            /* reservations or claims that name it now */
  int32_t id;               /* its number in the queue, used again when it has left */
  int32_t alive;            /* 0: it died, and nobody has resolved yet what it left */
} ipq_participant;

/* Looks at every message and every participant that there may be. `*report` is NULL on failure. */
IPQ_API int ipq_inspector_report(ipq_inspector* inspector, ipq_report** report);
/* What it says of the queue. */
IPQ_API int ipq_report_queue(const ipq_report* report, ipq_queue_state* state);
/* How many participants it has; 0 for what is no report. */
IPQ_API size_t ipq_report_participant_count(const ipq_report* report);
/* What it says of one of them. */
IPQ_API int ipq_report_participant(const ipq_report* report, size_t index,
                                   ipq_participant* participant);
/* Frees it, with its strings. NULL is allowed. */
IPQ_API void ipq_report_free(ipq_report* report);

/* What is not as it should be, from a check of every invariant of the file. */
typedef struct ipq_findings ipq_findings;

/* On a queue in use, what changes while it is looked at is looked at again, so that only lasting
 * damage is reported. `*findings` is NULL on failure. */
IPQ_API int ipq_inspector_check(ipq_inspector* inspector, ipq_findings** findings);
/* 0: the queue is sound. */
IPQ_API size_t ipq_findings_count(const ipq_findings* findings);
/* `*damaged` is 1 if bytes were changed by something else than this library, 0 for a note. */
IPQ_API int ipq_findings_get(const ipq_findings* findings, size_t index, int* damaged,
                             const char** what);
/* Frees it, with its strings. NULL is allowed. */
IPQ_API void ipq_findings_free(ipq_findings* findings);

/* Copies of the first messages that wait, at most `max`. They stay in the queue. */
typedef struct ipq_messages ipq_messages;

/* One that is taken meanwhile may be among them or not. `*messages` is NULL on failure. */
IPQ_API int ipq_inspector_peek(ipq_inspector* inspector, size_t max, ipq_messages** messages);
/* How many there are; 0 for what is no such list. */
IPQ_API size_t ipq_messages_count(const ipq_messages* messages);
/* One of them, whose bytes live as long as the list. */
IPQ_API int ipq_messages_get(const ipq_messages* messages, size_t index, ipq_bytes* bytes);
/* Frees it, with its bytes. NULL is allowed. */
IPQ_API void ipq_messages_free(ipq_messages* messages);

/* The queues in a directory, sorted by name, with the files there that are no sound queues. */
typedef struct ipq_queue_list ipq_queue_list;

/* A queue of a directory. */
typedef struct ipq_queue_entry {
  size_t struct_size; /* sizeof(ipq_queue_entry), set by the caller */
  const char* name;   /* as in ipq_options */
  const char* path;   /* of the file */
  const char* error;  /* why the file cannot be used; "" if it can */
  int64_t capacity;   /* bytes of payload; 0 if it cannot be used */
  int32_t code;       /* IPQ_OK if it can be used */
  int32_t reserved;   /* 0 */
} ipq_queue_entry;

/* NULL for the default directory. If that or a folder of it is missing, there are none. `*list` is
 * NULL on failure. IPQ_NOT_FOUND, IPQ_PERMISSION_DENIED, IPQ_INVALID_ARGUMENT: the directory. */
IPQ_API int ipq_list_queues(const char* directory, int protocol, ipq_queue_list** list);
/* How many there are; 0 for what is no such list. */
IPQ_API size_t ipq_queue_list_count(const ipq_queue_list* list);
/* One of them. */
IPQ_API int ipq_queue_list_get(const ipq_queue_list* list, size_t index, ipq_queue_entry* entry);
/* Frees it, with its strings. NULL is allowed. */
IPQ_API void ipq_queue_list_free(ipq_queue_list* list);

#ifdef __cplusplus
}
#endif

#endif /* INTERPROCESS_INSPECT_H_ */
