/* SPDX-License-Identifier: MIT
 */

/* The C interface for Python, by the stable ABI of CPython 3.9. __init__.py has what users see. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x03090000
#include <Python.h>
#include <string.h>

#include "interprocess.h"

/* The buffer protocol entered the stable ABI's headers in 3.11; its symbols, numbers and layout are
 * those of 3.9. */
#ifndef PyBUF_SIMPLE
typedef struct {
  void* buf;
  PyObject* obj;
  Py_ssize_t len;
  Py_ssize_t itemsize;
  int readonly;
  int ndim;
  char* format;
  Py_ssize_t* shape;
  Py_ssize_t* strides;
  Py_ssize_t* suboffsets;
  void* internal;
} Py_buffer;
#define PyBUF_SIMPLE 0
#define PyBUF_WRITABLE 1
PyAPI_FUNC(int) PyObject_GetBuffer(PyObject*, Py_buffer*, int);
PyAPI_FUNC(void) PyBuffer_Release(Py_buffer*);
PyAPI_FUNC(int) PyBuffer_FillInfo(Py_buffer*, PyObject*, void*, Py_ssize_t, int, int);
#endif
#ifndef Py_bf_getbuffer
#define Py_bf_getbuffer 1
#define Py_bf_releasebuffer 2
#endif

/* A wait is cut into parts of this length, between which Python looks for signals: Ctrl-C. */
#define WAIT_PART_NS 50000000

static PyObject* raise_error; /* _errors.raise_error(code, text, needed) */
static PyTypeObject* message_type;
static PyTypeObject* reservation_type;

static PyObject* fail_needing(int code, size_t needed) {
  PyObject* result =
      PyObject_CallFunction(raise_error, "isn", code, ipq_last_error(), (Py_ssize_t)needed);
  Py_XDECREF(result);
  return NULL;
}

static PyObject* fail(int code) { return fail_needing(code, 0); }

/* None or seconds to nanoseconds: -1 for ever. 0 on failure. */
static int timeout_of(PyObject* timeout, int64_t* ns) {
  *ns = IPQ_FOREVER;
  if (timeout == NULL || timeout == Py_None) return 1;
  const double seconds = PyFloat_AsDouble(timeout);
  if (seconds == -1.0 && PyErr_Occurred()) return 0;
  if (seconds != seconds) {
    PyErr_SetString(PyExc_ValueError, "timeout is not a number");
    return 0;
  }
  if (seconds < 9e9) *ns = seconds > 0 ? (int64_t)(seconds * 1e9) : 0;
  return 1;
}

/* ---- Stop ---- */

typedef struct {
  PyObject_HEAD ipq_stop* stop;
} Stop;

static int stop_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  if (!PyArg_ParseTuple(args, "") || kwargs != NULL) return -1;
  Stop* stop = (Stop*)self;
  if (stop->stop != NULL) return 0;
  const int code = ipq_stop_new(&stop->stop);
  if (code != IPQ_OK) fail(code);
  return code == IPQ_OK ? 0 : -1;
}

static void free_object(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  freefunc free_memory = (freefunc)PyType_GetSlot(type, Py_tp_free);
  free_memory(self);
  Py_DECREF(type);
}

static void stop_dealloc(PyObject* self) {
  ipq_stop_free(((Stop*)self)->stop);
  free_object(self);
}

static PyObject* stop_raise(PyObject* self, PyObject* none) {
  (void)none;
  const int code = ipq_stop_raise(((Stop*)self)->stop);
  if (code != IPQ_OK) return fail(code);
  Py_RETURN_NONE;
}

static PyMethodDef stop_methods[] = {
    {"set", stop_raise, METH_NOARGS, "Ends the calls that wait with it, now and later."},
    {NULL, NULL, 0, NULL}};
static PyType_Slot stop_slots[] = {{Py_tp_init, stop_init},
                                   {Py_tp_dealloc, stop_dealloc},
                                   {Py_tp_methods, stop_methods},
                                   {Py_tp_doc, "Ends calls that wait, from any thread."},
                                   {0, NULL}};
static PyType_Spec stop_spec = {"interprocess.Stop", sizeof(Stop), 0, Py_TPFLAGS_DEFAULT,
                                stop_slots};
static PyTypeObject* stop_type;

/* The stop behind an argument, NULL for None. 0 on failure. */
static int stop_of(PyObject* argument, ipq_stop** stop) {
  *stop = NULL;
  if (argument == NULL || argument == Py_None) return 1;
  if (!PyObject_TypeCheck(argument, stop_type)) {
    PyErr_SetString(PyExc_TypeError, "stop is no interprocess.Stop");
    return 0;
  }
  *stop = ((Stop*)argument)->stop;
  return 1;
}

/* ---- Endpoints ---- */

/* The handle lives as long as the object, and every call holds the object. */
typedef struct {
  PyObject_HEAD ipq_publisher* publisher;
  ipq_subscriber* subscriber;
} Endpoint;

/* A message or a reservation in place: what views of its bytes hold. */
typedef struct {
  PyObject_HEAD Endpoint* endpoint;
  ipq_message message;
  ipq_reservation room;
  Py_ssize_t views;
} InPlace;

/* One call that may wait. `part_ns` is what it may wait for. */
typedef struct Call {
  int (*run)(struct Call* call, int64_t part_ns);
  Endpoint* endpoint;
  void* data;
  size_t size;
  size_t count; /* of a batch: how many went in */
  ipq_message message;
  ipq_reservation room;
  ipq_stop* stop;
} Call;

static int run_enqueue(Call* call, int64_t part_ns) {
  return ipq_publisher_enqueue(call->endpoint->publisher, call->data, call->size, part_ns,
                               call->stop);
}
static int run_enqueue_batch(Call* call, int64_t part_ns) {
  return ipq_publisher_enqueue_batch(call->endpoint->publisher, call->data, call->size,
                                     &call->count, part_ns, call->stop);
}
static int run_reserve(Call* call, int64_t part_ns) {
  return ipq_publisher_reserve(call->endpoint->publisher, call->size, &call->room, part_ns,
                               call->stop);
}
static int run_dequeue(Call* call, int64_t part_ns) {
  return ipq_subscriber_dequeue(call->endpoint->subscriber, call->data, call->size, &call->message,
                                part_ns, call->stop);
}
static int run_borrow(Call* call, int64_t part_ns) {
  return ipq_subscriber_borrow(call->endpoint->subscriber, &call->message, part_ns, call->stop);
}

/* First tries with the lock of the interpreter, then waits without it. The code; -1 if Python has
 * an exception (a signal's). */
static int wait_for(Call* call, int64_t timeout_ns) {
  int code = call->run(call, 0);
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

static Call new_call(PyObject* self, int (*run)(Call*, int64_t)) {
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

/* The options' texts are those of the arguments. */
static int parse_options(PyObject* args, PyObject* kwargs, ipq_options* options) {
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

static int publisher_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  Endpoint* endpoint = (Endpoint*)self;
  ipq_options options;
  if (!parse_options(args, kwargs, &options)) return -1;
  if (endpoint->publisher != NULL) {
    PyErr_SetString(PyExc_RuntimeError, "the publisher is open");
    return -1;
  }
  const int code = ipq_publisher_open(&options, &endpoint->publisher);
  if (code != IPQ_OK) fail(code);
  return code == IPQ_OK ? 0 : -1;
}

static int subscriber_init(PyObject* self, PyObject* args, PyObject* kwargs) {
  Endpoint* endpoint = (Endpoint*)self;
  ipq_options options;
  if (!parse_options(args, kwargs, &options)) return -1;
  if (endpoint->subscriber != NULL) {
    PyErr_SetString(PyExc_RuntimeError, "the subscriber is open");
    return -1;
  }
  const int code = ipq_subscriber_open(&options, &endpoint->subscriber);
  if (code != IPQ_OK) fail(code);
  return code == IPQ_OK ? 0 : -1;
}

static void endpoint_dealloc(PyObject* self) {
  Endpoint* endpoint = (Endpoint*)self;
  ipq_publisher_free(endpoint->publisher);
  ipq_subscriber_free(endpoint->subscriber);
  free_object(self);
}

static PyObject* endpoint_close(PyObject* self, PyObject* none) {
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

static PyObject* endpoint_depth(PyObject* self, PyObject* none) {
  (void)none;
  Endpoint* endpoint = (Endpoint*)self;
  int64_t depth = 0;
  const int code = endpoint->publisher != NULL ? ipq_publisher_depth(endpoint->publisher, &depth)
                                               : ipq_subscriber_depth(endpoint->subscriber, &depth);
  if (code != IPQ_OK) return fail(code);
  return PyLong_FromLongLong(depth);
}

static PyObject* endpoint_counters(PyObject* self, PyObject* none) {
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

/* Enqueues the bytes of `data`, waiting up to `timeout_ns`: the code, -1 for an exception. */
static int enqueue(PyObject* self, PyObject* data, int64_t timeout_ns, ipq_stop* stop) {
  Call call = new_call(self, run_enqueue);
  call.stop = stop;
  if (PyBytes_Check(data)) {
    char* bytes;
    Py_ssize_t size;
    PyBytes_AsStringAndSize(data, &bytes, &size);
    call.data = bytes;
    call.size = (size_t)size;
    return wait_for(&call, timeout_ns);
  }
  Py_buffer buffer;
  if (PyObject_GetBuffer(data, &buffer, PyBUF_SIMPLE) != 0) return -1;
  call.data = buffer.buf;
  call.size = (size_t)buffer.len;
  const int code = wait_for(&call, timeout_ns);
  PyBuffer_Release(&buffer);
  return code;
}

static char* put_names[] = {"data", "timeout", "stop", NULL};

static PyObject* publisher_put(PyObject* self, PyObject* args, PyObject* kwargs) {
  PyObject *data, *timeout = NULL, *stop_argument = NULL;
  int64_t timeout_ns;
  ipq_stop* stop;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OO", put_names, &data, &timeout,
                                   &stop_argument) ||
      !timeout_of(timeout, &timeout_ns) || !stop_of(stop_argument, &stop)) {
    return NULL;
  }
  const int code = enqueue(self, data, timeout_ns, stop);
  if (code == -1) return NULL;
  if (code != IPQ_OK) return fail(code);
  Py_RETURN_NONE;
}

static PyObject* publisher_try_put(PyObject* self, PyObject* data) {
  const int code = enqueue(self, data, 0, NULL);
  if (code == -1) return NULL;
  if (code == IPQ_DEADLINE_EXCEEDED) Py_RETURN_FALSE;
  if (code != IPQ_OK) return fail(code);
  Py_RETURN_TRUE;
}

/* Enqueues the messages of an iterable: how many went in, 0 if the time is over and `timeout_ns` 0.
 */
static PyObject* put_many(PyObject* self, PyObject* messages, int64_t timeout_ns, ipq_stop* stop,
                          int zero_if_full) {
  PyObject* all = PySequence_Tuple(messages);
  if (all == NULL) return NULL;
  const Py_ssize_t count = PyTuple_Size(all);
  Py_buffer* buffers = PyMem_Calloc((size_t)count, sizeof *buffers);
  ipq_bytes* bytes = PyMem_Calloc((size_t)count, sizeof *bytes);
  PyObject* result = NULL;
  Py_ssize_t held = 0;
  if (buffers == NULL || bytes == NULL) {
    PyErr_NoMemory();
  } else {
    while (held < count &&
           PyObject_GetBuffer(PyTuple_GetItem(all, held), &buffers[held], PyBUF_SIMPLE) == 0) {
      bytes[held].data = buffers[held].buf;
      bytes[held].size = (size_t)buffers[held].len;
      ++held;
    }
    if (held == count) {
      Call call = new_call(self, run_enqueue_batch);
      call.stop = stop;
      call.data = bytes;
      call.size = (size_t)count;
      const int code = wait_for(&call, timeout_ns);
      if (code == IPQ_OK || (code == IPQ_DEADLINE_EXCEEDED && zero_if_full)) {
        result = PyLong_FromSize_t(call.count);
      } else if (code != -1) {
        fail(code);
      }
    }
  }
  while (held > 0) PyBuffer_Release(&buffers[--held]);
  PyMem_Free(buffers);
  PyMem_Free(bytes);
  Py_DECREF(all);
  return result;
}

static char* put_many_names[] = {"messages", "timeout", "stop", NULL};

static PyObject* publisher_put_many(PyObject* self, PyObject* args, PyObject* kwargs) {
  PyObject *messages, *timeout = NULL, *stop_argument = NULL;
  int64_t timeout_ns;
  ipq_stop* stop;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OO", put_many_names, &messages, &timeout,
                                   &stop_argument) ||
      !timeout_of(timeout, &timeout_ns) || !stop_of(stop_argument, &stop)) {
    return NULL;
  }
  return put_many(self, messages, timeout_ns, stop, 0);
}

static PyObject* publisher_try_put_many(PyObject* self, PyObject* messages) {
  return put_many(self, messages, 0, NULL, 1);
}

/* An object of `type` that holds the endpoint. */
static InPlace* new_in_place(PyTypeObject* type, PyObject* self) {
  allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
  InPlace* object = (InPlace*)allocate(type, 0);
  if (object == NULL) return NULL;
  Py_INCREF(self);
  object->endpoint = (Endpoint*)self;
  return object;
}

static char* reserve_names[] = {"size", "timeout", "stop", NULL};

static PyObject* publisher_reserve(PyObject* self, PyObject* args, PyObject* kwargs) {
  PyObject *timeout = NULL, *stop_argument = NULL;
  Py_ssize_t size;
  int64_t timeout_ns;
  Call call = new_call(self, run_reserve);
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "n|OO", reserve_names, &size, &timeout,
                                   &stop_argument) ||
      !timeout_of(timeout, &timeout_ns) || !stop_of(stop_argument, &call.stop)) {
    return NULL;
  }
  call.size = (size_t)size;
  InPlace* object = new_in_place(reservation_type, self);
  if (object == NULL) return NULL;
  const int code = wait_for(&call, timeout_ns);
  if (code != IPQ_OK) {
    Py_DECREF(object);
    return code == -1 ? NULL : fail(code);
  }
  object->room = call.room;
  return (PyObject*)object;
}

/* Takes a message into `target`: its size, None if the time is over and `timeout_ns` 0. */
static PyObject* dequeue_into(PyObject* self, PyObject* target, int64_t timeout_ns, ipq_stop* stop,
                              int none_if_empty) {
  Py_buffer buffer;
  if (PyObject_GetBuffer(target, &buffer, PyBUF_WRITABLE) != 0) return NULL;
  Call call = new_call(self, run_dequeue);
  call.stop = stop;
  call.data = buffer.buf;
  call.size = (size_t)buffer.len;
  const int code = wait_for(&call, timeout_ns);
  PyBuffer_Release(&buffer);
  if (code == -1) return NULL;
  if (code == IPQ_DEADLINE_EXCEEDED && none_if_empty) Py_RETURN_NONE;
  if (code != IPQ_OK) return fail_needing(code, call.message.size);
  return PyLong_FromSize_t(call.message.size);
}

static PyObject* subscriber_try_get_into(PyObject* self, PyObject* target) {
  return dequeue_into(self, target, 0, NULL, 1);
}

static char* get_into_names[] = {"buffer", "timeout", "stop", NULL};

static PyObject* subscriber_get_into(PyObject* self, PyObject* args, PyObject* kwargs) {
  PyObject *target, *timeout = NULL, *stop_argument = NULL;
  int64_t timeout_ns;
  ipq_stop* stop;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OO", get_into_names, &target, &timeout,
                                   &stop_argument) ||
      !timeout_of(timeout, &timeout_ns) || !stop_of(stop_argument, &stop)) {
    return NULL;
  }
  return dequeue_into(self, target, timeout_ns, stop, 0);
}

/* Borrows, copies and acknowledges: bytes of the message's own size. */
static PyObject* get(PyObject* self, int64_t timeout_ns, ipq_stop* stop, int none_if_empty) {
  Call call = new_call(self, run_borrow);
  call.stop = stop;
  int code = wait_for(&call, timeout_ns);
  if (code == -1) return NULL;
  if (code == IPQ_DEADLINE_EXCEEDED && none_if_empty) Py_RETURN_NONE;
  if (code != IPQ_OK) return fail(code);
  PyObject* bytes = PyBytes_FromStringAndSize(call.message.data, (Py_ssize_t)call.message.size);
  if (bytes == NULL) {
    ipq_subscriber_give_back(call.endpoint->subscriber, &call.message);
    return NULL;
  }
  code = ipq_subscriber_acknowledge(call.endpoint->subscriber, &call.message);
  if (code == IPQ_OK) return bytes;
  Py_DECREF(bytes);
  return fail(code);
}

static char* wait_names[] = {"timeout", "stop", NULL};

static int parse_wait(PyObject* args, PyObject* kwargs, int64_t* timeout_ns, ipq_stop** stop) {
  PyObject *timeout = NULL, *stop_argument = NULL;
  return PyArg_ParseTupleAndKeywords(args, kwargs, "|OO", wait_names, &timeout, &stop_argument) &&
         timeout_of(timeout, timeout_ns) && stop_of(stop_argument, stop);
}

static PyObject* subscriber_get(PyObject* self, PyObject* args, PyObject* kwargs) {
  int64_t timeout_ns;
  ipq_stop* stop;
  if (!parse_wait(args, kwargs, &timeout_ns, &stop)) return NULL;
  return get(self, timeout_ns, stop, 0);
}

static PyObject* subscriber_try_get(PyObject* self, PyObject* none) {
  (void)none;
  return get(self, 0, NULL, 1);
}

/* Up to `limit` messages that are there, waiting for the first one. An error after the first leaves
 * its message in the queue and ends the list. */
static PyObject* get_many(PyObject* self, Py_ssize_t limit, int64_t timeout_ns, ipq_stop* stop,
                          int none_if_empty) {
  PyObject* list = PyList_New(0);
  if (list == NULL || limit <= 0) return list;
  Call call = new_call(self, run_borrow);
  call.stop = stop;
  ipq_subscriber* subscriber = call.endpoint->subscriber;
  int code = wait_for(&call, timeout_ns);
  if (code == IPQ_DEADLINE_EXCEEDED && none_if_empty) return list;
  Py_ssize_t count = 0;
  while (code == IPQ_OK) {
    PyObject* bytes = PyBytes_FromStringAndSize(call.message.data, (Py_ssize_t)call.message.size);
    const int added = bytes != NULL && PyList_Append(list, bytes) == 0;
    Py_XDECREF(bytes);
    if (!added) {
      ipq_subscriber_give_back(subscriber, &call.message);
      code = -1;
      break;
    }
    code = ipq_subscriber_acknowledge(subscriber, &call.message);
    if (code != IPQ_OK) {
      if (PyList_SetSlice(list, count, count + 1, NULL) != 0) code = -1;
      break;
    }
    if (++count == limit) return list;
    code = ipq_subscriber_try_borrow(subscriber, &call.message);
  }
  if (count > 0) {
    PyErr_Clear();
    return list;
  }
  Py_DECREF(list);
  return code == -1 ? NULL : fail(code);
}

static char* get_many_names[] = {"limit", "timeout", "stop", NULL};

static PyObject* subscriber_get_many(PyObject* self, PyObject* args, PyObject* kwargs) {
  PyObject *timeout = NULL, *stop_argument = NULL;
  Py_ssize_t limit;
  int64_t timeout_ns;
  ipq_stop* stop;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "n|OO", get_many_names, &limit, &timeout,
                                   &stop_argument) ||
      !timeout_of(timeout, &timeout_ns) || !stop_of(stop_argument, &stop)) {
    return NULL;
  }
  return get_many(self, limit, timeout_ns, stop, 0);
}

static PyObject* subscriber_try_get_many(PyObject* self, PyObject* args) {
  Py_ssize_t limit;
  if (!PyArg_ParseTuple(args, "n", &limit)) return NULL;
  return get_many(self, limit, 0, NULL, 1);
}

static PyObject* subscriber_borrow(PyObject* self, PyObject* args, PyObject* kwargs) {
  int64_t timeout_ns;
  Call call = new_call(self, run_borrow);
  if (!parse_wait(args, kwargs, &timeout_ns, &call.stop)) return NULL;
  InPlace* object = new_in_place(message_type, self);
  if (object == NULL) return NULL;
  const int code = wait_for(&call, timeout_ns);
  if (code != IPQ_OK) {
    Py_DECREF(object);
    return code == -1 ? NULL : fail(code);
  }
  object->message = call.message;
  return (PyObject*)object;
}

static PyObject* subscriber_drain_nameless(PyObject* self, PyObject* none) {
  (void)none;
  const int code = ipq_subscriber_drain_nameless(((Endpoint*)self)->subscriber);
  if (code != IPQ_OK) return fail(code);
  Py_RETURN_NONE;
}

/* ---- Messages in place ---- */

static int in_place_getbuffer(PyObject* self, Py_buffer* view, int flags) {
  InPlace* object = (InPlace*)self;
  const int is_room = object->room.token != 0;
  void* data = is_room ? object->room.data : (void*)object->message.data;
  const size_t size = is_room ? object->room.size : object->message.size;
  if (!is_room && object->message.token == 0) {
    PyErr_SetString(PyExc_BufferError, "the message in place has ended");
    view->obj = NULL;
    return -1;
  }
  if (PyBuffer_FillInfo(view, self, data, (Py_ssize_t)size, !is_room, flags) != 0) return -1;
  ++object->views;
  return 0;
}

static void in_place_releasebuffer(PyObject* self, Py_buffer* view) {
  (void)view;
  --((InPlace*)self)->views;
}

static void in_place_dealloc(PyObject* self) {
  InPlace* object = (InPlace*)self;
  if (object->message.token != 0) {
    ipq_subscriber_give_back(object->endpoint->subscriber, &object->message);
  }
  if (object->room.token != 0) {
    ipq_publisher_abort(object->endpoint->publisher, &object->room);
  }
  Py_XDECREF(object->endpoint);
  free_object(self);
}

/* The memory is another message's once this one has ended, so no view of it may be left. */
static int check_no_views(InPlace* object) {
  if (object->views == 0) return 1;
  PyErr_Format(PyExc_BufferError, "%zd views of the message are in use; release them first",
               object->views);
  return 0;
}

static PyObject* message_acknowledge(PyObject* self, PyObject* none) {
  (void)none;
  InPlace* object = (InPlace*)self;
  if (!check_no_views(object)) return NULL;
  const int code = ipq_subscriber_acknowledge(object->endpoint->subscriber, &object->message);
  if (code != IPQ_OK) return fail(code);
  Py_RETURN_NONE;
}

static PyObject* message_give_back(PyObject* self, PyObject* none) {
  (void)none;
  InPlace* object = (InPlace*)self;
  if (!check_no_views(object)) return NULL;
  const int code = ipq_subscriber_give_back(object->endpoint->subscriber, &object->message);
  if (code != IPQ_OK) return fail(code);
  Py_RETURN_NONE;
}

static PyObject* message_info(PyObject* self, void* none) {
  (void)none;
  const ipq_message* message = &((InPlace*)self)->message;
  return Py_BuildValue("(nKkN)", (Py_ssize_t)message->size, (unsigned long long)message->position,
                       (unsigned long)message->earlier_deliveries,
                       PyBool_FromLong((long)message->redelivered));
}

static PyObject* message_is_open(PyObject* self, void* none) {
  (void)none;
  const InPlace* object = (InPlace*)self;
  return PyBool_FromLong(object->message.token != 0 || object->room.token != 0);
}

static PyObject* reservation_commit(PyObject* self, PyObject* args) {
  InPlace* object = (InPlace*)self;
  Py_ssize_t size = (Py_ssize_t)object->room.size;
  if (!PyArg_ParseTuple(args, "|n", &size) || !check_no_views(object)) return NULL;
  const int code = ipq_publisher_commit(object->endpoint->publisher, &object->room, (size_t)size);
  if (code != IPQ_OK) return fail(code);
  Py_RETURN_NONE;
}

static PyObject* reservation_abort(PyObject* self, PyObject* none) {
  (void)none;
  InPlace* object = (InPlace*)self;
  if (!check_no_views(object)) return NULL;
  const int code = ipq_publisher_abort(object->endpoint->publisher, &object->room);
  if (code != IPQ_OK) return fail(code);
  Py_RETURN_NONE;
}

/* ---- The module ---- */

#define KEYWORDS(function) ((PyCFunction)(void (*)(void))(function)), METH_VARARGS | METH_KEYWORDS

static PyGetSetDef endpoint_getset[] = {
    {"capacity", endpoint_capacity, NULL, "Bytes of payload that may wait in the queue.", NULL},
    {"max_message_size", endpoint_max_message_size, NULL, "The largest message, in bytes.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};
static PyMethodDef publisher_methods[] = {
    {"put", KEYWORDS(publisher_put),
     "Copies a message in, waiting for room. Timeout, Cancelled: nothing was put."},
    {"try_put", publisher_try_put, METH_O,
     "Copies a message in, if there is room now: whether there was."},
    {"put_many", KEYWORDS(publisher_put_many),
     "Copies messages in, in order, until one finds no room, waiting for the first: how many went "
     "in."},
    {"try_put_many", publisher_try_put_many, METH_O,
     "The same without waiting: 0 if there is no room. None goes in if one of them is too large."},
    {"_reserve", KEYWORDS(publisher_reserve), NULL},
    {"depth", endpoint_depth, METH_NOARGS,
     "About how many messages wait. Unsupported: a Cloudtoid queue."},
    {"_counters", endpoint_counters, METH_NOARGS, NULL},
    {"close", endpoint_close, METH_NOARGS, "Leaves the queue, which ends the calls that wait."},
    {NULL, NULL, 0, NULL}};
static PyMethodDef subscriber_methods[] = {
    {"get", KEYWORDS(subscriber_get),
     "Takes the next message, waiting for one: its bytes. Timeout, Cancelled: nothing was taken."},
    {"try_get", subscriber_try_get, METH_NOARGS,
     "Takes the next message, if there is one now: its bytes, or None."},
    {"get_into", KEYWORDS(subscriber_get_into),
     "Takes the next message into a buffer, waiting for one: its size. BufferTooSmall: it stays."},
    {"try_get_into", subscriber_try_get_into, METH_O,
     "The same if there is one now: its size, or None."},
    {"get_many", KEYWORDS(subscriber_get_many),
     "Takes the messages that are there, at most `limit`, waiting for the first: a list of bytes."},
    {"try_get_many", subscriber_try_get_many, METH_VARARGS,
     "The same without waiting: an empty list if there is none."},
    {"_borrow", KEYWORDS(subscriber_borrow), NULL},
    {"depth", endpoint_depth, METH_NOARGS,
     "About how many messages wait. Unsupported: a Cloudtoid queue."},
    {"_counters", endpoint_counters, METH_NOARGS, NULL},
    {"drain_nameless", subscriber_drain_nameless, METH_NOARGS,
     "For a queue that has lost its name: from now on the calls take what is left in its file."},
    {"close", endpoint_close, METH_NOARGS, "Leaves the queue, which ends the calls that wait."},
    {NULL, NULL, 0, NULL}};
static PyMethodDef message_methods[] = {{"acknowledge", message_acknowledge, METH_NOARGS, NULL},
                                        {"give_back", message_give_back, METH_NOARGS, NULL},
                                        {NULL, NULL, 0, NULL}};
static PyGetSetDef message_getset[] = {
    {"info", message_info, NULL, "What is known of the message: a MessageInfo.", NULL},
    {"is_open", message_is_open, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL}};
static PyMethodDef reservation_methods[] = {{"commit", reservation_commit, METH_VARARGS, NULL},
                                            {"abort", reservation_abort, METH_NOARGS, NULL},
                                            {NULL, NULL, 0, NULL}};
static PyGetSetDef reservation_getset[] = {{"is_open", message_is_open, NULL, NULL, NULL},
                                           {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot publisher_slots[] = {{Py_tp_init, publisher_init},
                                        {Py_tp_dealloc, endpoint_dealloc},
                                        {Py_tp_methods, publisher_methods},
                                        {Py_tp_getset, endpoint_getset},
                                        {0, NULL}};
static PyType_Slot subscriber_slots[] = {{Py_tp_init, subscriber_init},
                                         {Py_tp_dealloc, endpoint_dealloc},
                                         {Py_tp_methods, subscriber_methods},
                                         {Py_tp_getset, endpoint_getset},
                                         {0, NULL}};
static PyType_Slot message_slots[] = {{Py_tp_dealloc, in_place_dealloc},
                                      {Py_tp_methods, message_methods},
                                      {Py_tp_getset, message_getset},
                                      {Py_bf_getbuffer, in_place_getbuffer},
                                      {Py_bf_releasebuffer, in_place_releasebuffer},
                                      {0, NULL}};
static PyType_Slot reservation_slots[] = {{Py_tp_dealloc, in_place_dealloc},
                                          {Py_tp_methods, reservation_methods},
                                          {Py_tp_getset, reservation_getset},
                                          {Py_bf_getbuffer, in_place_getbuffer},
                                          {Py_bf_releasebuffer, in_place_releasebuffer},
                                          {0, NULL}};
static PyType_Spec publisher_spec = {"interprocess._interprocess.Publisher", sizeof(Endpoint), 0,
                                     Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, publisher_slots};
static PyType_Spec subscriber_spec = {"interprocess._interprocess.Subscriber", sizeof(Endpoint), 0,
                                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, subscriber_slots};
static PyType_Spec message_spec = {"interprocess._interprocess.Message", sizeof(InPlace), 0,
                                   Py_TPFLAGS_DEFAULT, message_slots};
static PyType_Spec reservation_spec = {"interprocess._interprocess.Reservation", sizeof(InPlace), 0,
                                       Py_TPFLAGS_DEFAULT, reservation_slots};

static PyObject* module_version(PyObject* self, PyObject* none) {
  (void)self;
  (void)none;
  return PyUnicode_FromString(ipq_version());
}

static PyObject* module_remove_queue(PyObject* self, PyObject* args) {
  (void)self;
  const char *name, *directory;
  int protocol;
  if (!PyArg_ParseTuple(args, "szi", &name, &directory, &protocol)) return NULL;
  const int code = ipq_remove_queue(name, directory, protocol);
  if (code != IPQ_OK) return fail(code);
  Py_RETURN_NONE;
}

static PyObject* module_list_queues(PyObject* self, PyObject* args) {
  (void)self;
  const char* directory;
  int protocol;
  if (!PyArg_ParseTuple(args, "zi", &directory, &protocol)) return NULL;
  ipq_queue_list* list;
  const int code = ipq_list_queues(directory, protocol, &list);
  if (code != IPQ_OK) return fail(code);
  PyObject* names = PyList_New(0);
  for (size_t i = 0; names != NULL && i < ipq_queue_list_count(list); ++i) {
    ipq_queue_entry entry = {.struct_size = sizeof entry};
    if (ipq_queue_list_get(list, i, &entry) != IPQ_OK) continue;
    PyObject* item =
        Py_BuildValue("(ssLs)", entry.name, entry.path, (long long)entry.capacity, entry.error);
    if (item == NULL || PyList_Append(names, item) != 0) {
      Py_DECREF(names);
      names = NULL;
    }
    Py_XDECREF(item);
  }
  ipq_queue_list_free(list);
  return names;
}

static PyMethodDef module_methods[] = {{"version", module_version, METH_NOARGS, NULL},
                                       {"remove_queue", module_remove_queue, METH_VARARGS, NULL},
                                       {"list_queues", module_list_queues, METH_VARARGS, NULL},
                                       {NULL, NULL, 0, NULL}};
static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT, "_interprocess", NULL, -1, module_methods, NULL, NULL, NULL, NULL};

static PyTypeObject* add_type(PyObject* module, PyType_Spec* spec, const char* name) {
  PyObject* type = PyType_FromSpec(spec);
  if (type == NULL) return NULL;
  Py_INCREF(type);
  if (PyModule_AddObject(module, name, type) != 0) return NULL;
  return (PyTypeObject*)type;
}

PyMODINIT_FUNC PyInit__interprocess(void) {
  PyObject* errors = PyImport_ImportModule("interprocess._errors");
  if (errors == NULL) return NULL;
  raise_error = PyObject_GetAttrString(errors, "raise_error");
  Py_DECREF(errors);
  PyObject* module = raise_error != NULL ? PyModule_Create(&module_def) : NULL;
  if (module == NULL) return NULL;
  stop_type = add_type(module, &stop_spec, "Stop");
  message_type = add_type(module, &message_spec, "Message");
  reservation_type = add_type(module, &reservation_spec, "Reservation");
  if (stop_type == NULL || message_type == NULL || reservation_type == NULL ||
      add_type(module, &publisher_spec, "Publisher") == NULL ||
      add_type(module, &subscriber_spec, "Subscriber") == NULL) {
    return NULL;
  }
  return module;
}
