// Options and names that are refused, each with the error that the headers name and with words that
// say what and where.

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {
namespace {

using absl::StatusCode;
using testing::RunInFork;
using testing::TestDirectory;

struct NamedCall {
  std::string name;
  std::function<absl::Status(const QueueOptions&)> call;
};

// Everything that takes a name and a directory.
std::vector<NamedCall> CallsWithName() {
  return {
      {"Publisher::Open", [](const QueueOptions& o) { return Publisher::Open(o).status(); }},
      {"Subscriber::Open", [](const QueueOptions& o) { return Subscriber::Open(o).status(); }},
      {"QueueInspector::Open",
       [](const QueueOptions& o) { return QueueInspector::Open(o.name, o.directory).status(); }},
      {"RemoveQueue", [](const QueueOptions& o) { return RemoveQueue(o.name, o.directory); }},
  };
}

void ExpectError(const absl::Status& status, StatusCode code, const std::string& words) {
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), words)) << status << "\nlacks: " << words;
}

class BadInputTest : public ::testing::Test {
 protected:
  TestDirectory directory_;
  QueueOptions options_ = directory_.Options();
};

struct NameCase {
  std::string name;
  std::string shown;
  std::string why;
};

TEST_F(BadInputTest, NamesThatAreNoneAreNamed) {
  const std::string nul("a\0b", 3);
  const NameCase cases[] = {
      {"", "''", "is empty"},
      {std::string(201, 'n'), "nnnn", "has 201 bytes, more than 200"},
      {"a/b", "'a/b'", "slash"},
      {"a\\b", "'a\\\\b'", "slash"},
      {"/", "'/'", "slash"},
      {nul, "a\\x00", "control character"},
      {"a\nb", "'a\\nb'", "control character"},
      {"a\x7f", "\\x7f", "control character"},
      {"..", "'..'", "'..'"},
      {"a..b", "'a..b'", "'..'"},
      {".hidden", "'.hidden'", "begins with a dot"},
      {".", "'.'", "begins with a dot"},
  };
  for (const NameCase& c : cases) {
    options_.name = c.name;
    for (const NamedCall& call : CallsWithName()) {
      SCOPED_TRACE(call.name + " " + c.why);
      const absl::Status status = call.call(options_);
      ExpectError(status, StatusCode::kInvalidArgument, c.shown);
      ExpectError(status, StatusCode::kInvalidArgument, c.why);
      EXPECT_LT(status.message().size(), 200u);
    }
    ExpectError(options_.Validate(), StatusCode::kInvalidArgument, c.why);
  }
}

TEST_F(BadInputTest, UnusualNamesAreNames) {
  for (const std::string& name :
       {std::string(200, 'n'), std::string("a"), std::string("a b"), std::string("a.b."),
        std::string("-rf"), std::string("\xc3\xa4\xc3\xb6"), std::string("\xff\xfe"),
        std::string("*?'\"$(x)"), std::string("x.ipq")}) {
    options_.name = name;
    EXPECT_TRUE(options_.Validate().ok()) << options_.Validate();
    auto publisher = Publisher::Open(options_);
    EXPECT_TRUE(publisher.ok()) << publisher.status();
    EXPECT_TRUE(directory_.Has(name));
  }
}

TEST_F(BadInputTest, CapacitiesOutOfRangeAreNamed) {
  for (int64_t capacity : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min(),
                           kMaxCapacity + 1, std::numeric_limits<int64_t>::max()}) {
    options_.capacity = capacity;
    const std::string words = "capacity " + std::to_string(capacity);
    ExpectError(options_.Validate(), StatusCode::kInvalidArgument, words);
    ExpectError(Publisher::Open(options_).status(), StatusCode::kInvalidArgument, words);
    ExpectError(Subscriber::Open(options_).status(), StatusCode::kInvalidArgument, words);
    EXPECT_FALSE(directory_.Has("queue"));
  }
}

TEST_F(BadInputTest, ParticipantCountsOutOfRangeAreNamed) {
  for (int count : {1, 0, -1, 8192, std::numeric_limits<int>::max()}) {
    options_.max_participants = count;
    const std::string words = "max_participants " + std::to_string(count);
    ExpectError(options_.Validate(), StatusCode::kInvalidArgument, words);
    ExpectError(Publisher::Open(options_).status(), StatusCode::kInvalidArgument, words);
  }
  for (int count : {2, 8191}) {
    options_.max_participants = count;
    EXPECT_TRUE(Publisher::Open(options_).ok());
  }
}

TEST_F(BadInputTest, MissingDirectoryIsNotFound) {
  options_.directory = directory_.path() + "/missing";
  for (const NamedCall& call : CallsWithName()) {
    SCOPED_TRACE(call.name);
    ExpectError(call.call(options_), StatusCode::kNotFound, options_.directory);
  }
  ExpectError(ListQueues(options_.directory).status(), StatusCode::kNotFound, options_.directory);
}

TEST_F(BadInputTest, DirectoryThatIsNoneIsInvalid) {
  const std::string file = directory_.path() + "/file";
  const std::string link = directory_.path() + "/link";
  ASSERT_EQ(close(creat(file.c_str(), 0600)), 0);
  ASSERT_EQ(symlink(directory_.path().c_str(), link.c_str()), 0);
  for (const auto& [path, kind] :
       {std::pair{file, "a file"}, {link, "a symbolic link"}, {link + "/", "a symbolic link"}}) {
    options_.directory = path;
    for (const NamedCall& call : CallsWithName()) {
      SCOPED_TRACE(call.name + " " + path);
      ExpectError(call.call(options_), StatusCode::kInvalidArgument, kind);
    }
    ExpectError(ListQueues(path).status(), StatusCode::kInvalidArgument, kind);
  }
  options_.directory = std::string("/tmp\0x", 6);
  ExpectError(Publisher::Open(options_).status(), StatusCode::kInvalidArgument, "NUL");
  for (const NamedCall& call : CallsWithName()) {
    SCOPED_TRACE(call.name);
    EXPECT_EQ(call.call(options_).code(), StatusCode::kInvalidArgument);
  }
}

TEST_F(BadInputTest, DirectoryNameTooLongForTheSystemIsRefused) {
  options_.directory = "/" + std::string(5000, 'd');
  for (const NamedCall& call : CallsWithName()) {
    const absl::Status status = call.call(options_);
    EXPECT_FALSE(status.ok()) << call.name;
    EXPECT_NE(status.code(), StatusCode::kUnknown) << status;
  }
}

// In a child: gives up the privileges by which root passes over file modes.
bool ObeyFileModes() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  return syscall(SYS_capset, &header, none) == 0;
}

int CheckDenied(const QueueOptions& options, const std::string& path) {
  FORK_CHECK(ObeyFileModes());
  for (const NamedCall& call : CallsWithName()) {
    const absl::Status status = call.call(options);
    if (status.code() == StatusCode::kPermissionDenied &&
        absl::StrContains(status.message(), path)) {
      continue;
    }
    fprintf(stderr, "%s: %s\n", call.name.c_str(), status.ToString().c_str());
    return 1;
  }
  return 0;
}

TEST_F(BadInputTest, DirectoryThatMayNotBeWrittenIsDenied) {
  ASSERT_TRUE(Publisher::Open(options_)->TryEnqueue("kept").ok());
  ASSERT_EQ(chmod(directory_.path().c_str(), 0555), 0);
  EXPECT_EQ(RunInFork([&] {
              FORK_CHECK(ObeyFileModes());
              for (const absl::Status& status :
                   {Publisher::Open(options_).status(), Subscriber::Open(options_).status(),
                    RemoveQueue("queue", options_.directory)}) {
                FORK_CHECK(status.code() == StatusCode::kPermissionDenied);
                FORK_CHECK(absl::StrContains(status.message(), options_.directory));
              }
              // Looking needs no right to write.
              FORK_CHECK(QueueInspector::Open("queue", options_.directory)->Check()->empty());
              const auto entries = ListQueues(options_.directory);
              FORK_CHECK(entries.ok() && entries->size() == 1 && (*entries)[0].status.ok());
              return 0;
            }),
            0);
  ASSERT_EQ(chmod(directory_.path().c_str(), 0700), 0);
}

TEST_F(BadInputTest, QueueThatMayNotBeOpenedIsDeniedAndListedSo) {
  ASSERT_TRUE(Publisher::Open(options_)->TryEnqueue("kept").ok());
  ASSERT_EQ(chmod(directory_.FileOf("queue").c_str(), 0), 0);
  EXPECT_EQ(RunInFork([&] {
              FORK_CHECK(CheckDenied(options_, directory_.FileOf("queue")) == 0);
              const auto entries = ListQueues(options_.directory);
              FORK_CHECK(entries.ok() && entries->size() == 1);
              FORK_CHECK((*entries)[0].status.code() == StatusCode::kPermissionDenied);
              FORK_CHECK((*entries)[0].capacity == 0);
              return 0;
            }),
            0);
}

TEST_F(BadInputTest, AccessIsTheModeOfTheFileWhateverTheUmask) {
  for (const auto& [access, mode] :
       {std::pair{Access::kOwner, 0600}, {Access::kGroup, 0660}, {Access::kEveryone, 0666}}) {
    options_.access = access;
    const mode_t before = umask(0077);
    const auto publisher = Publisher::Open(options_);
    umask(before);
    ASSERT_TRUE(publisher.ok()) << publisher.status();
    struct stat found;
    ASSERT_EQ(stat(directory_.FileOf("queue").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, static_cast<mode_t>(mode));
  }
}

TEST_F(BadInputTest, OtherOptionsOfAnExistingQueueAreNamedWithBothValues) {
  auto publisher = Publisher::Open(options_);
  ASSERT_TRUE(publisher.ok());
  QueueOptions other = options_;
  other.capacity = 5000;
  for (const absl::Status& status :
       {Publisher::Open(other).status(), Subscriber::Open(other).status()}) {
    for (const char* words : {"queue.ipq", "4096", "5000", "8192"}) {
      ExpectError(status, StatusCode::kFailedPrecondition, words);
    }
  }
  other = options_;
  other.max_participants = 17;
  for (const char* words : {"queue.ipq", "16", "17", "max_participants"}) {
    ExpectError(Publisher::Open(other).status(), StatusCode::kFailedPrecondition, words);
  }
  other.mode = OpenMode::kOpenExisting;
  other.capacity = 1 << 20;
  EXPECT_EQ(Publisher::Open(other)->capacity(), 4096);
  // What rounds to the same is the same.
  other = options_;
  other.capacity = 1;
  EXPECT_TRUE(Publisher::Open(other).ok());
}

TEST_F(BadInputTest, ParticipantTooManyIsRefusedUntilOneLeaves) {
  options_.max_participants = 2;
  auto publisher = Publisher::Open(options_);
  auto subscriber = Subscriber::Open(options_);
  ASSERT_TRUE(publisher.ok() && subscriber.ok());
  const absl::Status status = Publisher::Open(options_).status();
  ExpectError(status, StatusCode::kResourceExhausted, "queue.ipq");
  ExpectError(status, StatusCode::kResourceExhausted, "2");
  subscriber->Close();
  EXPECT_TRUE(Publisher::Open(options_).ok());
}

TEST_F(BadInputTest, MessageLargerThanTheQueueTakesIsInvalid) {
  auto publisher = Publisher::Open(options_);
  ASSERT_EQ(publisher->max_message_size(), 4096u);
  const std::vector<uint8_t> large(4097);
  const absl::Span<const uint8_t> batch[] = {{}, large, {}};
  for (const absl::Status& status :
       {publisher->TryEnqueue(large), publisher->Enqueue(large),
        publisher->TryReserve(4097).status(), publisher->Reserve(4097).status(),
        publisher->TryEnqueueBatch(batch).status()}) {
    ExpectError(status, StatusCode::kInvalidArgument, "4097");
    ExpectError(status, StatusCode::kInvalidArgument, "4096");
  }
  EXPECT_EQ(publisher->TryReserve(SIZE_MAX).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Subscriber::Open(options_)->TryDequeue().status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace interprocess
