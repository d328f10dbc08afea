// Windows has other objects for these formats (mappings without a file, named by the queue), which
// this library does not make yet.

#include "absl/strings/str_cat.h"
#include "core/cloudtoid/attachment.h"
#include "core/platform/process.h"

namespace interprocess::cloudtoid {

int64_t SystemEnvironment::NowNanos() { return platform::MonotonicNanos(); }
int64_t SystemEnvironment::NowTicks() { return platform::CoarseWallNanos() / 100; }
bool SystemEnvironment::IsProvenDead(int64_t /*participant*/) { return false; }

absl::StatusOr<std::unique_ptr<Attachment>> Attachment::Open(const QueueOptions& options,
                                                             Role /*role*/) {
  return absl::UnimplementedError(
      absl::StrCat("protocol ", ProtocolName(options.protocol), " on Windows"));
}

void Attachment::Leave() {}

}  // namespace interprocess::cloudtoid
