// SPDX-License-Identifier: MIT

// Names the steps of the Cloudtoid protocols, for tests that stop and kill processes there. Expands
// to nothing in the library that users get.

#ifndef INTERPROCESS_CORE_CLOUDTOID_STEP_H_
#define INTERPROCESS_CORE_CLOUDTOID_STEP_H_

#include "core/base/step.h"

#ifdef INTERPROCESS_STEPS
#define INTERPROCESS_CLOUDTOID_STEP(name) ::interprocess::base::AtStep("cloudtoid." name)
#else
#define INTERPROCESS_CLOUDTOID_STEP(name) static_cast<void>(0)
#endif

#endif  // INTERPROCESS_CORE_CLOUDTOID_STEP_H_
