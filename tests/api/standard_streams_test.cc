// SPDX-License-Identifier: MIT

// Programs without standard streams. What they print goes nowhere: no handle of the library ever
// has the number of a stream that was closed.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "interprocess/wait_any.h"
#include "tests/native/testing/file_queue.h"
#include "tests/platform/opened_handles.h"

namespace interprocess {
namespace {

using testing::TestDirectory;
using testing::Watched;
using testing::WatchOpenedHandles;

// What a program prints to streams that it has closed arrives nowhere.
bool PrintingFails(const std::string& closed) {
  for (const char number : closed) {
    if (write(number - '0', "WARN something happened\n", 24) != -1 || errno != EBADF) return false;
  }
  return true;
}

class StandardStreamsTest : public ::testing::TestWithParam<const char*> {
 protected:
  void ExpectNoLowHandle(const std::function<int(const std::string& closed)>& body) const {
    const std::string closed = GetParam();
    const Watched watched = WatchOpenedHandles(closed, [&] { return body(closed); });
    if (!watched.possible) GTEST_SKIP() << "no child can be watched here: " << watched.why;
    EXPECT_EQ(watched.code, 0);
    std::string low;
    for (const std::string& call : watched.low) low += "\n  " + call;
    EXPECT_EQ(low, "");
  }

  QueueOptions Options(Protocol protocol) const {
    QueueOptions options = directory_.Options("daemon");
    options.protocol = protocol;
    if (protocol != Protocol::kNative) options.max_participants = kDefaultMaxParticipants;
    return options;
  }

  TestDirectory directory_;
};

TEST_P(StandardStreamsTest, NoEndpointHasTheirNumbers) {
  for (const Protocol protocol : {Protocol::kNative, Protocol::kCloudtoidV2, Protocol::kCloudtoidV3,
                                  Protocol::kCloudtoidV2Fork}) {
    SCOPED_TRACE(ProtocolName(protocol));
    ExpectNoLowHandle([&](const std::string& closed) {
      const QueueOptions options = Options(protocol);
      auto publisher = Publisher::Open(options);
      WATCHED_CHECK(publisher.ok() && PrintingFails(closed));
      WATCHED_CHECK(publisher->Enqueue("first").ok() && PrintingFails(closed));
      auto subscriber = Subscriber::Open(options);
      WATCHED_CHECK(subscriber.ok() && PrintingFails(closed));
      WATCHED_CHECK(subscriber->TryDequeue().value() == "first");
      WATCHED_CHECK(!subscriber->Dequeue(WaitOptions(absl::Milliseconds(1))).ok());
      const Alarm alarm[] = {subscriber->Arm().value()};
      WaitAny(alarm, absl::Milliseconds(1));
      WATCHED_CHECK(PrintingFails(closed));
      return 0;
    });
  }
}

TEST_P(StandardStreamsTest, NoInspectorHasTheirNumbers) {
  for (const Protocol protocol :
       {Protocol::kNative, Protocol::kCloudtoidV2, Protocol::kCloudtoidV3}) {
    SCOPED_TRACE(ProtocolName(protocol));
    auto publisher = Publisher::Open(Options(protocol)).value();
    ASSERT_TRUE(publisher.Enqueue("first").ok());
    ExpectNoLowHandle([&](const std::string& closed) {
      auto inspector = QueueInspector::Open("daemon", directory_.path(), protocol);
      WATCHED_CHECK(inspector.ok() && PrintingFails(closed));
      WATCHED_CHECK(inspector->Report().ok() && inspector->Check()->empty());
      WATCHED_CHECK(inspector->Peek(1)->size() == 1);
      WATCHED_CHECK(protocol != Protocol::kNative || inspector->Repair().ok());
      const auto queues = ListQueues(directory_.path(), protocol);
      WATCHED_CHECK(queues.ok() && queues->size() == 1 && PrintingFails(closed));
      WATCHED_CHECK(RemoveQueue("daemon", directory_.path(), protocol).ok());
      return 0;
    });
  }
}

TEST_P(StandardStreamsTest, NoFailedOpeningHasTheirNumbers) {
  std::ofstream(directory_.FileOf("damaged")) << "";
  ExpectNoLowHandle([&](const std::string& closed) {
    QueueOptions options = Options(Protocol::kNative);
    options.mode = OpenMode::kOpenExisting;
    WATCHED_CHECK(absl::IsNotFound(Publisher::Open(options).status()));
    options.mode = OpenMode::kOpenOrCreate;
    options.account = "no group has this name";
    WATCHED_CHECK(!Publisher::Open(options).ok() && PrintingFails(closed));
    options.account = "root";
    WATCHED_CHECK(Publisher::Open(options).ok() || geteuid() != 0);
    WATCHED_CHECK(absl::IsDataLoss(Publisher::Open(directory_.Options("damaged")).status()));
    return 0;
  });
}

// The closed ones stay as they were, and what the program opens next has their numbers.
TEST_P(StandardStreamsTest, AreLeftAsTheyWere) {
  ExpectNoLowHandle([&](const std::string& closed) {
    auto publisher = Publisher::Open(Options(Protocol::kNative));
    WATCHED_CHECK(publisher.ok());
    for (const char number : closed) WATCHED_CHECK(fcntl(number - '0', F_GETFD) == -1);
    WATCHED_CHECK(closed.empty() || open("/", O_PATH | O_CLOEXEC) == closed.front() - '0');
    return 0;
  });
}

INSTANTIATE_TEST_SUITE_P(Closed, StandardStreamsTest,
                         ::testing::Values("", "0", "1", "2", "01", "02", "12", "012"),
                         [](const auto& test) { return std::string("_") + test.param; });

}  // namespace
}  // namespace interprocess
