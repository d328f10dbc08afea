// Runs the C++ examples as their users do.

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

class CppExamples : public testing::Test {
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
    flags.insert(flags.begin(), {getenv(variable), "--dir=" + directory_});
    return Child(flags, {-1, out.get(), out.get()});
  }

  bool Printed(const std::string& output, const std::string& text) const {
    return Eventually([&] { return ReadFile(File(output)).find(text) != std::string::npos; });
  }

 private:
  std::string directory_;
};

TEST_F(CppExamples, PublisherAndSubscriberGreet) {
  Child subscriber = Start("SUBSCRIBER", {"--count=3"}, "subscriber.txt");
  Child publisher = Start("PUBLISHER", {"--count=3", "--interval=1ms"}, "publisher.txt");
  EXPECT_EQ(publisher.Wait(), 0);
  EXPECT_EQ(subscriber.Wait(), 0);
  const std::string from = absl::StrCat(" from process ", publisher.id(), "\n");
  EXPECT_EQ(ReadFile(File("subscriber.txt")),
            absl::StrCat("received: greeting 1", from, "received: greeting 2", from,
                         "received: greeting 3", from));
  EXPECT_THAT(ReadFile(File("publisher.txt")), HasSubstr("sent: greeting 3"));
}

TEST_F(CppExamples, TheyEndWithCtrlC) {
  Child publisher = Start("PUBLISHER", {"--interval=1h"}, "publisher.txt");
  Child subscriber = Start("SUBSCRIBER", {}, "subscriber.txt");
  ASSERT_TRUE(Printed("subscriber.txt", "greeting 1"));
  subscriber.Signal(SIGINT);
  EXPECT_EQ(subscriber.Wait(), 0);
  ASSERT_TRUE(Printed("publisher.txt", "greeting 1"));
  publisher.Signal(SIGTERM);
  EXPECT_EQ(publisher.Wait(), 0);
}

TEST_F(CppExamples, DemoFindsEveryMessage) {
  Child demo = Start("DEMO", {"--messages=40000", "--timed=400"}, "demo.txt");
  EXPECT_EQ(demo.Wait(), 0);
  const std::string output = ReadFile(File("demo.txt"));
  EXPECT_THAT(output, HasSubstr("40000 messages"));
  EXPECT_THAT(output, HasSubstr("latency of 400 messages"));
  EXPECT_THAT(output, HasSubstr("exactly once"));
}

TEST_F(CppExamples, TheySayWhatIsWrong) {
  for (const char* variable : {"PUBLISHER", "SUBSCRIBER", "DEMO"}) {
    Child child = Start(variable, {"--dir=" + File("nowhere")}, "wrong.txt");
    EXPECT_EQ(child.Wait(), 1);
    EXPECT_THAT(ReadFile(File("wrong.txt")), HasSubstr(File("nowhere")));
  }
}

}  // namespace
