// What Java and C# see of bindings/native: only what is named here.
%module NativeCalls

%{
#include "bindings/native/inspector.h"
#include "bindings/native/interrupt.h"
#include "bindings/native/options.h"
#include "bindings/native/publisher.h"
#include "bindings/native/result.h"
#include "bindings/native/subscriber.h"
#include "bindings/native/wait_any.h"
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
%newobject interprocess::bindings::NativePublisher::Open;
%newobject interprocess::bindings::NativeSubscriber::Open;
%newobject interprocess::bindings::NativeInspector::Open;
%newobject interprocess::bindings::NativeInspector::Report;
%newobject interprocess::bindings::NativeInspector::Check;
%newobject interprocess::bindings::NativeInspector::Peek;
%newobject interprocess::bindings::NativeQueueList::Open;

%immutable interprocess::bindings::NativeParticipant;
%immutable interprocess::bindings::NativeReport;

// An attribute for the compiler.
#define ABSL_GUARDED_BY(mutex)

%rename("$ignore") "";
%rename("%s") interprocess;
%rename("%s") interprocess::bindings;
%define %type(NAME)
%rename("%s") interprocess::bindings::NAME;
%enddef
// In the case that the language's own methods have.
#ifdef SWIGJAVA
%define %member(NAME...)
%rename("%(lowercamelcase)s") interprocess::bindings::NAME;
%enddef
// What ends a message in place has one name for both endpoints.
%rename("drop") interprocess::bindings::NativePublisher::Abort;
%rename("drop") interprocess::bindings::NativeSubscriber::GiveBack;
#else
%define %member(NAME...)
%rename("%(camelcase)s") interprocess::bindings::NAME;
%enddef
%member(NativePublisher::Abort)
%member(NativeSubscriber::GiveBack)
#endif

%type(NativeError)
%type(NativeError::NativeError)
%type(NativeError::~NativeError)
%member(NativeError::code)
%member(NativeError::text)

%type(NativeInterrupt)
%type(NativeInterrupt::NativeInterrupt)
%type(NativeInterrupt::~NativeInterrupt)
%member(NativeInterrupt::Raise)
%member(NativeInterrupt::Clear)

%type(NativeOptions)
%type(NativeOptions::NativeOptions)
%type(NativeOptions::~NativeOptions)
%member(NativeOptions::name)
%member(NativeOptions::directory)
%member(NativeOptions::capacity)
%member(NativeOptions::protocol)
%member(NativeOptions::mode)
%member(NativeOptions::access)
%member(NativeOptions::max_participants)
%member(NativeOptions::keep_undelivered)
%member(NativeOptions::reserve_space)
%member(NativeOptions::clear_on_release)
%member(NativeOptions::account)
%member(NativeOptions::across_sessions)
%member(NativeDefaultDirectory)
%member(NativeVersion)

%type(NativePublisher)
%type(NativePublisher::~NativePublisher)
%member(NativePublisher::Open)
%member(NativePublisher::TryEnqueue)
%member(NativePublisher::Enqueue)
%member(NativePublisher::TryEnqueueBatch)
%member(NativePublisher::TryReserve)
%member(NativePublisher::Reserve)
%member(NativePublisher::Commit)
%member(NativePublisher::capacity)
%member(NativePublisher::max_message_size)
%member(NativePublisher::SetSpin)
%member(NativePublisher::Close)
%member(NativePublisher::ErrorText)

%type(NativeSubscriber)
%type(NativeSubscriber::~NativeSubscriber)
%member(NativeSubscriber::Open)
%member(NativeSubscriber::TryDequeue)
%member(NativeSubscriber::Dequeue)
%member(NativeSubscriber::TryDequeueBatch)
%member(NativeSubscriber::TryBorrow)
%member(NativeSubscriber::Borrow)
%member(NativeSubscriber::TryBorrowBatch)
%member(NativeSubscriber::Acknowledge)
%member(NativeSubscriber::AcknowledgeAndTryBorrow)
%member(NativeSubscriber::Arm)
%member(NativeSubscriber::capacity)
%member(NativeSubscriber::max_message_size)
%member(NativeSubscriber::SetSpin)
%member(NativeSubscriber::Close)
%member(NativeSubscriber::ErrorText)

%type(NativeBell)
%type(NativeBell::NativeBell)
%type(NativeBell::~NativeBell)
%member(NativeBell::Word)
%member(NativeBell::Value)
%member(NativeBell::Ring)
%member(NativeWaitAny)

%type(NativeInspector)
%type(NativeInspector::~NativeInspector)
%member(NativeInspector::Open)
%member(NativeInspector::capacity)
%member(NativeInspector::Report)
%member(NativeInspector::Check)
%member(NativeInspector::Peek)
%member(NativeInspector::Repair)

%type(NativeMessages)
%type(NativeMessages::~NativeMessages)
%member(NativeMessages::count)
%member(NativeMessages::address)
%member(NativeMessages::size)

%type(NativeReport)
%type(NativeReport::~NativeReport)
%member(NativeReport::protocol)
%member(NativeReport::name)
%member(NativeReport::path)
%member(NativeReport::capacity)
%member(NativeReport::file_size)
%member(NativeReport::format_version)
%member(NativeReport::max_participants)
%member(NativeReport::slots)
%member(NativeReport::ready)
%member(NativeReport::reserved)
%member(NativeReport::claimed)
%member(NativeReport::ready_bytes)
%member(NativeReport::tail)
%member(NativeReport::returned)
%member(NativeReport::participant_count)
%member(NativeReport::participant)

%type(NativeParticipant)
%type(NativeParticipant::~NativeParticipant)
%member(NativeParticipant::id)
%member(NativeParticipant::role)
%member(NativeParticipant::alive)
%member(NativeParticipant::process_id)
%member(NativeParticipant::process_start_ns)
%member(NativeParticipant::waits_for)
%member(NativeParticipant::messages)
%member(NativeParticipant::bytes)
%member(NativeParticipant::full_or_empty)
%member(NativeParticipant::sleeps)
%member(NativeParticipant::holds)

%type(NativeFindings)
%type(NativeFindings::~NativeFindings)
%member(NativeFindings::count)
%member(NativeFindings::damaged)
%member(NativeFindings::what)

%type(NativeQueueList)
%type(NativeQueueList::~NativeQueueList)
%member(NativeQueueList::Open)
%member(NativeQueueList::count)
%member(NativeQueueList::name)
%member(NativeQueueList::path)
%member(NativeQueueList::capacity)
%member(NativeQueueList::code)
%member(NativeQueueList::error_text)
%member(NativeRemoveQueue)

%include "bindings/native/result.h"
%include "bindings/native/interrupt.h"
%include "bindings/native/options.h"
%include "bindings/native/publisher.h"
%include "bindings/native/subscriber.h"
%include "bindings/native/wait_any.h"
%include "bindings/native/inspector.h"

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
