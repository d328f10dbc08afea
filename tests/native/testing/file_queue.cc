#include "tests/native/testing/file_queue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "absl/types/span.h"
#include "core/platform/process.h"
#include "gtest/gtest.h"

namespace interprocess::testing {

TestDirectory::TestDirectory() {
  std::string pattern = ::testing::TempDir() + "/ipq-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) {
    perror("mkdtemp");
    abort();
  }
  path_ = pattern;
}

TestDirectory::~TestDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

bool TestDirectory::Has(const std::string& name) const {
  return std::filesystem::exists(std::filesystem::symlink_status(FileOf(name)));
}

QueueOptions TestDirectory::Options(const std::string& name, int64_t capacity) const {
  QueueOptions options;
  options.name = name;
  options.directory = path_;
  options.capacity = capacity;
  options.max_participants = 16;
  return options;
}

bool Eventually(const std::function<bool()>& condition) {
  const int64_t deadline = platform::MonotonicNanos() + 30'000'000'000;
  while (!condition()) {
    if (platform::MonotonicNanos() > deadline) return false;
    usleep(200);
  }
  return true;
}

bool AnotherThreadSleeps() {
  std::error_code ignored;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
    if (task.path().filename() == std::to_string(gettid())) continue;
    std::ifstream file(task.path() / "stat");
    std::string stat;
    std::getline(file, stat);
    // The state follows the program's name, which is in parentheses.
    const size_t name_end = stat.rfind(')');
    if (name_end != stat.npos && stat.compare(name_end, 3, ") S") == 0) return true;
  }
  return false;
}

int RunInFork(const std::function<int()>& body) {
  fflush(nullptr);
  const pid_t id = fork();
  if (id == 0) {
    const int code = body();
    fflush(nullptr);
    _exit(code);
  }
  int state = 0;
  while (waitpid(id, &state, 0) == -1) {
    if (errno != EINTR) abort();
  }
  return WIFEXITED(state) ? WEXITSTATUS(state) : 1000 + WTERMSIG(state);
}

int Fail(const char* file, int line, const char* condition) {
  fprintf(stderr, "%s:%d: in a child process: not true: %s\n", file, line, condition);
  return 1;
}

QueueBytes::QueueBytes(const std::string& path) {
  const int handle = open(path.c_str(), O_RDWR | O_CLOEXEC);
  struct stat found;
  if (handle < 0 || fstat(handle, &found) != 0) {
    perror(path.c_str());
    abort();
  }
  size_ = static_cast<uint64_t>(found.st_size);
  void* data = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
  close(handle);
  if (data == MAP_FAILED) abort();
  data_ = static_cast<uint8_t*>(data);
  auto memory = native::QueueMemory::Check(data_, size_, path);
  if (memory.ok()) memory_ = std::make_unique<native::QueueMemory>(*memory);
}

QueueBytes::~QueueBytes() { munmap(data_, size_); }

absl::StatusOr<std::string> Take(const SubscriberPeer& subscriber, MessageInfo* info) {
  std::vector<uint8_t> buffer(subscriber->max_message_size());
  absl::StatusOr<size_t> size = subscriber->TryDequeue(absl::MakeSpan(buffer), info);
  if (!size.ok()) return size.status();
  return std::string(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(*size));
}

absl::StatusOr<std::string> TakeSoon(const SubscriberPeer& subscriber, MessageInfo* info) {
  absl::StatusOr<std::string> result;
  Eventually([&] {
    result = Take(subscriber, info);
    return !absl::IsUnavailable(result.status());
  });
  return result;
}

absl::Status Put(const PublisherPeer& publisher, const std::string& message) {
  return publisher->TryEnqueue(
      absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(message.data()), message.size()));
}

}  // namespace interprocess::testing
