// SPDX-License-Identifier: MIT

// What a fuzz target is linked with where there is no libFuzzer: runs the files of its corpus once,
// and then changes of them, the same ones each time.
//
//   replay [--runs=N] [--seed=N] FILE|DIRECTORY...

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Bytes = std::vector<uint8_t>;

constexpr size_t kMaxSize = 4096;

// What runs now, for OnSignal.
Bytes current;

// A finding: the input, in hexadecimal digits, goes to the error output.
void OnSignal(int signal) {
  constexpr char kDigits[] = "0123456789abcdef";
  constexpr char kWords[] = "\nthe input was, in hexadecimal:\n";
  bool written = write(STDERR_FILENO, kWords, sizeof(kWords) - 1) > 0;
  for (uint8_t byte : current) {
    const char digits[] = {kDigits[byte >> 4], kDigits[byte & 15]};
    written = write(STDERR_FILENO, digits, sizeof(digits)) > 0 && written;
  }
  written = write(STDERR_FILENO, "\n", 1) > 0 && written;
  raise(signal);  // which does now what it does by default
}

void Run(Bytes bytes) {
  current = std::move(bytes);
  LLVMFuzzerTestOneInput(current.data(), current.size());
}

std::vector<Bytes> Read(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<Bytes> inputs;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "%s: cannot be read\n", file.c_str());
      std::exit(1);
    }
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return inputs;
}

Bytes Mutate(const std::vector<Bytes>& inputs, std::mt19937_64& random) {
  const auto below = [&](size_t limit) { return static_cast<size_t>(random() % limit); };
  Bytes bytes = inputs[below(inputs.size())];
  for (size_t changes = 1 + below(6); changes > 0; --changes) {
    const size_t at = below(bytes.size() + 1);
    const auto place = bytes.begin() + static_cast<ptrdiff_t>(at);
    switch (below(5)) {
      case 0:
        if (at < bytes.size()) bytes[at] ^= static_cast<uint8_t>(1u << below(8));
        break;
      case 1:
        if (at < bytes.size()) bytes[at] = static_cast<uint8_t>(random());
        break;
      case 2:
        bytes.insert(place, static_cast<uint8_t>(random()));
        break;
      case 3:
        bytes.erase(place, place + static_cast<ptrdiff_t>(below(bytes.size() - at + 1)) / 4);
        break;
      default: {
        const Bytes& other = inputs[below(inputs.size())];
        if (other.empty()) break;
        const size_t from = below(other.size());
        const size_t size = 1 + below(std::min<size_t>(other.size() - from, 64));
        bytes.insert(place, other.begin() + static_cast<ptrdiff_t>(from),
                     other.begin() + static_cast<ptrdiff_t>(from + size));
      }
    }
  }
  if (bytes.size() > kMaxSize) bytes.resize(kMaxSize);
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t runs = 0;
  uint64_t seed = 1;
  std::vector<std::string> paths;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.rfind("--runs=", 0) == 0) {
      runs = std::strtoull(argument.c_str() + 7, nullptr, 10);
    } else if (argument.rfind("--seed=", 0) == 0) {
      seed = std::strtoull(argument.c_str() + 7, nullptr, 10);
    } else {
      paths.push_back(argument);
    }
  }
  const std::vector<Bytes> inputs = Read(paths);
  if (inputs.empty()) {
    std::fprintf(stderr, "no corpus; usage: %s [--runs=N] [--seed=N] FILE|DIRECTORY...\n", argv[0]);
    return 2;
  }
  struct sigaction action = {};
  action.sa_handler = &OnSignal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTERM}) {
    sigaction(signal, &action, nullptr);
  }
  for (const Bytes& input : inputs) Run(input);
  std::mt19937_64 random(seed);
  for (uint64_t run = 0; run < runs; ++run) Run(Mutate(inputs, random));
  std::printf("%zu inputs, %llu changes of them\n", inputs.size(),
              static_cast<unsigned long long>(runs));
  return 0;
}
