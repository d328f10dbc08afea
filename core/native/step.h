// The steps of the protocol by name: in the places where a participant can be killed or stopped
// with a difference to others. Nothing in the library as it is used; tests build it with
// INTERPROCESS_STEPS, and kill and stop at each (tests/crash). The model (tests/model) has the same
// names.

#ifndef INTERPROCESS_CORE_NATIVE_STEP_H_
#define INTERPROCESS_CORE_NATIVE_STEP_H_

#ifdef INTERPROCESS_STEPS

#include <atomic>

namespace interprocess::native {

// Called at each step with its name, if set. Thread-safe.
inline std::atomic<void (*)(const char* step)> step_hook{nullptr};

inline void AtStep(const char* step) {
  // acquire: what the hook needs was made before it was set.
  if (auto* hook = step_hook.load(std::memory_order_acquire)) hook(step);
}

}  // namespace interprocess::native

#define INTERPROCESS_STEP(name) ::interprocess::native::AtStep(name)
#else
#define INTERPROCESS_STEP(name) static_cast<void>(0)
#endif

#endif  // INTERPROCESS_CORE_NATIVE_STEP_H_
