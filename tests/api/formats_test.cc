// SPDX-License-Identifier: MIT

// What holds of every format.

#include <set>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"

namespace interprocess {
namespace {

TEST(FormatsTest, EachHasARowOfItsOwn) {
  std::set<std::string> names;
  for (const Protocol protocol : kAllProtocols) {
    EXPECT_STRNE(ProtocolName(protocol), "");
    EXPECT_TRUE(names.insert(ProtocolName(protocol)).second) << ProtocolName(protocol);
    EXPECT_NE(DefaultDirectory(protocol), "");
    EXPECT_TRUE((QueueOptions{"queue", "", 4096, protocol}.Validate().ok()));
  }
}

// Whatever is asked of it says which number it is, and which there are.
TEST(FormatsTest, NumberOfNoneIsRefusedEverywhere) {
  const auto none = static_cast<Protocol>(1);
  QueueOptions options;
  options.name = "queue";
  options.protocol = none;
  for (const absl::Status& status :
       {options.Validate(), Publisher::Open(options).status(), Subscriber::Open(options).status(),
        QueueInspector::Open("queue", "", none).status(), ListQueues("", none).status(),
        RemoveQueue("queue", "", none)}) {
    EXPECT_EQ(status, absl::InvalidArgumentError("protocol 1 is none of 0, 2, 3, 4"));
  }
  EXPECT_STREQ(ProtocolName(none), "");
  EXPECT_EQ(DefaultDirectory(none), "");
}

}  // namespace
}  // namespace interprocess
