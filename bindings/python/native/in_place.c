/* SPDX-License-Identifier: MIT
 */

/* Messages and reservations in place. */

#include "bindings/python/native/module.h"

PyTypeObject* message_type;
PyTypeObject* reservation_type;

InPlace* new_in_place(PyTypeObject* type, PyObject* self) {
  allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
  InPlace* object = (InPlace*)allocate(type, 0);
  if (object == NULL) return NULL;
  Py_INCREF(self);
  object->endpoint = (Endpoint*)self;
  return object;
}

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
PyType_Spec message_spec = {"interprocess._interprocess.Message", sizeof(InPlace), 0,
                            Py_TPFLAGS_DEFAULT, message_slots};
PyType_Spec reservation_spec = {"interprocess._interprocess.Reservation", sizeof(InPlace), 0,
                                Py_TPFLAGS_DEFAULT, reservation_slots};
