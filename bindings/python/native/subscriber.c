/* SPDX-License-Identifier: MIT
 */

/* Subscribers. */

#include "bindings/python/native/module.h"

static int run_dequeue(Call* call, int64_t part_ns) {
  ipq_subscriber* subscriber = call->endpoint->subscriber;
  if (part_ns == TRY_ONCE && call->stop == NULL) {
    return tried(ipq_subscriber_try_dequeue(subscriber, call->data, call->size, &call->message),
                 IPQ_UNAVAILABLE);
  }
  return ipq_subscriber_dequeue(subscriber, call->data, call->size, &call->message, part_ns,
                                call->stop);
}
static int run_borrow(Call* call, int64_t part_ns) {
  ipq_subscriber* subscriber = call->endpoint->subscriber;
  if (part_ns == TRY_ONCE && call->stop == NULL) {
    return tried(ipq_subscriber_try_borrow(subscriber, &call->message), IPQ_UNAVAILABLE);
  }
  return ipq_subscriber_borrow(subscriber, &call->message, part_ns, call->stop);
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

static PyType_Slot subscriber_slots[] = {{Py_tp_init, subscriber_init},
                                         {Py_tp_dealloc, endpoint_dealloc},
                                         {Py_tp_methods, subscriber_methods},
                                         {Py_tp_getset, endpoint_getset},
                                         {0, NULL}};
PyType_Spec subscriber_spec = {"interprocess._interprocess.Subscriber", sizeof(Endpoint), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, subscriber_slots};
