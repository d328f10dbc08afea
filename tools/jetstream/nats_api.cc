// SPDX-License-Identifier: MIT

#include "tools/jetstream/nats_api.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace jetstream {
namespace {

// Debian names the library by its minor version, others by the major one or not at all.
constexpr int kNewestMinor = 30;

#ifdef __APPLE__
std::string FileName(const std::string& version) {
  return absl::StrCat("libnats", version, ".dylib");
}
#else
std::string FileName(const std::string& version) { return absl::StrCat("libnats.so", version); }
#endif

std::vector<std::string> Candidates() {
  if (const char* named = std::getenv("IPQ_NATS_LIBRARY"); named != nullptr && *named != '\0') {
    return {named};
  }
  std::vector<std::string> names;
  for (int minor = kNewestMinor; minor >= 0; --minor) {
    names.push_back(FileName(absl::StrCat(".3.", minor)));
  }
  names.push_back(FileName(".3"));
  names.push_back(FileName(""));
  return names;
}

absl::StatusOr<NatsApi> Load() {
  std::string error;
  for (const std::string& name : Candidates()) {
    // Not closed again: its threads may run until the process ends.
    void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      error = dlerror();
      continue;
    }
    NatsApi api;
// A type stands in no parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define JETSTREAM_FIND(function, result, parameters)                                               \
  api.function = reinterpret_cast<result(*) parameters>(dlsym(library, #function));                \
  if (api.function == nullptr) {                                                                   \
    return absl::FailedPreconditionError(                                                          \
        absl::StrCat("NATS' C client ", name, " has no ", #function, ": 3.0 or later is needed")); \
  }
    // NOLINTEND(bugprone-macro-parentheses)
    JETSTREAM_NATS_FUNCTIONS(JETSTREAM_FIND)
#undef JETSTREAM_FIND
    if (!absl::StartsWith(api.nats_GetVersion(), "3.")) {
      return absl::FailedPreconditionError(absl::StrCat("NATS' C client ", name, " is version ",
                                                        api.nats_GetVersion(), ": 3.x is needed"));
    }
    return api;
  }
  return absl::FailedPreconditionError(
      absl::StrCat("no NATS support here: its C client, libnats 3.x, cannot be loaded (", error,
                   "). Debian: apt-get install libnats3.4 (in later releases the package that "
                   "\"apt-cache search libnats\" names). IPQ_NATS_LIBRARY names another file"));
}

}  // namespace

absl::StatusOr<const NatsApi*> LoadNats() {
  static const auto* const loaded = new absl::StatusOr<NatsApi>(Load());
  ABSL_RETURN_IF_ERROR(loaded->status());
  return &**loaded;
}

}  // namespace jetstream
