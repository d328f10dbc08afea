// SPDX-License-Identifier: MIT

#include "bindings/face/inspector.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bindings/c/error.h"
#include "bindings/c/handle.h"
#include "bindings/c/options.h"
#include "bindings/c/sized.h"
#include "interprocess.h"

namespace interprocess::c {
namespace {

using face::FaceError;
using face::FaceInspector;

// What a list that `ask` makes gives.
template <typename List, typename Make>
int ListOf(ipq_inspector* inspector, typename KindOf<List>::Type** list, const Make& make) {
  if (list != nullptr) *list = nullptr;
  return With<FaceInspector>(inspector, [&](FaceInspector& face) {
    return Give<List>(list, [&](FaceError* error) { return make(face, error); });
  });
}

template <typename Container>
int CheckIndex(const Container& container, size_t index) {
  if (index < container.size()) return IPQ_OK;
  return Fail(IPQ_OUT_OF_RANGE,
              absl::StrCat("there is no number ", index, " in a list of ", container.size()));
}

ipq_queue_state Describe(const QueueReport& report) {
  ipq_queue_state state = {};
  state.name = report.name.c_str();
  state.path = report.path.c_str();
  state.capacity = report.capacity;
  state.file_size = report.file_size;
  state.protocol = static_cast<int32_t>(report.protocol);
  state.format_version = report.format_version;
  state.max_participants = report.max_participants;
  state.participants_known = report.participants_known;
  state.slots = report.slots;
  state.ready = report.ready;
  state.reserved = report.reserved;
  state.claimed = report.claimed;
  state.ready_bytes = report.ready_bytes;
  state.tail = report.tail;
  state.returned = report.returned;
  state.one_publisher = report.one_publisher;
  state.one_subscriber = report.one_subscriber;
  return state;
}

ipq_participant Describe(const ParticipantReport& from) {
  ipq_participant participant = {};
  participant.role = from.role.c_str();
  participant.waits_for = from.waits_for.c_str();
  participant.process_id = from.process_id;
  participant.process_start_ns = from.process_start_ns;
  participant.messages = from.messages;
  participant.bytes = from.bytes;
  participant.full_or_empty = from.full_or_empty;
  participant.sleeps = from.sleeps;
  participant.holds = from.holds;
  participant.id = from.id;
  participant.alive = from.alive;
  return participant;
}

ipq_queue_entry Describe(const QueueEntry& from, const std::string& error) {
  ipq_queue_entry entry = {};
  entry.name = from.name.c_str();
  entry.path = from.path.c_str();
  entry.error = error.c_str();
  entry.capacity = from.capacity;
  entry.code = static_cast<int32_t>(from.status.code());
  return entry;
}

}  // namespace
}  // namespace interprocess::c

using namespace interprocess::c;  // NOLINT(build/namespaces)
using interprocess::QueueReport;
using interprocess::face::FaceError;
using interprocess::face::FaceFindings;
using interprocess::face::FaceInspector;
using interprocess::face::FaceMessages;
using interprocess::face::FaceQueueList;

extern "C" {

int ipq_inspector_open(const char* name, const char* directory, int protocol,
                       ipq_inspector** inspector) {
  if (inspector != nullptr) *inspector = nullptr;
  if (name == nullptr) return Fail(IPQ_INVALID_ARGUMENT, "the queue's name is null");
  return Give<FaceInspector>(inspector, [&](FaceError* error) {
    return FaceInspector::Open(name, TextOrEmpty(directory), protocol, error);
  });
}

int64_t ipq_inspector_capacity(const ipq_inspector* inspector) {
  return Ask<FaceInspector>(inspector, [](FaceInspector& face) { return face.capacity(); });
}

int ipq_inspector_depth(ipq_inspector* inspector, int64_t* depth) {
  return With<FaceInspector>(inspector, [&](FaceInspector& face) {
    if (depth == nullptr) return FailNullResult();
    FaceError error;
    const int64_t result = face.ApproximateDepth(&error);
    if (result < 0) return Fail(error);
    *depth = result;
    return static_cast<int>(IPQ_OK);
  });
}

int ipq_inspector_repair(ipq_inspector* inspector, int* resolved) {
  return With<FaceInspector>(inspector, [&](FaceInspector& face) {
    FaceError error;
    const int count = face.Repair(&error);
    if (count < 0) return Fail(error);
    if (resolved != nullptr) *resolved = count;
    return static_cast<int>(IPQ_OK);
  });
}

void ipq_inspector_free(ipq_inspector* inspector) { Free<FaceInspector>(inspector); }

int ipq_inspector_report(ipq_inspector* inspector, ipq_report** report) {
  return ListOf<QueueReport>(
      inspector, report, [](FaceInspector& face, FaceError* error) { return face.Report(error); });
}

int ipq_report_queue(const ipq_report* report, ipq_queue_state* state) {
  return With<QueueReport>(report, [&](QueueReport& face) {
    if (const int code = CheckSized("ipq_queue_state", state); code != IPQ_OK) return code;
    Fill(state, Describe(face));
    return static_cast<int>(IPQ_OK);
  });
}

size_t ipq_report_participant_count(const ipq_report* report) {
  return Ask<QueueReport>(report, [](QueueReport& face) { return face.participants.size(); });
}

int ipq_report_participant(const ipq_report* report, size_t index, ipq_participant* participant) {
  return With<QueueReport>(report, [&](QueueReport& face) {
    if (const int code = CheckSized("ipq_participant", participant); code != IPQ_OK) return code;
    if (const int code = CheckIndex(face.participants, index); code != IPQ_OK) return code;
    Fill(participant, Describe(face.participants[index]));
    return static_cast<int>(IPQ_OK);
  });
}

void ipq_report_free(ipq_report* report) { Free<QueueReport>(report); }

int ipq_inspector_check(ipq_inspector* inspector, ipq_findings** findings) {
  return ListOf<FaceFindings>(
      inspector, findings, [](FaceInspector& face, FaceError* error) { return face.Check(error); });
}

size_t ipq_findings_count(const ipq_findings* findings) {
  return Ask<FaceFindings>(findings, [](FaceFindings& face) { return face.all().size(); });
}

int ipq_findings_get(const ipq_findings* findings, size_t index, int* damaged, const char** what) {
  return With<FaceFindings>(findings, [&](FaceFindings& face) {
    if (const int code = CheckIndex(face.all(), index); code != IPQ_OK) return code;
    if (damaged != nullptr) *damaged = face.damaged(static_cast<int>(index));
    if (what != nullptr) *what = face.all()[index].what.c_str();
    return static_cast<int>(IPQ_OK);
  });
}

void ipq_findings_free(ipq_findings* findings) { Free<FaceFindings>(findings); }

int ipq_inspector_peek(ipq_inspector* inspector, size_t max, ipq_messages** messages) {
  const int most = static_cast<int>(std::min<size_t>(max, std::numeric_limits<int>::max()));
  return ListOf<FaceMessages>(inspector, messages, [&](FaceInspector& face, FaceError* error) {
    return face.Peek(most, error);
  });
}

size_t ipq_messages_count(const ipq_messages* messages) {
  return Ask<FaceMessages>(messages, [](FaceMessages& face) { return face.all().size(); });
}

int ipq_messages_get(const ipq_messages* messages, size_t index, ipq_bytes* bytes) {
  return With<FaceMessages>(messages, [&](FaceMessages& face) {
    if (bytes == nullptr) return FailNullResult();
    if (const int code = CheckIndex(face.all(), index); code != IPQ_OK) return code;
    bytes->data = face.all()[index].data();
    bytes->size = face.all()[index].size();
    return static_cast<int>(IPQ_OK);
  });
}

void ipq_messages_free(ipq_messages* messages) { Free<FaceMessages>(messages); }

int ipq_list_queues(const char* directory, int protocol, ipq_queue_list** list) {
  return Give<QueueList>(list, [&](FaceError* error) {
    std::unique_ptr<QueueList> made;
    std::unique_ptr<FaceQueueList> face(
        FaceQueueList::Open(TextOrEmpty(directory), protocol, error));
    if (face == nullptr) return made.release();
    made = std::make_unique<QueueList>();
    for (int i = 0; i < face->count(); ++i) made->errors.push_back(face->error_text(i));
    made->face = std::move(face);
    return made.release();
  });
}

size_t ipq_queue_list_count(const ipq_queue_list* list) {
  return Ask<QueueList>(list, [](QueueList& queues) { return queues.errors.size(); });
}

int ipq_queue_list_get(const ipq_queue_list* list, size_t index, ipq_queue_entry* entry) {
  return With<QueueList>(list, [&](QueueList& queues) {
    if (const int code = CheckSized("ipq_queue_entry", entry); code != IPQ_OK) return code;
    if (const int code = CheckIndex(queues.errors, index); code != IPQ_OK) return code;
    Fill(entry, Describe(queues.face->all()[index], queues.errors[index]));
    return static_cast<int>(IPQ_OK);
  });
}

void ipq_queue_list_free(ipq_queue_list* list) { Free<QueueList>(list); }

}  // extern "C"
