// SPDX-License-Identifier: MIT

// Publishers and subscribers for as long as one likes, while some of them are killed, stopped and
// started anew all the time; and the proof, every so often, that all messages came.

#ifndef INTERPROCESS_TESTS_SOAK_SOAK_H_
#define INTERPROCESS_TESTS_SOAK_SOAK_H_

#include <cstdint>
#include <functional>
#include <string>

namespace interprocess::soak {

struct SoakOptions {
  std::string directory;  // empty, for queues
  uint32_t publishers = 3;
  uint32_t subscribers = 3;
  uint64_t seed = 1;
  // A chapter is one queue, of a size of its own, from the first endpoint to the last: at its end
  // every message is accounted for, the image is checked, and nothing may be left. So many times
  // somebody is killed or stopped in it.
  int disturbances = 1000;
};

struct SoakFigures {
  int64_t nanos = 0;
  uint64_t chapters = 0;
  uint64_t delivered = 0;
  uint64_t bytes = 0;
  uint64_t redelivered = 0;
  // Taken off the queue into the memory of a subscriber that was killed before it said so.
  uint64_t gone_with_the_dead = 0;
  uint64_t opened = 0;  // endpoints
  uint64_t given_back = 0;
  uint64_t aborted = 0;  // reservations
  uint64_t found_full = 0;
  uint64_t killed = 0;          // one at a time
  uint64_t killed_stopped = 0;  // of these, while stopped
  uint64_t killed_all = 0;      // times
  uint64_t stopped = 0;
  uint64_t checks = 0;  // of the image, under load

  std::string Describe() const;
};

struct SoakResult {
  std::string failure;  // empty: all is well
  SoakFigures figures;
};

// Goes on until `enough`, which is asked between disturbances, then ends the chapter. `say` gets a
// line a second. The caller has one thread and no endpoint open.
SoakResult RunSoak(const SoakOptions& options,
                   const std::function<bool(const SoakFigures& so_far)>& enough,
                   const std::function<void(const std::string& line)>& say);

}  // namespace interprocess::soak

#endif  // INTERPROCESS_TESTS_SOAK_SOAK_H_
