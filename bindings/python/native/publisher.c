/* SPDX-License-Identifier: MIT
 */

/* Publishers. */

#include "bindings/python/native/module.h"

static int run_enqueue(Call* call, int64_t part_ns) {
  ipq_publisher* publisher = call->endpoint->publisher;
  if (part_ns == TRY_ONCE && call->stop == NULL) {
    return tried(ipq_publisher_try_enqueue(publisher, call->data, call->size),
                 IPQ_RESOURCE_EXHAUSTED);
  }
  return ipq_publisher_enqueue(publisher, call->data, call->size, part_ns, call->stop);
}
static int run_enqueue_batch(Call* call, int64_t part_ns) {
  return ipq_publisher_enqueue_batch(call->endpoint->publisher, call->data, call->size,
                                     &call->count, part_ns, call->stop);
}
static int run_reserve(Call* call, int64_t part_ns) {
  return ipq_publisher_reserve(call->endpoint->publisher, call->size, &call->room, part_ns,
                               call->stop);
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
static PyType_Slot publisher_slots[] = {{Py_tp_init, publisher_init},
                                        {Py_tp_dealloc, endpoint_dealloc},
                                        {Py_tp_methods, publisher_methods},
                                        {Py_tp_getset, endpoint_getset},
                                        {0, NULL}};
PyType_Spec publisher_spec = {"interprocess._interprocess.Publisher", sizeof(Endpoint), 0,
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, publisher_slots};
