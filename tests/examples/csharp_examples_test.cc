// SPDX-License-Identifier: MIT

// Runs the C# examples as their users do, beside the C++ ones.

#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/tools/child.h"

namespace {

using testing::HasSubstr;
using testing_tools::Child;
using testing_tools::Eventually;
using testing_tools::Fd;
using testing_tools::OpenToWrite;
using testing_tools::ReadFile;

class CsharpExamplesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = absl::StrCat(testing::TempDir(), "/examples-XXXXXX");
    ASSERT_NE(mkdtemp(pattern.data()), nullptr) << pattern;
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string File(const std::string& name) const { return directory_ + "/" + name; }

  // Starts the program whose path is in the environment variable; it prints to the file `output`.
  Child Start(const char* variable, std::vector<std::string> flags, const std::string& output) {
    const Fd out = OpenToWrite(File(output));
    flags.insert(flags.begin(), getenv(variable));
    return Child(flags, {-1, out.get(), out.get()});
  }
  std::string Dir() const { return "--dir=" + directory_; }

  bool Printed(const std::string& output, const std::string& text) const {
    return Eventually([&] { return ReadFile(File(output)).find(text) != std::string::npos; });
  }

  // Waits until somebody has made the queue. Publishers with the original's interface come after
  // the subscriber: the last to leave takes along what was not received.
  bool HasQueue() const {
    return Eventually([&] { return std::filesystem::exists(File("greetings.ipq")); });
  }

  // Three greetings from one to the other.
  void Greet(const char* from, const char* to) {
    SCOPED_TRACE(absl::StrCat(from, " to ", to));
    Child subscriber = Start(to, {Dir(), "--count=3"}, "subscriber.txt");
    ASSERT_TRUE(HasQueue()) << ReadFile(File("subscriber.txt"));
    Child publisher = Start(from, {Dir(), "--count=3", "--interval=1"}, "publisher.txt");
    EXPECT_EQ(subscriber.Wait(), 0) << ReadFile(File("subscriber.txt"));
    EXPECT_EQ(publisher.Wait(), 0) << ReadFile(File("publisher.txt"));
    for (int i = 1; i <= 3; ++i) {
      EXPECT_THAT(ReadFile(File("subscriber.txt")),
                  HasSubstr(absl::StrCat("received: greeting ", i, " from process ", publisher.id(),
                                         "\n")));
    }
  }

 private:
  std::string directory_;
};

TEST_F(CsharpExamplesTest, PublisherAndSubscriberGreet) { Greet("PUBLISHER", "SUBSCRIBER"); }

TEST_F(CsharpExamplesTest, WithDependencyInjection) { Greet("DI_PUBLISHER", "DI_SUBSCRIBER"); }

TEST_F(CsharpExamplesTest, CsharpSubscriberHearsCpp) {
  Child subscriber = Start("SUBSCRIBER", {Dir(), "--count=3"}, "subscriber.txt");
  ASSERT_TRUE(HasQueue()) << ReadFile(File("subscriber.txt"));
  Child publisher = Start("CPP_PUBLISHER", {Dir(), "--count=3", "--interval=1ms"}, "publisher.txt");
  EXPECT_EQ(subscriber.Wait(), 0) << ReadFile(File("subscriber.txt"));
  EXPECT_EQ(publisher.Wait(), 0) << ReadFile(File("publisher.txt"));
}

TEST_F(CsharpExamplesTest, CppSubscriberHearsCsharp) { Greet("PUBLISHER", "CPP_SUBSCRIBER"); }

TEST_F(CsharpExamplesTest, WorkerWorksUntilItIsStopped) {
  Child worker =
      Start("WORKER", {"--Queue:QueueName=greetings", "--Queue:Path=" + File("")}, "worker.txt");
  ASSERT_TRUE(HasQueue()) << ReadFile(File("worker.txt"));
  Child publisher = Start("PUBLISHER", {Dir(), "--count=1"}, "publisher.txt");
  EXPECT_EQ(publisher.Wait(), 0) << ReadFile(File("publisher.txt"));
  EXPECT_TRUE(Printed("worker.txt", "received: greeting 1")) << ReadFile(File("worker.txt"));
  worker.Signal(SIGTERM);
  EXPECT_EQ(worker.Wait(), 0) << ReadFile(File("worker.txt"));
}

TEST_F(CsharpExamplesTest, TheyEndWithCtrlC) {
  Child publisher = Start("PUBLISHER", {Dir(), "--interval=3600000"}, "publisher.txt");
  Child subscriber = Start("SUBSCRIBER", {Dir()}, "subscriber.txt");
  ASSERT_TRUE(Printed("subscriber.txt", "greeting 1")) << ReadFile(File("subscriber.txt"));
  subscriber.Signal(SIGINT);
  EXPECT_EQ(subscriber.Wait(), 0) << ReadFile(File("subscriber.txt"));
  publisher.Signal(SIGTERM);
  EXPECT_EQ(publisher.Wait(), 0) << ReadFile(File("publisher.txt"));
}

}  // namespace
