// SPDX-License-Identifier: MIT

// Named steps of a protocol: places where killing or stopping a participant leaves a state of its
// own. They are compiled out unless INTERPROCESS_STEPS is defined, as tests do, which kill and stop
// participants at each step (tests/crash). The model (tests/model) uses these names.

#ifndef INTERPROCESS_CORE_BASE_STEP_H_
#define INTERPROCESS_CORE_BASE_STEP_H_

#ifdef INTERPROCESS_STEPS

#include <atomic>

namespace interprocess::base {

// Called at each step with its name, if set. Thread-safe.
inline std::atomic<void (*)(const char* step)> step_hook{nullptr};

inline void AtStep(const char* step) {
  // acquire: what the hook needs was made before it was set.
  if (auto* hook = step_hook.load(std::memory_order_acquire)) hook(step);
}

}  // namespace interprocess::base

#define INTERPROCESS_STEP(name) ::interprocess::base::AtStep(name)
#else
#define INTERPROCESS_STEP(name) static_cast<void>(0)
#endif

#endif  // INTERPROCESS_CORE_BASE_STEP_H_
