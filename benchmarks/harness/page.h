// SPDX-License-Identifier: MIT

// A page with tables and plots, in one file that needs no network.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_PAGE_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_PAGE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "benchmarks/harness/report.h"

namespace interprocess::benchmarks {

// The plotting library's program text and its licence; empty where it was not found when this was
// built.
absl::string_view PlotLibrary();
absl::string_view PlotLicence();

// The text of the page: a part for each report.
std::string Page(const std::vector<Report>& reports);

// FailedPrecondition without the plotting library.
absl::Status WritePage(const std::vector<Report>& reports, const std::string& path);

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_PAGE_H_
