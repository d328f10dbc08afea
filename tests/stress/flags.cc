#include "tests/stress/flags.h"

#include <stdio.h>
#include <stdlib.h>

namespace interprocess::stress {

Flags::Flags(int argc, char** argv, const char* about, const std::vector<Flag>& flags) {
  for (const Flag& flag : flags) values_[flag.name] = flag.value;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const size_t equals = argument.find('=');
    const bool is_flag = argument.rfind("--", 0) == 0;
    const auto known =
        is_flag
            ? values_.find(argument.substr(2, equals == std::string::npos ? equals : equals - 2))
            : values_.end();
    if (known == values_.end()) {
      const bool help = argument == "--help";
      FILE* out = help ? stdout : stderr;
      if (!help) fprintf(out, "not understood: %s\n", argument.c_str());
      fprintf(out, "%s\n", about);
      for (const Flag& flag : flags) {
        fprintf(out, "  --%s=%s  %s\n", flag.name.c_str(), flag.value.c_str(), flag.help.c_str());
      }
      exit(help ? 0 : 2);
    }
    known->second = equals == std::string::npos ? "true" : argument.substr(equals + 1);
  }
}

}  // namespace interprocess::stress
