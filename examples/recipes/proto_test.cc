// The recipe for protocol buffers with a class that protoc makes.

#include "examples/recipes/proto.h"

#include "absl/status/status.h"
#include "examples/recipes/order.pb.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"
#include "interprocess/testing/test_directory.h"

namespace recipes {
namespace {

TEST(ProtoTest, WhatProtocMakesGoesThrough) {
  const interprocess::testing::TestDirectory directory;
  Publisher publisher = *Publisher::Open(directory.Options("q"));
  Subscriber subscriber = *Subscriber::Open(directory.Options("q"));
  Order order;
  order.set_number(7);
  order.set_item("tea");
  ASSERT_TRUE(SendProto(publisher, order).ok());
  Order received;
  ASSERT_TRUE(ReceiveProto(subscriber, received).ok());
  EXPECT_EQ(received.number(), 7);
  EXPECT_EQ(received.item(), "tea");
  ASSERT_TRUE(publisher.TryEnqueue("\xff garbage").ok());
  EXPECT_TRUE(absl::IsDataLoss(ReceiveProto(subscriber, received)));
}

}  // namespace
}  // namespace recipes
