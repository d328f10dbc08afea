// SPDX-License-Identifier: MIT

// The C++ examples, on every system.

#include "tests/examples/cpp_examples.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace {

using testing::HasSubstr;
using testing_tools::Child;

TEST_F(CppExamplesTest, PublisherAndSubscriberGreet) {
  Child subscriber = Start("SUBSCRIBER", {"--count=3"}, "subscriber.txt");
  Child publisher = Start("PUBLISHER", {"--count=3", "--interval=1ms"}, "publisher.txt");
  EXPECT_EQ(publisher.Wait(), 0);
  EXPECT_EQ(subscriber.Wait(), 0);
  const std::string from = absl::StrCat(" from process ", publisher.id(), "\n");
  EXPECT_EQ(Text("subscriber.txt"),
            absl::StrCat("received: greeting 1", from, "received: greeting 2", from,
                         "received: greeting 3", from));
  EXPECT_THAT(Text("publisher.txt"), HasSubstr("sent: greeting 3"));
}

TEST_F(CppExamplesTest, TheySayWhatIsWrong) {
  for (const char* variable : {"PUBLISHER", "SUBSCRIBER"}) {
    Child child = Start(variable, {"--dir=" + File("nowhere")}, "wrong.txt");
    EXPECT_EQ(child.Wait(), 1);
    EXPECT_THAT(Text("wrong.txt"), HasSubstr(File("nowhere")));
  }
}

}  // namespace
