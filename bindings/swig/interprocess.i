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

// Attributes for the compiler.
#define ABSL_ATTRIBUTE_ALWAYS_INLINE
#define ABSL_GUARDED_BY(mutex)

%rename("$ignore") "";
%rename("%s") interprocess;
%rename("%s") interprocess::face;

// The core's plain data goes as it is. Its classes have other names than those of the languages'
// own, and its enumerations are numbers, which opening checks.
%rename(FaceOptions) interprocess::QueueOptions;
%rename(FaceOptions) interprocess::QueueOptions::QueueOptions;
%rename("~FaceOptions") interprocess::QueueOptions::~QueueOptions;
%rename(FaceCounters) interprocess::EndpointCounters;
%rename(FaceCounters) interprocess::EndpointCounters::EndpointCounters;
%rename("~FaceCounters") interprocess::EndpointCounters::~EndpointCounters;
%rename(FaceReport) interprocess::QueueReport;
%rename("~FaceReport") interprocess::QueueReport::~QueueReport;
%rename(FaceParticipant) interprocess::ParticipantReport;
%rename("~FaceParticipant") interprocess::ParticipantReport::~ParticipantReport;
%apply int {
  interprocess::Access, interprocess::OpenMode, interprocess::Protocol
};
%typemap(out) interprocess::Access, interprocess::OpenMode, interprocess::Protocol
    "$result = static_cast<int>($1);"
%apply long long { uint64_t };
%apply int64_t { uint64_t };
%define %type(NAME)
%rename("%s") interprocess::face::NAME;
%enddef
// In the case that the language's own methods have.
#ifdef SWIGJAVA
%define %member(NAME...)
%rename("%(lowercamelcase)s") interprocess::face::NAME;
%enddef
%define %data(NAME...)
%rename("%(lowercamelcase)s") interprocess::NAME;
%enddef
// What ends a message in place has one name for both endpoints.
%rename("drop") interprocess::face::FacePublisher::Abort;
%rename("drop") interprocess::face::FaceSubscriber::GiveBack;
#else
%define %member(NAME...)
%rename("%(camelcase)s") interprocess::face::NAME;
%enddef
%define %data(NAME...)
%rename("%(camelcase)s") interprocess::NAME;
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

%data(QueueOptions::name)
%data(QueueOptions::directory)
%data(QueueOptions::capacity)
%data(QueueOptions::protocol)
%data(QueueOptions::mode)
%data(QueueOptions::access)
%data(QueueOptions::max_participants)
%data(QueueOptions::keep_undelivered)
%data(QueueOptions::reserve_space)
%data(QueueOptions::account)
%data(QueueOptions::across_sessions)
%data(QueueOptions::one_publisher)
%data(QueueOptions::one_subscriber)
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
%member(FacePublisher::ApproximateDepth)
%member(FacePublisher::Counters)
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
%member(FaceSubscriber::ApproximateDepth)
%member(FaceSubscriber::Counters)
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
%member(FaceInspector::ApproximateDepth)
%member(FaceInspector::Report)
%member(FaceInspector::Check)
%member(FaceInspector::Peek)
%member(FaceInspector::Repair)

%type(FaceMessages)
%type(FaceMessages::~FaceMessages)
%member(FaceMessages::count)
%member(FaceMessages::address)
%member(FaceMessages::size)

%data(EndpointCounters::messages)
%data(EndpointCounters::bytes)
%data(EndpointCounters::full_or_empty)
%data(EndpointCounters::waits)
%data(EndpointCounters::redelivered)

%data(QueueReport::protocol)
%data(QueueReport::name)
%data(QueueReport::path)
%data(QueueReport::capacity)
%data(QueueReport::file_size)
%data(QueueReport::format_version)
%data(QueueReport::max_participants)
%data(QueueReport::one_publisher)
%data(QueueReport::one_subscriber)
%data(QueueReport::slots)
%data(QueueReport::ready)
%data(QueueReport::reserved)
%data(QueueReport::claimed)
%data(QueueReport::ready_bytes)
%data(QueueReport::tail)
%data(QueueReport::returned)
%data(QueueReport::participant_count)
%data(QueueReport::participant)

%data(ParticipantReport::id)
%data(ParticipantReport::role)
%data(ParticipantReport::alive)
%data(ParticipantReport::process_id)
%data(ParticipantReport::process_start_ns)
%data(ParticipantReport::waits_for)
%data(ParticipantReport::messages)
%data(ParticipantReport::bytes)
%data(ParticipantReport::full_or_empty)
%data(ParticipantReport::sleeps)
%data(ParticipantReport::holds)

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

%include "interprocess/access.h"
%include "interprocess/queue_options.h"
%immutable;
%include "interprocess/endpoint_counters.h"
%include "interprocess/queue_report.h"
%mutable;
%extend interprocess::QueueReport {
  int participant_count() const { return static_cast<int>($self->participants.size()); }
  // `index` is below the count.
  interprocess::ParticipantReport participant(int index) const {
    return $self->participants[static_cast<size_t>(index)];
  }
}
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
