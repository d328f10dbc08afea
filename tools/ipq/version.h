#ifndef TOOLS_IPQ_VERSION_H_
#define TOOLS_IPQ_VERSION_H_

namespace ipq {

// What `ipq --version` says; a test compares it with the module's.
inline constexpr char kVersion[] = "0.1.0";

}  // namespace ipq

#endif  // TOOLS_IPQ_VERSION_H_
