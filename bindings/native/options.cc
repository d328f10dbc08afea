#include "bindings/native/options.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bindings/native/version.h"

namespace interprocess::bindings {
namespace {

template <typename Enum>
absl::Status Convert(const char* option, int number, Enum last, Enum& to) {
  if (number < 0 || number > static_cast<int>(last)) {
    return absl::InvalidArgumentError(
        absl::StrCat(option, " ", number, " is not between 0 and ", static_cast<int>(last)));
  }
  to = static_cast<Enum>(number);
  return absl::OkStatus();
}

absl::Status Convert(int number, Protocol& to) {
  to = static_cast<Protocol>(number);
  switch (to) {
    case Protocol::kNative:
    case Protocol::kCloudtoidV2:
    case Protocol::kCloudtoidV3:
    case Protocol::kCloudtoidV2Fork:
      return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("protocol ", number, " is none"));
}

}  // namespace

absl::StatusOr<QueueOptions> ToQueueOptions(const NativeOptions& options) {
  QueueOptions to;
  to.name = options.name;
  to.directory = options.directory;
  to.capacity = options.capacity;
  to.max_participants = options.max_participants;
  to.keep_undelivered = options.keep_undelivered;
  to.reserve_space = options.reserve_space;
  to.clear_on_release = options.clear_on_release;
  for (const absl::Status& status :
       {Convert(options.protocol, to.protocol),
        Convert("mode", options.mode, OpenMode::kCreateNew, to.mode),
        Convert("access", options.access, Access::kEveryone, to.access)}) {
    if (!status.ok()) return status;
  }
  return to;
}

std::string NativeDefaultDirectory() { return DefaultDirectory(); }

std::string NativeVersion() { return kVersion; }

}  // namespace interprocess::bindings
