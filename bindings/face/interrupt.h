// SPDX-License-Identifier: MIT

// Ends a waiting call from another thread.

#ifndef INTERPROCESS_BINDINGS_FACE_INTERRUPT_H_
#define INTERPROCESS_BINDINGS_FACE_INTERRUPT_H_

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "interprocess/stop_token.h"

namespace interprocess::face {

// Passed to a waiting call: once raised, that call and later ones return Cancelled at once, until
// it is cleared. Thread-safe; outlives the calls that it was passed to.
class FaceInterrupt {
 public:
  void Raise() { Source().RequestStop(); }
  void Clear() {
    absl::MutexLock lock(mutex_);
    if (source_.stop_requested()) source_ = StopSource();
  }
  bool raised() const { return Source().stop_requested(); }

  StopToken token() const { return Source().token(); }

 private:
  StopSource Source() const {
    absl::MutexLock lock(mutex_);
    return source_;
  }
  mutable absl::Mutex mutex_;
  StopSource source_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_FACE_INTERRUPT_H_
