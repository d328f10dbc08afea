// SPDX-License-Identifier: MIT

#include "interprocess/queue_inspector.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status_macros.h"
#include "core/engine/inspection.h"
#include "core/formats.h"

namespace interprocess {

namespace {

constexpr int kLooks = 5;

}  // namespace

QueueInspector::QueueInspector(std::unique_ptr<internal::Inspection> inspection)
    : inspection_(std::move(inspection)) {}
QueueInspector::QueueInspector(QueueInspector&&) noexcept = default;
QueueInspector& QueueInspector::operator=(QueueInspector&&) noexcept = default;
QueueInspector::~QueueInspector() = default;

absl::StatusOr<QueueInspector> QueueInspector::Open(const std::string& name,
                                                    const std::string& directory,
                                                    Protocol protocol) {
  ABSL_ASSIGN_OR_RETURN(const Format* format, FormatOf(protocol));
  ABSL_RETURN_IF_ERROR(format->check_name(name));
  ABSL_ASSIGN_OR_RETURN(std::unique_ptr<internal::Inspection> inspection,
                        format->inspect(name, directory));
  return QueueInspector(std::move(inspection));
}

int64_t QueueInspector::capacity() const { return inspection_->capacity(); }

absl::StatusOr<QueueReport> QueueInspector::Report() const { return inspection_->Report(); }

absl::StatusOr<uint64_t> QueueInspector::ApproximateDepth() const {
  return inspection_->ApproximateDepth();
}

absl::StatusOr<std::vector<Finding>> QueueInspector::Check() const {
  std::vector<Finding> findings = inspection_->CheckOnce();
  // What others are doing can look wrong once; what every look finds is wrong.
  for (int look = 1; look < kLooks && !findings.empty(); ++look) {
    std::vector<Finding> again = inspection_->CheckOnce();
    findings.erase(std::remove_if(findings.begin(), findings.end(),
                                  [&](const Finding& finding) {
                                    return std::none_of(again.begin(), again.end(),
                                                        [&](const Finding& other) {
                                                          return other.what == finding.what;
                                                        });
                                  }),
                   findings.end());
  }
  return findings;
}

absl::StatusOr<std::vector<std::string>> QueueInspector::Peek(size_t max) const {
  return inspection_->Peek(max);
}

absl::StatusOr<int> QueueInspector::Repair() { return inspection_->Repair(); }

}  // namespace interprocess
