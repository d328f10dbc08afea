// SPDX-License-Identifier: MIT

// Stands in for the plotting library where npm did not bring it.

#include "benchmarks/harness/page.h"

namespace interprocess::benchmarks {

absl::string_view PlotLibrary() { return ""; }
absl::string_view PlotLicence() { return ""; }

}  // namespace interprocess::benchmarks
