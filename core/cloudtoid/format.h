// SPDX-License-Identifier: MIT

// The Cloudtoid formats' rows of the table of formats.

#ifndef INTERPROCESS_CORE_CLOUDTOID_FORMAT_H_
#define INTERPROCESS_CORE_CLOUDTOID_FORMAT_H_

#include "core/engine/format.h"

namespace interprocess::cloudtoid {

extern const Format kVersion2;
extern const Format kVersion3;
extern const Format kVersion2Fork;

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_FORMAT_H_
