/* SPDX-License-Identifier: MIT
 */

/* What publishers and subscribers have in common. */

#include <string.h>

#include "bindings/python/native/module.h"

/* A wait is cut into parts of this length, between which Python looks for signals: Ctrl-C. */
#define WAIT_PART_NS 50000000

int wait_for(Call* call, int64_t timeout_ns) {
  int code = call->run(call, TRY_ONCE);
  while (code == IPQ_DEADLINE_EXCEEDED && timeout_ns != 0) {
    int64_t part = WAIT_PART_NS;
    if (timeout_ns > 0 && timeout_ns < part) part = timeout_ns;
    Py_BEGIN_ALLOW_THREADS code = call->run(call, part);
    Py_END_ALLOW_THREADS if (timeout_ns > 0) timeout_ns -= part;
    if (code == IPQ_DEADLINE_EXCEEDED && PyErr_CheckSignals() != 0) return -1;
  }
  return code;
}

static ipq_message new_message(void) {
  ipq_message message;
  memset(&message, 0, sizeof message);
  message.struct_size = sizeof message;
  return message;
}

Call new_call(PyObject* self, int (*run)(Call*, int64_t)) {
  Call call;
  memset(&call, 0, sizeof call);
  call.run = run;
  call.endpoint = (Endpoint*)self;
  call.message = new_message();
  call.room.struct_size = sizeof call.room;
  return call;
}

static char* option_names[] = {"name",
                               "directory",
                               "capacity",
                               "protocol",
                               "mode",
                               "access",
                               "account",
                               "max_participants",
                               "keep_undelivered",
                               "reserve_space",
                               "across_sessions",
                               "one_publisher",
                               "one_subscriber",
                               NULL};

int parse_options(PyObject* args, PyObject* kwargs, ipq_options* options) {
  long long capacity;
  ipq_options_init(options);
  capacity = options->capacity;
  if (!PyArg_ParseTupleAndKeywords(
          args, kwargs, "s|zLiiiziiiiii", option_names, &options->name, &options->directory,
          &capacity, &options->protocol, &options->mode, &options->access, &options->account,
          &options->max_participants, &options->keep_undelivered, &options->reserve_space,
          &options->across_sessions, &options->one_publisher, &options->one_subscriber)) {
    return 0;
  }
  options->capacity = capacity;
  return 1;
}

void endpoint_dealloc(PyObject* self) {
  Endpoint* endpoint = (Endpoint*)self;
  ipq_publisher_free(endpoint->publisher);
  ipq_subscriber_free(endpoint->subscriber);
  free_object(self);
}

PyObject* endpoint_close(PyObject* self, PyObject* none) {
  (void)none;
  Endpoint* endpoint = (Endpoint*)self;
  int code = IPQ_OK;
  Py_BEGIN_ALLOW_THREADS if (endpoint->publisher != NULL) code =
      ipq_publisher_close(endpoint->publisher);
  if (endpoint->subscriber != NULL) code = ipq_subscriber_close(endpoint->subscriber);
  Py_END_ALLOW_THREADS if (code != IPQ_OK) return fail(code);
  Py_RETURN_NONE;
}

static PyObject* endpoint_capacity(PyObject* self, void* none) {
  (void)none;
  Endpoint* endpoint = (Endpoint*)self;
  return PyLong_FromLongLong(endpoint->publisher != NULL
                                 ? ipq_publisher_capacity(endpoint->publisher)
                                 : ipq_subscriber_capacity(endpoint->subscriber));
}

static PyObject* endpoint_max_message_size(PyObject* self, void* none) {
  (void)none;
  Endpoint* endpoint = (Endpoint*)self;
  return PyLong_FromSize_t(endpoint->publisher != NULL
                               ? ipq_publisher_max_message_size(endpoint->publisher)
                               : ipq_subscriber_max_message_size(endpoint->subscriber));
}

PyObject* endpoint_depth(PyObject* self, PyObject* none) {
  (void)none;
  Endpoint* endpoint = (Endpoint*)self;
  int64_t depth = 0;
  const int code = endpoint->publisher != NULL ? ipq_publisher_depth(endpoint->publisher, &depth)
                                               : ipq_subscriber_depth(endpoint->subscriber, &depth);
  if (code != IPQ_OK) return fail(code);
  return PyLong_FromLongLong(depth);
}

PyObject* endpoint_counters(PyObject* self, PyObject* none) {
  (void)none;
  Endpoint* endpoint = (Endpoint*)self;
  ipq_counters counters = {.struct_size = sizeof counters};
  const int code = endpoint->publisher != NULL
                       ? ipq_publisher_counters(endpoint->publisher, &counters)
                       : ipq_subscriber_counters(endpoint->subscriber, &counters);
  if (code != IPQ_OK) return fail(code);
  return Py_BuildValue("(LLLLL)", (long long)counters.messages, (long long)counters.bytes,
                       (long long)counters.full_or_empty, (long long)counters.waits,
                       (long long)counters.redelivered);
}

PyGetSetDef endpoint_getset[] = {
    {"capacity", endpoint_capacity, NULL, "Bytes of payload that may wait in the queue.", NULL},
    {"max_message_size", endpoint_max_message_size, NULL, "The largest message, in bytes.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};
