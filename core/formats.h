// SPDX-License-Identifier: MIT

// The table of all wire formats, which alone knows their engines.

#ifndef INTERPROCESS_CORE_FORMATS_H_
#define INTERPROCESS_CORE_FORMATS_H_

#include "absl/status/statusor.h"
#include "core/engine/format.h"
#include "interprocess/queue_options.h"

namespace interprocess {

// InvalidArgument if `protocol` is none of them.
absl::StatusOr<const Format*> FormatOf(Protocol protocol);

}  // namespace interprocess

#endif  // INTERPROCESS_CORE_FORMATS_H_
