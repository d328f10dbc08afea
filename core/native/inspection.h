// SPDX-License-Identifier: MIT

// Opens a native queue's image to look at (core/engine/inspection.h).

#ifndef INTERPROCESS_CORE_NATIVE_INSPECTION_H_
#define INTERPROCESS_CORE_NATIVE_INSPECTION_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "core/engine/inspection.h"

namespace interprocess::native {

absl::StatusOr<std::unique_ptr<internal::Inspection>> OpenInspection(const std::string& name,
                                                                     const std::string& directory);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_INSPECTION_H_
