// The steps of the Cloudtoid protocols by name, for tests that stop and kill there. Nothing in the
// library as it is used.

#ifndef INTERPROCESS_CORE_CLOUDTOID_STEP_H_
#define INTERPROCESS_CORE_CLOUDTOID_STEP_H_

#include "core/base/step.h"

#ifdef INTERPROCESS_STEPS
#define INTERPROCESS_CLOUDTOID_STEP(name) ::interprocess::base::AtStep("cloudtoid." name)
#else
#define INTERPROCESS_CLOUDTOID_STEP(name) static_cast<void>(0)
#endif

#endif  // INTERPROCESS_CORE_CLOUDTOID_STEP_H_
