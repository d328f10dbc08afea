// The few flags of the long forms: --name=value. (absl/flags does not compile under every
// sanitizer.)

#ifndef INTERPROCESS_TESTS_STRESS_FLAGS_H_
#define INTERPROCESS_TESTS_STRESS_FLAGS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace interprocess::stress {

struct Flag {
  std::string name;
  std::string value;  // the default
  std::string help;
};

class Flags {
 public:
  // Prints the help and exits if it is asked for, or if an argument is not understood.
  Flags(int argc, char** argv, const char* about, const std::vector<Flag>& flags);

  const std::string& Text(const std::string& name) const { return values_.at(name); }
  int64_t Number(const std::string& name) const { return std::stoll(Text(name)); }
  bool Is(const std::string& name) const { return Text(name) == "true" || Text(name) == "1"; }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace interprocess::stress

#endif  // INTERPROCESS_TESTS_STRESS_FLAGS_H_
