/* SPDX-License-Identifier: MIT
 */

/* The module. */

#include "bindings/python/native/module.h"

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
