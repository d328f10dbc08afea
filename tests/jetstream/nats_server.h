// SPDX-License-Identifier: MIT

// The real nats-server, for one test.

#ifndef INTERPROCESS_TESTS_JETSTREAM_NATS_SERVER_H_
#define INTERPROCESS_TESTS_JETSTREAM_NATS_SERVER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "nlohmann/json.hpp"
#include "tests/tools/child.h"
#include "tools/jetstream/client.h"

namespace testing_jetstream {

// Where the server of that process listens, by the file of ports that it writes to `folder`.
// Negative as long as it has not.
int PortOf(const std::string& folder, int process);

// Listens on a port of its own, which it keeps when it is started again. Its JetStream's files are
// in a folder that it is given.
class NatsServer {
 public:
  struct Options {
    std::string folder;
    std::string address = "127.0.0.1";
    std::string jetstream;  // more lines for the configuration's block of that name
    std::string more;       // and for the rest
    std::string user;       // that `more` allows, for the test's own questions
    std::string password;
  };
  explicit NatsServer(Options options);

  // Starts it, and waits until JetStream answers.
  void Start();
  void Kill();
  void Signal(int signal) const { process_->Signal(signal); }

  // "nats://ADDRESS:PORT/" and `path`.
  std::string Url(absl::string_view path) const;
  jetstream::ConnectOptions HowToConnect() const;

  // A connection for the test's own questions; made anew for each, for servers die here.
  std::unique_ptr<jetstream::Client> Connect() const;
  // What JetStream's API answers; null if it does not.
  nlohmann::json Ask(const std::string& subject, const nlohmann::json& question = nullptr) const;
  // The stream's last sequence: how many messages it has stored since it was made.
  uint64_t Stored(const std::string& stream) const;
  // Of consumer "ipq": what it has not delivered, or what was not acknowledged.
  uint64_t Outstanding(const std::string& stream) const;

 private:
  void WriteConfiguration() const;

  const Options options_;
  int port_ = -1;  // negative: any
  std::optional<testing_tools::Child> process_;
};

}  // namespace testing_jetstream

#endif  // INTERPROCESS_TESTS_JETSTREAM_NATS_SERVER_H_
