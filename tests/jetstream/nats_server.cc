// SPDX-License-Identifier: MIT

#include "tests/jetstream/nats_server.h"

#include <filesystem>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tools/jetstream/stream.h"

namespace testing_jetstream {

using jetstream::Client;
using nlohmann::json;
using testing_tools::Child;
using testing_tools::Eventually;
using testing_tools::Fd;

int PortOf(const std::string& folder, int process) {
  const std::string file = absl::StrCat(folder, "/nats-server_", process, ".ports");
  // The server makes the file before it writes to it.
  if (!std::filesystem::exists(file)) return -1;
  const json ports = json::parse(testing_tools::ReadFile(file), nullptr, false);
  if (!ports.is_object() || !ports.contains("nats")) return -1;
  const std::string url = ports["nats"][0];
  int port;
  return absl::SimpleAtoi(url.substr(url.rfind(':') + 1), &port) ? port : -1;
}

NatsServer::NatsServer(Options options) : options_(std::move(options)) {
  std::filesystem::create_directories(options_.folder);
  Start();
}

void NatsServer::WriteConfiguration() const {
  testing_tools::WriteFile(
      options_.folder + "/nats.conf",
      absl::StrCat("listen: \"", options_.address, ":", port_, "\"\nports_file_dir: \"",
                   options_.folder, "\"\njetstream {\n  store_dir: \"", options_.folder,
                   "/store\"\n", options_.jetstream, "\n}\n", options_.more, "\n"));
}

void NatsServer::Start() {
  WriteConfiguration();
  const Fd log = testing_tools::OpenToWrite(options_.folder + "/log");
  process_.emplace(
      std::vector<std::string>{"/usr/sbin/nats-server", "-c", options_.folder + "/nats.conf"},
      testing_tools::Stdio{-1, log.get(), log.get()});
  ASSERT_TRUE(Eventually([this] {
    if (port_ < 0) port_ = PortOf(options_.folder, process_->id());
    return port_ >= 0 && !Ask("$JS.API.INFO").is_null();
  })) << testing_tools::ReadFile(options_.folder + "/log");
}

void NatsServer::Kill() {
  process_->Signal(testing_tools::kKill);
  process_->Wait();
}

std::string NatsServer::Url(absl::string_view path) const {
  return absl::StrCat("nats://", options_.address, ":", port_, "/", path);
}

jetstream::ConnectOptions NatsServer::HowToConnect() const {
  jetstream::ConnectOptions options;
  options.servers = {absl::StrCat("nats://", options_.address, ":", port_)};
  options.user = options_.user;
  options.password = options_.password;
  options.name = "test";
  return options;
}

std::unique_ptr<Client> NatsServer::Connect() const {
  absl::StatusOr<std::unique_ptr<Client>> client = Client::Connect(HowToConnect());
  return client.ok() ? *std::move(client) : nullptr;
}

json NatsServer::Ask(const std::string& subject, const json& question) const {
  const std::unique_ptr<Client> client = Connect();
  if (client == nullptr) return nullptr;
  absl::StatusOr<json> answer = client->Ask(subject, question);
  return answer.ok() ? *std::move(answer) : json();
}

uint64_t NatsServer::Stored(const std::string& stream) const {
  const json info = Ask("$JS.API.STREAM.INFO." + stream);
  return info.is_null() ? 0 : info["state"]["last_seq"].get<uint64_t>();
}

uint64_t NatsServer::Outstanding(const std::string& stream) const {
  const std::unique_ptr<Client> client = Connect();
  if (client == nullptr) return 1;
  const auto progress = jetstream::LookAtConsumer(*client, stream, "ipq");
  return progress.ok() ? progress->outstanding : 1;
}

}  // namespace testing_jetstream
