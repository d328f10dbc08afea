// SPDX-License-Identifier: MIT

#include "benchmarks/harness/page.h"

namespace interprocess::benchmarks {
namespace {

constexpr char kLibrary[] =
#include "benchmarks/harness/plot_library.inc"
    ;
constexpr char kLicence[] =
#include "benchmarks/harness/plot_licence.inc"
    ;

}  // namespace

absl::string_view PlotLibrary() { return {kLibrary, sizeof(kLibrary) - 1}; }
absl::string_view PlotLicence() { return {kLicence, sizeof(kLicence) - 1}; }

}  // namespace interprocess::benchmarks
