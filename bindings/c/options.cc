// SPDX-License-Identifier: MIT

#include "bindings/c/options.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "bindings/c/error.h"
#include "bindings/c/handle.h"
#include "bindings/c/sized.h"
#include "bindings/face/inspector.h"
#include "core/base/version.h"

static_assert(absl::string_view(IPQ_VERSION_TEXT) == interprocess::kVersion);

namespace interprocess::c {
namespace {

constexpr int kPerMajor = 1'000'000;

std::string VersionText(int version) {
  return absl::StrCat(version / kPerMajor, ".", version / 1000 % 1000, ".", version % 1000);
}

ipq_options Defaults() {
  const QueueOptions defaults;
  ipq_options options = {};
  options.struct_size = sizeof options;
  options.header_version = IPQ_VERSION;
  options.protocol = static_cast<int32_t>(defaults.protocol);
  options.capacity = defaults.capacity;
  options.mode = static_cast<int32_t>(defaults.mode);
  options.access = static_cast<int32_t>(defaults.access);
  options.max_participants = defaults.max_participants;
  options.keep_undelivered = defaults.keep_undelivered;
  options.reserve_space = defaults.reserve_space;
  options.across_sessions = defaults.across_sessions;
  options.one_publisher = defaults.one_publisher;
  options.one_subscriber = defaults.one_subscriber;
  return options;
}

}  // namespace

int ReadOptions(const ipq_options* options, QueueOptions* to) {
  if (const int code = CheckSized("ipq_options", options); code != IPQ_OK) return code;
  ipq_options known;
  const bool all_known = Read(options, Defaults(), &known);
  if (!all_known) {
    return Fail(IPQ_INVALID_ARGUMENT,
                absl::StrCat("the program sets options that came after version ", kVersion,
                             " of the library: it was compiled with version ",
                             VersionText(known.header_version)));
  }
  if (const int code = ipq_check_version(known.header_version); code != IPQ_OK) return code;
  if (known.name == nullptr) return Fail(IPQ_INVALID_ARGUMENT, "the queue's name is null");
  to->name = known.name;
  to->directory = TextOrEmpty(known.directory);
  to->capacity = known.capacity;
  to->protocol = static_cast<Protocol>(known.protocol);
  to->mode = static_cast<OpenMode>(known.mode);
  to->access = static_cast<Access>(known.access);
  to->account = TextOrEmpty(known.account);
  to->max_participants = known.max_participants;
  to->keep_undelivered = known.keep_undelivered != 0;
  to->reserve_space = known.reserve_space != 0;
  to->across_sessions = known.across_sessions != 0;
  to->one_publisher = known.one_publisher != 0;
  to->one_subscriber = known.one_subscriber != 0;
  return IPQ_OK;
}

}  // namespace interprocess::c

using namespace interprocess;     // NOLINT(build/namespaces)
using namespace interprocess::c;  // NOLINT(build/namespaces)

extern "C" {

const char* ipq_version(void) { return kVersion; }

int ipq_check_version(int header_version) {
  if (header_version / kPerMajor == IPQ_VERSION / kPerMajor && header_version > 0 &&
      header_version <= IPQ_VERSION) {
    return IPQ_OK;
  }
  return Guard([&] {
    return Fail(IPQ_FAILED_PRECONDITION,
                absl::StrCat("the program was compiled with version ", VersionText(header_version),
                             " of interprocess.h, which version ", kVersion,
                             " of the library does not serve"));
  });
}

void ipq_options_init_sized(ipq_options* options, size_t struct_size, int header_version) {
  if (options == nullptr || struct_size < kFirstSize<ipq_options> || struct_size > kMostSize) {
    return;
  }
  options->struct_size = struct_size;
  ipq_options defaults = Defaults();
  defaults.header_version = header_version;
  Fill(options, defaults);
}

int ipq_default_directory(int protocol, char* buffer, size_t size, size_t* length) {
  return Guard([&] {
    const std::string directory = face::FaceDefaultDirectory(protocol);
    if (directory.empty()) {
      return Fail(IPQ_INVALID_ARGUMENT, absl::StrCat("protocol ", protocol, " is none"));
    }
    if (length != nullptr) *length = directory.size();
    if (buffer == nullptr || size <= directory.size()) {
      return Fail(IPQ_OUT_OF_RANGE,
                  absl::StrCat("the path needs ", directory.size() + 1,
                               " bytes, and the buffer has ", buffer == nullptr ? 0 : size));
    }
    std::memcpy(buffer, directory.c_str(), directory.size() + 1);
    return static_cast<int>(IPQ_OK);
  });
}

int ipq_remove_queue(const char* name, const char* directory, int protocol) {
  if (name == nullptr) return Fail(IPQ_INVALID_ARGUMENT, "the queue's name is null");
  return Guard([&] {
    face::FaceError error;
    const int code = face::FaceRemoveQueue(name, TextOrEmpty(directory), protocol, &error);
    return code == IPQ_OK ? code : Fail(error);
  });
}

}  // extern "C"
