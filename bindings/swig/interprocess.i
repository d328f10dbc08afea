// SPDX-License-Identifier: MIT

// What Java and C# see of bindings/face: only what is named here.
%module FaceCalls

%{
#include "bindings/face/inspector.h"
#include "bindings/face/interrupt.h"
#include "bindings/face/options.h"
#include "bindings/face/publisher.h"
#include "bindings/face/result.h"
#include "bindings/face/subscriber.h"
#include "bindings/face/wait_any.h"
%}

%include "stdint.i"

#ifdef SWIGJAVA
%{
#include "bindings/java/jni/java_memory.h"
%}
%include "bindings/swig/java.i"
#endif
#ifdef SWIGCSHARP
%include "bindings/swig/csharp.i"
#endif

// Whoever gets an object from these deletes it.
%newobject interprocess::face::FacePublisher::Open;
%newobject interprocess::face::FaceSubscriber::Open;
%newobject interprocess::face::FaceInspector::Open;
%newobject interprocess::face::FaceInspector::Report;
%newobject interprocess::face::FaceInspector::Check;
%newobject interprocess::face::FaceInspector::Peek;
%newobject interprocess::face::FaceQueueList::Open;

%immutable interprocess::face::FaceParticipant;
%immutable interprocess::face::FaceReport;

// An attribute for the compiler.
#define ABSL_GUARDED_BY(mutex)

%rename("$ignore") "";
%rename("%s") interprocess;
%rename("%s") interprocess::face;
%define %type(NAME)
%rename("%s") interprocess::face::NAME;
%enddef
// In the case that the language's own methods have.
#ifdef SWIGJAVA
%define %member(NAME...)
%rename("%(lowercamelcase)s") interprocess::face::NAME;
%enddef
// What ends a message in place has one name for both endpoints.
%rename("drop") interprocess::face::FacePublisher::Abort;
%rename("drop") interprocess::face::FaceSubscriber::GiveBack;
#else
%define %member(NAME...)
%rename("%(camelcase)s") interprocess::face::NAME;
%enddef
%member(FacePublisher::Abort)
%member(FaceSubscriber::GiveBack)
#endif

%type(FaceError)
%type(FaceError::FaceError)
%type(FaceError::~FaceError)
%member(FaceError::code)
%member(FaceError::text)

%type(FaceInterrupt)
%type(FaceInterrupt::FaceInterrupt)
%type(FaceInterrupt::~FaceInterrupt)
%member(FaceInterrupt::Raise)
%member(FaceInterrupt::Clear)

%type(FaceOptions)
%type(FaceOptions::FaceOptions)
%type(FaceOptions::~FaceOptions)
%member(FaceOptions::name)
%member(FaceOptions::directory)
%member(FaceOptions::capacity)
%member(FaceOptions::protocol)
%member(FaceOptions::mode)
%member(FaceOptions::access)
%member(FaceOptions::max_participants)
%member(FaceOptions::keep_undelivered)
%member(FaceOptions::reserve_space)
%member(FaceOptions::account)
%member(FaceOptions::across_sessions)
%member(FaceDefaultDirectory)
%member(FaceVersion)

%type(FacePublisher)
%type(FacePublisher::~FacePublisher)
%member(FacePublisher::Open)
%member(FacePublisher::TryEnqueue)
%member(FacePublisher::Enqueue)
%member(FacePublisher::TryEnqueueBatch)
%member(FacePublisher::TryReserve)
%member(FacePublisher::Reserve)
%member(FacePublisher::Commit)
%member(FacePublisher::capacity)
%member(FacePublisher::max_message_size)
%member(FacePublisher::SetSpin)
%member(FacePublisher::Close)
%member(FacePublisher::ErrorText)

%type(FaceSubscriber)
%type(FaceSubscriber::~FaceSubscriber)
%member(FaceSubscriber::Open)
%member(FaceSubscriber::TryDequeue)
%member(FaceSubscriber::Dequeue)
%member(FaceSubscriber::TryDequeueBatch)
%member(FaceSubscriber::TryBorrow)
%member(FaceSubscriber::Borrow)
%member(FaceSubscriber::TryBorrowBatch)
%member(FaceSubscriber::Acknowledge)
%member(FaceSubscriber::AcknowledgeAndTryBorrow)
%member(FaceSubscriber::DrainNameless)
%member(FaceSubscriber::Arm)
%member(FaceSubscriber::capacity)
%member(FaceSubscriber::max_message_size)
%member(FaceSubscriber::SetSpin)
%member(FaceSubscriber::Close)
%member(FaceSubscriber::ErrorText)

%type(FaceBell)
%type(FaceBell::FaceBell)
%type(FaceBell::~FaceBell)
%member(FaceBell::Word)
%member(FaceBell::Value)
%member(FaceBell::Ring)
%member(FaceWaitAny)

%type(FaceInspector)
%type(FaceInspector::~FaceInspector)
%member(FaceInspector::Open)
%member(FaceInspector::capacity)
%member(FaceInspector::Report)
%member(FaceInspector::Check)
%member(FaceInspector::Peek)
%member(FaceInspector::Repair)

%type(FaceMessages)
%type(FaceMessages::~FaceMessages)
%member(FaceMessages::count)
%member(FaceMessages::address)
%member(FaceMessages::size)

%type(FaceReport)
%type(FaceReport::~FaceReport)
%member(FaceReport::protocol)
%member(FaceReport::name)
%member(FaceReport::path)
%member(FaceReport::capacity)
%member(FaceReport::file_size)
%member(FaceReport::format_version)
%member(FaceReport::max_participants)
%member(FaceReport::slots)
%member(FaceReport::ready)
%member(FaceReport::reserved)
%member(FaceReport::claimed)
%member(FaceReport::ready_bytes)
%member(FaceReport::tail)
%member(FaceReport::returned)
%member(FaceReport::participant_count)
%member(FaceReport::participant)

%type(FaceParticipant)
%type(FaceParticipant::~FaceParticipant)
%member(FaceParticipant::id)
%member(FaceParticipant::role)
%member(FaceParticipant::alive)
%member(FaceParticipant::process_id)
%member(FaceParticipant::process_start_ns)
%member(FaceParticipant::waits_for)
%member(FaceParticipant::messages)
%member(FaceParticipant::bytes)
%member(FaceParticipant::full_or_empty)
%member(FaceParticipant::sleeps)
%member(FaceParticipant::holds)

%type(FaceFindings)
%type(FaceFindings::~FaceFindings)
%member(FaceFindings::count)
%member(FaceFindings::damaged)
%member(FaceFindings::what)

%type(FaceQueueList)
%type(FaceQueueList::~FaceQueueList)
%member(FaceQueueList::Open)
%member(FaceQueueList::count)
%member(FaceQueueList::name)
%member(FaceQueueList::path)
%member(FaceQueueList::capacity)
%member(FaceQueueList::code)
%member(FaceQueueList::error_text)
%member(FaceRemoveQueue)

%include "bindings/face/result.h"
%include "bindings/face/interrupt.h"
%include "bindings/face/options.h"
%include "bindings/face/publisher.h"
%include "bindings/face/subscriber.h"
%include "bindings/face/wait_any.h"
%include "bindings/face/inspector.h"

#ifdef SWIGJAVA
%member(TryEnqueueArray)
%member(EnqueueArray)
%member(TryEnqueueBuffer)
%member(EnqueueBuffer)
%member(TryEnqueueBatchArray)
%member(TryDequeueArray)
%member(DequeueArray)
%member(TryDequeueBuffer)
%member(DequeueBuffer)
%member(TryDequeueNewArray)
%member(DequeueNewArray)
%member(CopyToArray)
%member(CopyFromArray)
%member(AddressOf)
%member(BufferOver)
%include "bindings/java/jni/java_memory.h"
#endif
