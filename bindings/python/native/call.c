/* SPDX-License-Identifier: MIT
 */

/* Errors, times, and stops. */

#include "bindings/python/native/module.h"

PyObject* raise_error;

PyObject* fail_needing(int code, size_t needed) {
  PyObject* result =
      PyObject_CallFunction(raise_error, "isn", code, ipq_last_error(), (Py_ssize_t)needed);
  Py_XDECREF(result);
  return NULL;
}

PyObject* fail(int code) { return fail_needing(code, 0); }

int timeout_of(PyObject* timeout, int64_t* ns) {
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

void free_object(PyObject* self) {
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
PyType_Spec stop_spec = {"interprocess.Stop", sizeof(Stop), 0, Py_TPFLAGS_DEFAULT, stop_slots};
PyTypeObject* stop_type;

int stop_of(PyObject* argument, ipq_stop** stop) {
  *stop = NULL;
  if (argument == NULL || argument == Py_None) return 1;
  if (!PyObject_TypeCheck(argument, stop_type)) {
    PyErr_SetString(PyExc_TypeError, "stop is no interprocess.Stop");
    return 0;
  }
  *stop = ((Stop*)argument)->stop;
  return 1;
}
