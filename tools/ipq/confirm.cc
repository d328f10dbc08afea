// SPDX-License-Identifier: MIT

#include "tools/ipq/confirm.h"

#include <cstdio>
#include <iostream>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/streams.h"

namespace ipq {

bool Confirmed(const std::string& fact, absl::string_view question, absl::string_view not_done) {
  if (absl::GetFlag(FLAGS_yes)) return true;
  if (!IsTerminal(kStandardInput) || !IsTerminal(kStandardError)) {
    PrintError(absl::StrCat(fact, ": ", not_done, "; --yes does it all the same"));
    return false;
  }
  std::fputs(absl::StrCat("ipq: ", fact, ". ", question, " [y/N] ").c_str(), stderr);
  std::string answer;
  std::getline(std::cin, answer);
  answer = absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer));
  if (answer == "y" || answer == "yes") return true;
  PrintError(not_done);
  return false;
}

}  // namespace ipq
