// SPDX-License-Identifier: MIT

// Named steps of a bridge: places where a kill leaves a state of its own. They are compiled out
// unless JETSTREAM_STEPS is defined, as for the test that kills bridges at each step
// (tests/jetstream/steps_test.cc).

#ifndef INTERPROCESS_TOOLS_JETSTREAM_STEP_H_
#define INTERPROCESS_TOOLS_JETSTREAM_STEP_H_

#ifdef JETSTREAM_STEPS

namespace jetstream {

// Called at each step with its name, by any thread. Set before a bridge runs.
inline void (*step_hook)(const char* step) = nullptr;

}  // namespace jetstream

#define JETSTREAM_STEP(name) ::jetstream::step_hook(name)
#else
#define JETSTREAM_STEP(name) static_cast<void>(0)
#endif

#endif  // INTERPROCESS_TOOLS_JETSTREAM_STEP_H_
