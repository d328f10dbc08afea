// SPDX-License-Identifier: MIT

// Who is told how a bridge does.

#ifndef INTERPROCESS_TOOLS_JETSTREAM_OBSERVER_H_
#define INTERPROCESS_TOOLS_JETSTREAM_OBSERVER_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"

namespace jetstream {

// All calls come from the thread that runs the bridge.
class Observer {
 public:
  virtual ~Observer() = default;
  // So many more are on the other side.
  virtual void Moved(uint64_t messages, uint64_t bytes) = 0;
  // Nothing goes on now; comes again and again meanwhile.
  virtual void Waiting(absl::string_view why) = 0;
  // {"event": NAME, ...}: docs/jetstream.md lists them.
  virtual void Happened(const nlohmann::json& event) = 0;
};

// What a bridge counted.
struct Totals {
  uint64_t messages = 0;  // on the other side
  uint64_t bytes = 0;
  uint64_t repeats = 0;         // sent again, and recognised on the other side
  uint64_t redelivered = 0;     // may be on the other side twice, and flagged
  uint64_t outside_window = 0;  // sent again later than the duplicate window
  uint64_t dead_letters = 0;
};

}  // namespace jetstream

#endif  // INTERPROCESS_TOOLS_JETSTREAM_OBSERVER_H_
