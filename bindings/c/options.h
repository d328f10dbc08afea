// SPDX-License-Identifier: MIT

#ifndef INTERPROCESS_BINDINGS_C_OPTIONS_H_
#define INTERPROCESS_BINDINGS_C_OPTIONS_H_

#include <string>

#include "bindings/face/options.h"
#include "interprocess.h"
#include "interprocess/queue_options.h"

namespace interprocess::c {

// A code; the caller's options in *to.
int ReadOptions(const ipq_options* options, QueueOptions* to);

inline std::string TextOrEmpty(const char* text) { return text != nullptr ? text : ""; }

}  // namespace interprocess::c

#endif  // INTERPROCESS_BINDINGS_C_OPTIONS_H_
