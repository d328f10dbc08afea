// SPDX-License-Identifier: MIT

// The native format's row of the table of formats.

#ifndef INTERPROCESS_CORE_NATIVE_FORMAT_H_
#define INTERPROCESS_CORE_NATIVE_FORMAT_H_

#include "core/engine/format.h"

namespace interprocess::native {

extern const Format kFormat;

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_FORMAT_H_
