// SPDX-License-Identifier: MIT

// Whether a queue's file is the one that the queue was made in, and taking over one whose device
// number has changed: systems number file systems when they mount them.
//
// The other way round, one file that is reached by two ways with two device numbers (the sides of
// an overlay) may have locks of its own on each: who uses the queue by one way does not see the
// leases of those that use it by the other. So a file is taken over only where its participants say
// that they have left, or somebody who knows asks for it.

#ifndef INTERPROCESS_CORE_NATIVE_ADOPTION_H_
#define INTERPROCESS_CORE_NATIVE_ADOPTION_H_

#include <string>

#include "absl/status/status.h"
#include "core/native/queue_memory.h"
#include "core/platform/directory.h"

namespace interprocess::native {

// OK if the file is the one that the queue was made in or was taken over in. FailedPrecondition if
// it has another device number; DataLoss if it is another file, so a copy.
absl::Status CheckOriginal(const QueueMemory& memory, const platform::FileIdentity& identity,
                           const std::string& path);

// CheckOriginal for a caller that may write: takes the file over if all participants have left.
// After the caller has joined, CheckStillOriginal.
absl::Status TakeOverIfUnused(const QueueMemory& memory, const platform::FileIdentity& identity,
                              const std::string& path);

// After the caller's record says that it is in use: FailedPrecondition if another has taken the
// file over by another way meanwhile. Then it must leave.
absl::Status CheckStillOriginal(const QueueMemory& memory, const platform::FileIdentity& identity,
                                const std::string& path);

// Takes the file over although participants have not left, for a caller that knows that none runs.
// FailedPrecondition if the lease of one is seen to be held.
absl::Status TakeOver(const platform::File& file);

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_ADOPTION_H_
