/* SPDX-License-Identifier: MIT
 */

/* The C interface for Python, by the stable ABI of CPython 3.9. __init__.py has what users see. The
 * module's parts share what is here.
 */
#ifndef INTERPROCESS_BINDINGS_PYTHON_NATIVE_MODULE_H_
#define INTERPROCESS_BINDINGS_PYTHON_NATIVE_MODULE_H_

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x03090000
#include <Python.h>
#include <stdint.h>

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

#define KEYWORDS(function) ((PyCFunction)(void (*)(void))(function)), METH_VARARGS | METH_KEYWORDS

/* ---- Errors, times, stops: call.c ---- */

extern PyObject* raise_error; /* _errors.raise_error(code, text, needed) */
extern PyTypeObject* stop_type;
extern PyType_Spec stop_spec;

/* Raise what a code means, with the library's own text; NULL. `needed`: of a buffer, in bytes. */
PyObject* fail(int code);
PyObject* fail_needing(int code, size_t needed);
/* None or seconds to nanoseconds: -1 for ever. 0 on failure. */
int timeout_of(PyObject* timeout, int64_t* ns);
/* The stop behind an argument, NULL for None. 0 on failure. */
int stop_of(PyObject* argument, ipq_stop** stop);
void free_object(PyObject* self);

/* ---- Publishers and subscribers: endpoint.c, publisher.c, subscriber.c ---- */

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

/* A call of `run` for an endpoint, with nothing set besides. */
Call new_call(PyObject* self, int (*run)(Call*, int64_t));
/* The part of a first try. The library's functions that never wait are quicker than those that may
 * wait for no time. */
#define TRY_ONCE 0
/* The code of a function that never waits, as one that waits has it. `not_now`: what it says where
 * that one would wait. */
static inline int tried(int code, int not_now) {
  return code == not_now ? IPQ_DEADLINE_EXCEEDED : code;
}
/* First tries with the lock of the interpreter, then waits without it. The code; -1 if Python has
 * an exception (a signal's). */
int wait_for(Call* call, int64_t timeout_ns);

/* The options' texts are those of the arguments. 0 on failure. */
int parse_options(PyObject* args, PyObject* kwargs, ipq_options* options);
void endpoint_dealloc(PyObject* self);
PyObject* endpoint_close(PyObject* self, PyObject* none);
PyObject* endpoint_depth(PyObject* self, PyObject* none);
PyObject* endpoint_counters(PyObject* self, PyObject* none);
extern PyGetSetDef endpoint_getset[];
extern PyType_Spec publisher_spec;
extern PyType_Spec subscriber_spec;

/* ---- Messages and reservations in place: in_place.c ---- */

extern PyTypeObject* message_type;
extern PyTypeObject* reservation_type;
extern PyType_Spec message_spec;
extern PyType_Spec reservation_spec;

/* An object of `type` that holds the endpoint. */
InPlace* new_in_place(PyTypeObject* type, PyObject* self);

#endif /* INTERPROCESS_BINDINGS_PYTHON_NATIVE_MODULE_H_ */
