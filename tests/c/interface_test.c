/* SPDX-License-Identifier: MIT
 */

/* The C interface in C11: every function once, and what it says to bad input. */

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interprocess.h"

static int failures = 0;
static const char* directory;

#define EXPECT(condition)                                                         \
  do {                                                                            \
    if (!(condition)) {                                                           \
      fprintf(stderr, "%s:%d: FAILED: %s (%s)\n", __FILE__, __LINE__, #condition, \
              ipq_last_error());                                                  \
      ++failures;                                                                 \
    }                                                                             \
  } while (0)

/* The call returns the code, and the error's text has `part` in it. */
#define EXPECT_ERROR(call, code, part)                                            \
  do {                                                                            \
    const int got = (call);                                                       \
    if (got != (code) || strstr(ipq_last_error(), (part)) == NULL) {              \
      fprintf(stderr, "%s:%d: FAILED: %s is %s: %s\n", __FILE__, __LINE__, #call, \
              ipq_code_name(got), ipq_last_error());                              \
      ++failures;                                                                 \
    }                                                                             \
  } while (0)

static ipq_options options_of(const char* name) {
  ipq_options options;
  ipq_options_init(&options);
  options.name = name;
  options.directory = directory;
  options.capacity = 65536;
  return options;
}

static ipq_publisher* publisher_of(const char* name) {
  const ipq_options options = options_of(name);
  ipq_publisher* publisher = NULL;
  EXPECT(ipq_publisher_open(&options, &publisher) == IPQ_OK);
  return publisher;
}

static ipq_subscriber* subscriber_of(const char* name) {
  const ipq_options options = options_of(name);
  ipq_subscriber* subscriber = NULL;
  EXPECT(ipq_subscriber_open(&options, &subscriber) == IPQ_OK);
  return subscriber;
}

static void test_exchange(void) {
  ipq_publisher* publisher = publisher_of("exchange");
  ipq_subscriber* subscriber = subscriber_of("exchange");
  char buffer[256];
  ipq_message message = {.struct_size = sizeof message};
  EXPECT(ipq_publisher_capacity(publisher) == 65536);
  EXPECT(ipq_publisher_max_message_size(publisher) == 65536);
  EXPECT(ipq_subscriber_capacity(subscriber) == 65536);
  EXPECT(ipq_subscriber_max_message_size(subscriber) == 65536);
  EXPECT(ipq_publisher_set_spin(publisher, 0) == IPQ_OK);
  EXPECT(ipq_subscriber_set_spin(subscriber, -1) == IPQ_OK);

  EXPECT_ERROR(ipq_subscriber_try_dequeue(subscriber, buffer, sizeof buffer, &message),
               IPQ_UNAVAILABLE, "no message");
  EXPECT(ipq_publisher_try_enqueue(publisher, "hello", 5) == IPQ_OK);
  EXPECT(ipq_publisher_enqueue(publisher, NULL, 0, IPQ_FOREVER, NULL) == IPQ_OK);
  EXPECT_ERROR(ipq_subscriber_try_dequeue(subscriber, buffer, 4, &message), IPQ_OUT_OF_RANGE, "5");
  EXPECT(message.size == 5);
  EXPECT(ipq_subscriber_try_dequeue(subscriber, buffer, sizeof buffer, &message) == IPQ_OK);
  EXPECT(message.size == 5 && message.data == buffer && memcmp(buffer, "hello", 5) == 0);
  const uint64_t position = message.position;
  EXPECT(ipq_subscriber_dequeue(subscriber, NULL, 0, &message, IPQ_FOREVER, NULL) == IPQ_OK);
  EXPECT(message.size == 0 && message.position > position);
  EXPECT_ERROR(ipq_subscriber_dequeue(subscriber, buffer, 9, NULL, 1000, NULL),
               IPQ_DEADLINE_EXCEEDED, "time");

  const ipq_bytes batch[] = {{"a", 1}, {"bc", 2}, {"def", 3}};
  size_t count = 9;
  EXPECT(ipq_publisher_try_enqueue_batch(publisher, batch, 3, &count) == IPQ_OK && count == 3);
  ipq_message several[4] = {{.struct_size = sizeof(ipq_message)}};
  EXPECT(ipq_subscriber_try_dequeue_batch(subscriber, buffer, sizeof buffer, several, 2, &count) ==
         IPQ_OK);
  EXPECT(count == 2 && several[1].size == 2 && memcmp(several[1].data, "bc", 2) == 0);
  EXPECT(several[1].data == buffer + 8);
  EXPECT(ipq_subscriber_dequeue_batch(subscriber, buffer, sizeof buffer, several, 4, &count,
                                      IPQ_FOREVER, NULL) == IPQ_OK);
  EXPECT(count == 1 && several[0].size == 3);
  EXPECT(ipq_subscriber_try_dequeue_batch(subscriber, buffer, sizeof buffer, several, 0, &count) ==
         IPQ_OK);

  int64_t depth = -1;
  EXPECT(ipq_publisher_enqueue_batch(publisher, batch, 3, &count, IPQ_FOREVER, NULL) == IPQ_OK);
  EXPECT(count == 3);
  EXPECT(ipq_publisher_depth(publisher, &depth) == IPQ_OK && depth == 3);
  EXPECT(ipq_subscriber_try_dequeue(subscriber, buffer, sizeof buffer, NULL) == IPQ_OK);
  EXPECT(ipq_subscriber_depth(subscriber, &depth) == IPQ_OK && depth == 2);
  ipq_counters counters = {.struct_size = sizeof counters};
  EXPECT(ipq_publisher_counters(publisher, &counters) == IPQ_OK);
  EXPECT(counters.messages == 8 && counters.bytes == 17 && counters.waits == 0);
  EXPECT(ipq_subscriber_counters(subscriber, &counters) == IPQ_OK);
  EXPECT(counters.messages == 6 && counters.bytes == 12 && counters.waits == 1);
  EXPECT_ERROR(ipq_publisher_depth(publisher, NULL), IPQ_INVALID_ARGUMENT, "null");
  counters.struct_size = 8;
  EXPECT_ERROR(ipq_publisher_counters(publisher, &counters), IPQ_INVALID_ARGUMENT, "struct_size");
  EXPECT(ipq_subscriber_try_dequeue_batch(subscriber, buffer, sizeof buffer, several, 4, &count) ==
             IPQ_OK &&
         count == 2);

  ipq_publisher_free(publisher);
  ipq_subscriber_free(subscriber);
}

static void test_in_place(void) {
  ipq_publisher* publisher = publisher_of("place");
  ipq_subscriber* subscriber = subscriber_of("place");
  ipq_subscriber* other = subscriber_of("place");
  ipq_reservation room = {.struct_size = sizeof room};
  EXPECT(ipq_publisher_try_reserve(publisher, 100, &room) == IPQ_OK);
  EXPECT(room.size == 100 && (uintptr_t)room.data % 64 == 0);
  memcpy(room.data, "in place", 8);
  EXPECT_ERROR(ipq_publisher_commit(publisher, &room, 101), IPQ_INVALID_ARGUMENT, "101");
  EXPECT(ipq_publisher_commit(publisher, &room, 8) == IPQ_OK && room.data == NULL);
  EXPECT_ERROR(ipq_publisher_commit(publisher, &room, 8), IPQ_FAILED_PRECONDITION, "before");
  EXPECT(ipq_publisher_reserve(publisher, 1, &room, 0, NULL) == IPQ_OK);
  EXPECT(ipq_publisher_abort(publisher, &room) == IPQ_OK);
  EXPECT(ipq_publisher_abort(publisher, &room) == IPQ_OK);

  ipq_message message = {.struct_size = sizeof message};
  EXPECT(ipq_subscriber_borrow(subscriber, &message, IPQ_FOREVER, NULL) == IPQ_OK);
  EXPECT(message.size == 8 && memcmp(message.data, "in place", 8) == 0);
  EXPECT_ERROR(ipq_subscriber_acknowledge(other, &message), IPQ_INVALID_ARGUMENT, "another");
  EXPECT(ipq_subscriber_give_back(subscriber, &message) == IPQ_OK);
  EXPECT(ipq_subscriber_give_back(subscriber, &message) == IPQ_OK);
  EXPECT_ERROR(ipq_subscriber_acknowledge(subscriber, &message), IPQ_FAILED_PRECONDITION, "before");
  EXPECT(ipq_subscriber_try_borrow(subscriber, &message) == IPQ_OK);
  EXPECT(message.earlier_deliveries == 1 && !message.redelivered);
  EXPECT(ipq_publisher_try_enqueue(publisher, "next", 4) == IPQ_OK);
  EXPECT(ipq_subscriber_acknowledge_and_try_borrow(subscriber, &message) == IPQ_OK);
  EXPECT(message.size == 4 && memcmp(message.data, "next", 4) == 0);
  EXPECT_ERROR(ipq_subscriber_acknowledge_and_try_borrow(subscriber, &message), IPQ_UNAVAILABLE,
               "");
  EXPECT(message.token == 0);
  for (int i = 0; i < 3; ++i) EXPECT(ipq_publisher_try_enqueue(publisher, "m", 1) == IPQ_OK);
  ipq_message several[4] = {{.struct_size = sizeof(ipq_message)}};
  size_t count = 0;
  EXPECT(ipq_subscriber_try_borrow_batch(subscriber, several, 4, &count) == IPQ_OK && count == 3);
  /* Closed, it still takes what it lent; freed, it gives back what is left. */
  EXPECT(ipq_subscriber_close(subscriber) == IPQ_OK);
  EXPECT(ipq_subscriber_acknowledge(subscriber, &several[1]) == IPQ_OK);
  ipq_subscriber_free(subscriber);
  EXPECT_ERROR(ipq_subscriber_acknowledge(subscriber, &several[0]), IPQ_INVALID_ARGUMENT, "freed");
  EXPECT(ipq_subscriber_try_borrow_batch(other, several, 4, &count) == IPQ_OK && count == 2);
  EXPECT_ERROR(ipq_subscriber_drain_nameless(other), IPQ_FAILED_PRECONDITION, "has not lost");
  for (size_t i = 0; i < count; ++i)
    EXPECT(ipq_subscriber_acknowledge(other, &several[i]) == IPQ_OK);
  ipq_subscriber_free(other);
  ipq_publisher_free(publisher);
}

static void* raise_when_it_waits(void* stop) {
  /* Until the other thread sleeps in the queue. */
  ipq_inspector* inspector = NULL;
  EXPECT(ipq_inspector_open("stop", directory, IPQ_NATIVE, &inspector) == IPQ_OK);
  for (int waits = 0; !waits;) {
    ipq_report* report = NULL;
    EXPECT(ipq_inspector_report(inspector, &report) == IPQ_OK);
    for (size_t i = 0; i < ipq_report_participant_count(report); ++i) {
      ipq_participant participant = {.struct_size = sizeof participant};
      EXPECT(ipq_report_participant(report, i, &participant) == IPQ_OK);
      waits |= strcmp(participant.waits_for, "data") == 0;
    }
    ipq_report_free(report);
  }
  ipq_inspector_free(inspector);
  EXPECT(ipq_stop_raise(stop) == IPQ_OK);
  return NULL;
}

static void test_waits(void) {
  ipq_subscriber* subscriber = subscriber_of("stop");
  ipq_stop* stop = NULL;
  EXPECT(ipq_stop_new(&stop) == IPQ_OK && !ipq_stop_is_raised(stop));
  pthread_t thread;
  EXPECT(pthread_create(&thread, NULL, raise_when_it_waits, stop) == 0);
  EXPECT_ERROR(ipq_subscriber_dequeue(subscriber, NULL, 0, NULL, IPQ_FOREVER, stop), IPQ_CANCELLED,
               "stopped");
  pthread_join(thread, NULL);
  EXPECT(ipq_stop_is_raised(stop));
  EXPECT(ipq_stop_clear(stop) == IPQ_OK && !ipq_stop_is_raised(stop));

  ipq_alarm alarms[2] = {{.struct_size = sizeof(ipq_alarm)}, {.struct_size = sizeof(ipq_alarm)}};
  ipq_bell* bell = NULL;
  EXPECT(ipq_bell_new(&bell) == IPQ_OK);
  EXPECT(ipq_subscriber_arm(subscriber, &alarms[0]) == IPQ_OK);
  EXPECT(ipq_bell_arm(bell, &alarms[1]) == IPQ_OK);
  EXPECT(ipq_bell_ring(bell) == IPQ_OK);
  EXPECT(ipq_wait_any(alarms, 2, IPQ_FOREVER) == IPQ_OK);
  EXPECT(ipq_wait_any(alarms, 1, 1000) == IPQ_OK);
  EXPECT_ERROR(ipq_wait_any(alarms, 0, 0), IPQ_INVALID_ARGUMENT, "0 alarms");
  EXPECT_ERROR(ipq_wait_any(alarms, IPQ_MAX_ALARMS + 1, 0), IPQ_INVALID_ARGUMENT, "129 alarms");
  alarms[0].word = 3;
  EXPECT_ERROR(ipq_wait_any(alarms, 1, 0), IPQ_INVALID_ARGUMENT, "never armed");
  ipq_bell_free(bell);
  ipq_stop_free(stop);
  ipq_subscriber_free(subscriber);
}

static void test_looking(void) {
  ipq_publisher* publisher = publisher_of("look");
  EXPECT(ipq_publisher_try_enqueue(publisher, "seen", 4) == IPQ_OK);
  ipq_inspector* inspector = NULL;
  EXPECT(ipq_inspector_open("look", directory, IPQ_NATIVE, &inspector) == IPQ_OK);
  EXPECT(ipq_inspector_capacity(inspector) == 65536);
  int64_t depth = -1;
  EXPECT(ipq_inspector_depth(inspector, &depth) == IPQ_OK && depth == 1);
  int resolved = -1;
  EXPECT(ipq_inspector_repair(inspector, &resolved) == IPQ_OK && resolved == 0);

  ipq_report* report = NULL;
  EXPECT(ipq_inspector_report(inspector, &report) == IPQ_OK);
  ipq_queue_state state = {.struct_size = sizeof state};
  EXPECT(ipq_report_queue(report, &state) == IPQ_OK);
  EXPECT(strcmp(state.name, "look") == 0 && state.ready == 1 && state.ready_bytes == 4);
  EXPECT(state.one_publisher == 0 && state.one_subscriber == 0);
  EXPECT(state.participants_known == 1 && ipq_report_participant_count(report) == 1);
  ipq_participant participant = {.struct_size = sizeof participant};
  EXPECT(ipq_report_participant(report, 0, &participant) == IPQ_OK);
  EXPECT(strcmp(participant.role, "publisher") == 0 && participant.alive);
  EXPECT(participant.process_id == getpid() && participant.messages == 1);
  EXPECT_ERROR(ipq_report_participant(report, 1, &participant), IPQ_OUT_OF_RANGE, "list of 1");
  ipq_report_free(report);

  ipq_findings* findings = NULL;
  EXPECT(ipq_inspector_check(inspector, &findings) == IPQ_OK && ipq_findings_count(findings) == 0);
  EXPECT_ERROR(ipq_findings_get(findings, 0, NULL, NULL), IPQ_OUT_OF_RANGE, "list of 0");
  ipq_findings_free(findings);

  ipq_messages* messages = NULL;
  ipq_bytes bytes;
  EXPECT(ipq_inspector_peek(inspector, 9, &messages) == IPQ_OK);
  EXPECT(ipq_messages_count(messages) == 1);
  EXPECT(ipq_messages_get(messages, 0, &bytes) == IPQ_OK);
  EXPECT(bytes.size == 4 && memcmp(bytes.data, "seen", 4) == 0);
  ipq_messages_free(messages);
  ipq_inspector_free(inspector);

  ipq_queue_list* list = NULL;
  ipq_queue_entry entry = {.struct_size = sizeof entry};
  EXPECT(ipq_list_queues(directory, IPQ_NATIVE, &list) == IPQ_OK);
  EXPECT(ipq_queue_list_count(list) == 1 && ipq_queue_list_get(list, 0, &entry) == IPQ_OK);
  EXPECT(strcmp(entry.name, "look") == 0 && entry.code == IPQ_OK && *entry.error == '\0');
  ipq_queue_list_free(list);
  EXPECT(ipq_remove_queue("look", directory, IPQ_NATIVE) == IPQ_OK);
  EXPECT_ERROR(ipq_remove_queue("look", directory, IPQ_NATIVE), IPQ_NOT_FOUND, "look");
  ipq_publisher_free(publisher);

  char path[4096];
  size_t length = 0;
  EXPECT_ERROR(ipq_default_directory(IPQ_NATIVE, path, 3, &length), IPQ_OUT_OF_RANGE, "3");
  EXPECT(ipq_default_directory(IPQ_NATIVE, path, sizeof path, NULL) == IPQ_OK);
  EXPECT(strlen(path) == length);
  EXPECT_ERROR(ipq_default_directory(99, path, sizeof path, NULL), IPQ_INVALID_ARGUMENT, "99");
}

static void test_versions(void) {
  EXPECT(strcmp(ipq_version(), IPQ_VERSION_TEXT) == 0);
  char number[32];
  snprintf(number, sizeof number, "%d.%d.%d", IPQ_VERSION / 1000000, IPQ_VERSION / 1000 % 1000,
           IPQ_VERSION % 1000);
  EXPECT(strcmp(number, IPQ_VERSION_TEXT) == 0);
  EXPECT(ipq_check_version(IPQ_VERSION) == IPQ_OK);
  EXPECT_ERROR(ipq_check_version(2000001), IPQ_FAILED_PRECONDITION, "2.0.1");
  EXPECT(strstr(ipq_last_error(), IPQ_VERSION_TEXT) != NULL);
  ipq_publisher* publisher = NULL;
  ipq_options options = options_of("versions");
  options.header_version = IPQ_VERSION + 1;
  EXPECT_ERROR(ipq_publisher_open(&options, &publisher), IPQ_FAILED_PRECONDITION, "0.1.1");
  options.header_version = 0;
  EXPECT_ERROR(ipq_publisher_open(&options, &publisher), IPQ_FAILED_PRECONDITION, "0.0.0");

  /* A newer caller: what it adds is welcome as long as it asks for nothing. */
  struct {
    ipq_options known;
    int64_t added[4];
  } newer;
  memset(&newer, 0x55, sizeof newer);
  ipq_options_init_sized(&newer.known, sizeof newer, IPQ_VERSION);
  EXPECT(newer.added[0] == 0 && newer.added[3] == 0);
  newer.known.name = "newer";
  newer.known.directory = directory;
  EXPECT(ipq_publisher_open(&newer.known, &publisher) == IPQ_OK);
  ipq_publisher_free(publisher);
  newer.added[3] = 1;
  EXPECT_ERROR(ipq_publisher_open(&newer.known, &publisher), IPQ_INVALID_ARGUMENT, "0.1.0");
  EXPECT(publisher == NULL);

  /* No struct was ever so small, or will be so large. */
  ipq_subscriber* subscriber = subscriber_of("versions");
  publisher = publisher_of("versions");
  EXPECT(ipq_publisher_try_enqueue(publisher, "kept", 4) == IPQ_OK);
  const size_t sizes[] = {0, 1, sizeof(ipq_reservation) - 1, 4097, SIZE_MAX};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
    char buffer[8];
    size_t count;
    ipq_message message = {.struct_size = sizes[i]};
    ipq_reservation room = {.struct_size = sizes[i]};
    options = options_of("versions");
    options.struct_size = sizes[i];
    EXPECT_ERROR(ipq_publisher_open(&options, &(ipq_publisher*){NULL}), IPQ_INVALID_ARGUMENT,
                 "struct_size");
    EXPECT_ERROR(ipq_subscriber_try_dequeue(subscriber, buffer, 8, &message), IPQ_INVALID_ARGUMENT,
                 "struct_size");
    EXPECT_ERROR(ipq_subscriber_try_dequeue_batch(subscriber, buffer, 8, &message, 1, &count),
                 IPQ_INVALID_ARGUMENT, "struct_size");
    EXPECT_ERROR(ipq_subscriber_try_borrow(subscriber, &message), IPQ_INVALID_ARGUMENT,
                 "struct_size");
    EXPECT_ERROR(ipq_publisher_try_reserve(publisher, 8, &room), IPQ_INVALID_ARGUMENT,
                 "struct_size");
  }
  struct {
    ipq_message known;
    uint64_t added;
  } message = {.known = {.struct_size = sizeof message}, .added = 5};
  char buffer[8];
  EXPECT(ipq_subscriber_try_dequeue(subscriber, buffer, 8, &message.known) == IPQ_OK);
  EXPECT(message.known.size == 4 && message.added == 0);
  EXPECT(message.known.struct_size == sizeof message);
  ipq_subscriber_free(subscriber);
  ipq_publisher_free(publisher);
}

static void test_bad_input(void) {
  ipq_publisher* publisher = publisher_of("bad");
  ipq_subscriber* subscriber = subscriber_of("bad");
  ipq_options options = options_of("a/b");
  ipq_publisher* none = publisher;
  EXPECT_ERROR(ipq_publisher_open(&options, &none), IPQ_INVALID_ARGUMENT, "a/b");
  EXPECT(none == NULL);
  EXPECT_ERROR(ipq_publisher_open(&options, NULL), IPQ_INVALID_ARGUMENT, "null");
  EXPECT_ERROR(ipq_publisher_open(NULL, &none), IPQ_INVALID_ARGUMENT, "null");
  options.name = NULL;
  EXPECT_ERROR(ipq_publisher_open(&options, &none), IPQ_INVALID_ARGUMENT, "name is null");
  options = options_of("bad");
  options.mode = 3;
  EXPECT_ERROR(ipq_publisher_open(&options, &none), IPQ_INVALID_ARGUMENT, "mode 3");
  options = options_of("bad");
  options.one_publisher = 1;
  EXPECT_ERROR(ipq_publisher_open(&options, &none), IPQ_FAILED_PRECONDITION, "one_publisher");

  EXPECT_ERROR(ipq_publisher_try_enqueue(NULL, "x", 1), IPQ_INVALID_ARGUMENT, "publisher is null");
  EXPECT_ERROR(ipq_publisher_try_enqueue(publisher, NULL, 1), IPQ_INVALID_ARGUMENT, "null");
  EXPECT_ERROR(ipq_publisher_try_enqueue(publisher, "x", SIZE_MAX), IPQ_INVALID_ARGUMENT, "");
  EXPECT_ERROR(ipq_publisher_try_enqueue((ipq_publisher*)(void*)subscriber, "x", 1),
               IPQ_INVALID_ARGUMENT, "this is a subscriber and no publisher");
  EXPECT_ERROR(ipq_publisher_enqueue(publisher, "x", 1, 0, (ipq_stop*)(void*)publisher),
               IPQ_INVALID_ARGUMENT, "this is a publisher and no stop");
  static const uint64_t garbage[16] = {0x1122334455667788};
  EXPECT_ERROR(ipq_publisher_try_enqueue((ipq_publisher*)garbage, "x", 1), IPQ_INVALID_ARGUMENT,
               "this is no publisher");
  EXPECT_ERROR(ipq_publisher_try_enqueue((ipq_publisher*)((char*)garbage + 1), "x", 1),
               IPQ_INVALID_ARGUMENT, "this is no publisher");
  EXPECT(ipq_publisher_capacity(NULL) == 0 && ipq_publisher_max_message_size(NULL) == 0);
  EXPECT(ipq_stop_is_raised(NULL) == 0 && ipq_report_participant_count(NULL) == 0);
  EXPECT_ERROR(ipq_subscriber_try_dequeue(subscriber, NULL, 1, NULL), IPQ_INVALID_ARGUMENT, "null");
  EXPECT_ERROR(ipq_subscriber_try_borrow(subscriber, NULL), IPQ_INVALID_ARGUMENT, "null");
  EXPECT_ERROR(ipq_publisher_try_enqueue_batch(publisher, NULL, 1, &(size_t){0}),
               IPQ_INVALID_ARGUMENT, "null");
  ipq_message never = {.struct_size = sizeof never};
  EXPECT_ERROR(ipq_subscriber_acknowledge(subscriber, &never), IPQ_INVALID_ARGUMENT,
               "not borrowed");
  EXPECT_ERROR(ipq_list_queues("/no/such", IPQ_NATIVE, &(ipq_queue_list*){NULL}), IPQ_NOT_FOUND,
               "/no/such");

  const pid_t child = fork();
  if (child == 0) {
    failures = 0;
    EXPECT_ERROR(ipq_publisher_try_enqueue(publisher, "x", 1), IPQ_FAILED_PRECONDITION, "fork");
    ipq_publisher_free(publisher);
    ipq_publisher* own = publisher_of("bad");
    EXPECT(ipq_publisher_try_enqueue(own, "child", 5) == IPQ_OK);
    ipq_publisher_free(own);
    _exit(failures);
  }
  int status = -1;
  EXPECT(waitpid(child, &status, 0) == child && status == 0);

  EXPECT(ipq_publisher_close(publisher) == IPQ_OK && ipq_publisher_close(publisher) == IPQ_OK);
  EXPECT_ERROR(ipq_publisher_try_enqueue(publisher, "x", 1), IPQ_FAILED_PRECONDITION, "closed");
  ipq_publisher_free(publisher);
  ipq_publisher_free(publisher);
  ipq_publisher_free(NULL);
  ipq_publisher_free((ipq_publisher*)(void*)subscriber);
  EXPECT_ERROR(ipq_publisher_close(publisher), IPQ_INVALID_ARGUMENT, "freed");
  EXPECT(ipq_subscriber_capacity(subscriber) == 65536);
  ipq_subscriber_free(subscriber);
}

int main(void) {
  char folder[4096];
  const char* temporary = getenv("TEST_TMPDIR");
  snprintf(folder, sizeof folder, "%s/c-XXXXXX", temporary != NULL ? temporary : "/tmp");
  directory = mkdtemp(folder);
  assert(directory != NULL);
  EXPECT(*ipq_last_error() == '\0');
  test_exchange();
  test_in_place();
  test_waits();
  test_looking();
  test_versions();
  test_bad_input();
  rmdir(folder);
  if (failures == 0) puts("ok");
  return failures != 0;
}
