// SPDX-License-Identifier: MIT

// The C++ examples, where there are signals and what the demo needs.

#include <signal.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/examples/cpp_examples.h"

namespace {

using testing::HasSubstr;
using testing_tools::Child;

TEST_F(CppExamplesTest, TheyEndWithCtrlC) {
  Child publisher = Start("PUBLISHER", {"--interval=1h"}, "publisher.txt");
  Child subscriber = Start("SUBSCRIBER", {}, "subscriber.txt");
  ASSERT_TRUE(Printed("subscriber.txt", "greeting 1"));
  subscriber.Signal(SIGINT);
  EXPECT_EQ(subscriber.Wait(), 0);
  ASSERT_TRUE(Printed("publisher.txt", "greeting 1"));
  publisher.Signal(SIGTERM);
  EXPECT_EQ(publisher.Wait(), 0);
}

TEST_F(CppExamplesTest, DemoFindsEveryMessage) {
  Child demo = Start("DEMO", {"--messages=40000", "--timed=400"}, "demo.txt");
  EXPECT_EQ(demo.Wait(), 0);
  const std::string output = Text("demo.txt");
  EXPECT_THAT(output, HasSubstr("40000 messages"));
  EXPECT_THAT(output, HasSubstr("latency of 400 messages"));
  EXPECT_THAT(output, HasSubstr("exactly once"));
}

TEST_F(CppExamplesTest, DemoSaysWhatIsWrong) {
  Child demo = Start("DEMO", {"--dir=" + File("nowhere")}, "wrong.txt");
  EXPECT_EQ(demo.Wait(), 1);
  EXPECT_THAT(Text("wrong.txt"), HasSubstr(File("nowhere")));
}

}  // namespace
