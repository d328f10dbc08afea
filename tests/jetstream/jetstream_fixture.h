// SPDX-License-Identifier: MIT

// Runs `ipq bridge` beside a NATS server.

#ifndef INTERPROCESS_TESTS_JETSTREAM_JETSTREAM_FIXTURE_H_
#define INTERPROCESS_TESTS_JETSTREAM_JETSTREAM_FIXTURE_H_

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "interprocess/queue_options.h"
#include "nlohmann/json.hpp"
#include "tests/jetstream/nats_server.h"
#include "tests/tools/child.h"
#include "tests/tools/ipq_fixture.h"

namespace testing_jetstream {

class JetStreamTest : public testing_tools::IpqTest {
 protected:
  NatsServer::Options ServerOptions() const {
    NatsServer::Options options;
    options.folder = File("nats");
    return options;
  }

  // A bridge that writes its events to a file.
  testing_tools::Child StartBridge(const std::string& from, const std::string& to,
                                   const std::string& events,
                                   const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"bridge", from, to, "--json", "--follow"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const testing_tools::Fd out = testing_tools::OpenToWrite(File(events));
    return Start(arguments, {-1, out.get(), -1});
  }

  // The sum of a field of all events of one name.
  int Count(const std::string& events, const std::string& name, const std::string& field) const {
    int sum = 0;
    for (absl::string_view line : absl::StrSplit(testing_tools::ReadFile(File(events)), '\n')) {
      const auto event = nlohmann::json::parse(line, nullptr, false);
      if (event.is_object() && event["event"] == name) sum += event.value(field, 1);
    }
    return sum;
  }

  std::string Events(const std::string& events) const {
    return testing_tools::ReadFile(File(events));
  }

  interprocess::QueueOptions Queue(const std::string& name) const {
    interprocess::QueueOptions options;
    options.name = name;
    options.directory = directory();
    options.mode = interprocess::OpenMode::kOpenExisting;
    return options;
  }
};

}  // namespace testing_jetstream

#endif  // INTERPROCESS_TESTS_JETSTREAM_JETSTREAM_FIXTURE_H_
