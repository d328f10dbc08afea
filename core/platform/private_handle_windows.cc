// SPDX-License-Identifier: MIT

#include <windows.h>

#include <new>
#include <utility>

#include "absl/functional/function_ref.h"
#include "core/platform/private_handle.h"
#include "core/platform/windows_calls.h"

namespace interprocess::platform {

// No process has another's handles unless they were made to be inherited, which none here is.
struct PrivateHandle::Node {
  OwnedHandle handle;
};

PrivateHandle PrivateHandle::Open(absl::FunctionRef<Handle()> open) {
  PrivateHandle result;
  OwnedHandle handle(AsHandle(open()));
  if (!handle.is_open()) return result;
  result.node_ = new (std::nothrow) Node{std::move(handle)};
  if (result.node_ == nullptr) SetLastError(ERROR_NOT_ENOUGH_MEMORY);
  return result;
}

PrivateHandle::PrivateHandle(PrivateHandle&& other) noexcept
    : node_(std::exchange(other.node_, nullptr)) {}

PrivateHandle& PrivateHandle::operator=(PrivateHandle&& other) noexcept {
  if (this != &other) {
    Close();
    node_ = std::exchange(other.node_, nullptr);
  }
  return *this;
}

Handle PrivateHandle::get() const { return node_ == nullptr ? -1 : AsNumber(node_->handle.get()); }

bool PrivateHandle::LostInFork() const { return false; }

bool PrivateHandle::IsIntact() const { return node_ != nullptr; }

const char* PrivateHandle::WhyNot() const { return "not open"; }

void PrivateHandle::Close() { delete std::exchange(node_, nullptr); }

}  // namespace interprocess::platform
