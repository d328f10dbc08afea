// SPDX-License-Identifier: MIT

// Bridges between a queue and a stream of NATS JetStream.

#include <cctype>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"
#include "nlohmann/json.hpp"
#include "tools/ipq/bridge.h"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/format.h"
#include "tools/ipq/progress.h"
#include "tools/ipq/queue_access.h"
#include "tools/ipq/stop_signals.h"
#include "tools/ipq/streams.h"
#include "tools/jetstream/address.h"
#include "tools/jetstream/client.h"
#include "tools/jetstream/observer.h"
#include "tools/jetstream/queue_to_stream.h"
#include "tools/jetstream/stream_to_queue.h"

namespace ipq {
namespace {

using jetstream::Address;
using jetstream::Client;
using jetstream::ConnectOptions;
using nlohmann::json;

constexpr absl::Duration kConnectInterval = absl::Seconds(1);
constexpr absl::Duration kMovedInterval = absl::Seconds(1);
// A stream that shows no message for so long is asked whether it has any.
constexpr absl::Duration kStreamDrainWait = absl::Milliseconds(500);

// Shows on standard error how it goes; with --json, on standard output.
class Reporter final : public jetstream::Observer {
 public:
  void Moved(uint64_t messages, uint64_t bytes) override {
    progress_.Add(messages, bytes);
    messages_ += messages;
    bytes_ += bytes;
    waiting_.clear();
    const absl::Time now = absl::Now();
    if (!json_ || now < next_moved_) return;
    next_moved_ = now + kMovedInterval;
    Print({{"event", "moved"}, {"messages", messages_}, {"bytes", bytes_}});
  }

  void Waiting(absl::string_view why) override {
    progress_.ShowWaiting(why);
    if (why == waiting_) return;
    waiting_ = std::string(why);
    if (json_) Print({{"event", "waiting"}, {"why", waiting_}});
  }

  void Happened(const json& event) override {
    if (json_) return Print(event);
    const std::string name = event["event"];
    std::string text;
    if (name == "disconnected") text = "the connection to the server is lost; looking for it";
    if (name == "reconnected") text = "the server is back";
    if (name == "dead_letter") text = event["why"];
    if (name == "given_back") {
      text = absl::StrCat(FormatNumberOf(event["messages"], "message"),
                          " not acknowledged by the server, back in the queue");
    }
    if (name == "outside_window") {
      text = absl::StrCat(FormatNumberOf(event["messages"], "message"),
                          " sent again later than the stream's duplicate window (",
                          event["window_seconds"].dump(), " s): each may be in the stream twice");
    }
    progress_.Finish();
    PrintError(text);
  }

  // The last line.
  void Finish(const jetstream::Totals& totals) {
    progress_.Finish();
    if (json_) {
      Print({{"event", "done"},
             {"messages", totals.messages},
             {"bytes", totals.bytes},
             {"repeats", totals.repeats},
             {"redelivered", totals.redelivered},
             {"outside_window", totals.outside_window},
             {"dead_letters", totals.dead_letters}});
      return;
    }
    if (totals.outside_window > 0) {
      PrintError(absl::StrCat("in all, ", FormatNumberOf(totals.outside_window, "message"),
                              " may be in the stream twice"));
    }
  }

 private:
  void Print(json event) {
    event["time"] = absl::FormatTime(absl::RFC3339_full, absl::Now(), absl::UTCTimeZone());
    PrintOutput(absl::StrCat(event.dump(), "\n"));
  }

  const bool json_ = absl::GetFlag(FLAGS_json);
  Progress progress_{-1};
  absl::Time next_moved_ = absl::Now() + kMovedInterval;
  uint64_t messages_ = 0;
  uint64_t bytes_ = 0;
  std::string waiting_;
};

std::string FlagOr(const std::string& flag, const char* variable) {
  return flag.empty() ? EnvironmentVariable(variable) : flag;
}

ConnectOptions HowToConnect(const Address& address) {
  ConnectOptions options;
  options.servers = address.servers;
  options.user = EnvironmentVariable("NATS_USER");
  options.password = EnvironmentVariable("NATS_PASSWORD");
  options.token = EnvironmentVariable("NATS_TOKEN");
  options.credentials = FlagOr(absl::GetFlag(FLAGS_creds), "NATS_CREDS");
  options.tls_ca = FlagOr(absl::GetFlag(FLAGS_tls_ca), "NATS_CA");
  options.tls_cert = FlagOr(absl::GetFlag(FLAGS_tls_cert), "NATS_CERT");
  options.tls_key = FlagOr(absl::GetFlag(FLAGS_tls_key), "NATS_KEY");
  return options;
}

// With --follow, waits for a server that is not there yet.
absl::StatusOr<std::unique_ptr<Client>> Connect(const ConnectOptions& options,
                                                const StopSignals& stop, Reporter& reporter) {
  for (;;) {
    absl::StatusOr<std::unique_ptr<Client>> client = Client::Connect(options);
    if (!absl::IsUnavailable(client.status()) || !absl::GetFlag(FLAGS_follow)) return client;
    reporter.Waiting(client.status().message());
    const absl::Time end = absl::Now() + kConnectInterval;
    while (absl::Now() < end) {
      if (stop.stopped()) return absl::CancelledError("stopped");
      absl::SleepFor(absl::Milliseconds(50));
    }
  }
}

// As Connect, for a server that is there and not ready: just started, or without enough others.
template <typename Bridge, typename Open>
absl::StatusOr<std::unique_ptr<Bridge>> OpenBridge(const Open& open, const StopSignals& stop,
                                                   Reporter& reporter) {
  for (;;) {
    absl::StatusOr<std::unique_ptr<Bridge>> bridge = open();
    const bool not_ready =
        absl::IsUnavailable(bridge.status()) || absl::IsDeadlineExceeded(bridge.status());
    if (!not_ready || !absl::GetFlag(FLAGS_follow)) return bridge;
    reporter.Waiting(bridge.status().message());
    if (stop.stopped()) return absl::CancelledError("stopped");
    absl::SleepFor(kConnectInterval);
  }
}

// "ipq", or with the subject behind it, as far as names take it.
std::string ConsumerName(const std::string& subject) {
  if (std::string name = absl::GetFlag(FLAGS_consumer); !name.empty()) return name;
  std::string name = "ipq";
  if (subject.empty()) return name;
  name += '-';
  for (const char c : subject) {
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : c == '>' ? '+' : '_';
  }
  return name;
}

absl::Duration IdleTime(absl::Duration without) {
  if (absl::GetFlag(FLAGS_follow)) return absl::InfiniteDuration();
  return absl::GetFlag(FLAGS_idle).value_or(without);
}

uint64_t Count() {
  return absl::GetFlag(FLAGS_count).value_or(std::numeric_limits<uint64_t>::max());
}

absl::StatusOr<jetstream::StreamOptions> HowStreamIs(const Address& address) {
  jetstream::StreamOptions options;
  options.stream = address.stream;
  options.subject = address.subject;
  options.create = absl::GetFlag(FLAGS_create);
  options.duplicate_window = absl::GetFlag(FLAGS_duplicate_window);
  options.max_age = absl::GetFlag(FLAGS_max_age);
  if (const std::string retention = absl::GetFlag(FLAGS_retention); !retention.empty()) {
    if (retention != "limits" && retention != "workqueue" && retention != "interest") {
      return absl::InvalidArgumentError("--retention is one of limits, workqueue and interest");
    }
    options.retention = retention;
  }
  return options;
}

absl::Status RunToStream(absl::string_view queue, const Address& address, const StopSignals& stop,
                         Reporter& reporter, jetstream::Totals& totals) {
  jetstream::QueueToStreamOptions options;
  options.queue = BridgeQueue(queue);
  ABSL_ASSIGN_OR_RETURN(options.stream, HowStreamIs(address));
  // Of a stream that is there, an empty one is found out.
  if (options.stream.subject.empty() && options.stream.create) {
    ABSL_RETURN_IF_ERROR(jetstream::CheckSubject(address.stream, /*wildcards=*/false));
  }
  options.headers = absl::GetFlag(FLAGS_headers);
  options.dead_letter = absl::GetFlag(FLAGS_dead_letter);
  options.idle = IdleTime(kDrainWait);
  options.count = Count();
  ConnectOptions connect = HowToConnect(address);
  connect.name = absl::StrCat("ipq bridge of queue ", options.queue.name);
  const bool waits = absl::GetFlag(FLAGS_follow) || absl::GetFlag(FLAGS_idle).has_value();
  ABSL_ASSIGN_OR_RETURN(const auto client, Connect(connect, stop, reporter));
  ABSL_ASSIGN_OR_RETURN(
      const auto bridge,
      OpenBridge<jetstream::QueueToStream>(
          [&]() -> absl::StatusOr<std::unique_ptr<jetstream::QueueToStream>> {
            ABSL_ASSIGN_OR_RETURN(interprocess::Subscriber from,
                                  waits ? OpenOrCreate<interprocess::Subscriber>(options.queue)
                                        : OpenExisting<interprocess::Subscriber>(options.queue));
            return jetstream::QueueToStream::Open(*client, std::move(from), options, reporter);
          },
          stop, reporter));
  absl::Status status = bridge->Run(stop.token());
  totals = bridge->totals();
  return status;
}

absl::Status RunFromStream(const Address& address, absl::string_view queue, const StopSignals& stop,
                           Reporter& reporter, jetstream::Totals& totals) {
  jetstream::StreamToQueueOptions options;
  options.queue = BridgeQueue(queue);
  if (!absl::GetFlag(FLAGS_to_dir).empty()) {
    options.queue.directory = absl::GetFlag(FLAGS_to_dir);
  }
  ABSL_ASSIGN_OR_RETURN(options.stream, HowStreamIs(address));
  options.consumer.stream = address.stream;
  options.consumer.name = ConsumerName(address.subject);
  ABSL_RETURN_IF_ERROR(jetstream::CheckName("consumer", options.consumer.name));
  options.consumer.filter = address.subject;
  options.consumer.create = options.stream.create;
  options.consumer.ack_wait = absl::GetFlag(FLAGS_ack_wait);
  options.headers = absl::GetFlag(FLAGS_headers);
  options.dead_letter = absl::GetFlag(FLAGS_dead_letter);
  if (!options.dead_letter.empty() &&
      jetstream::Covers(address.subject.empty() ? ">" : address.subject, options.dead_letter)) {
    // It would come back, again and again, unless it is in another stream.
    if (!address.subject.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--dead-letter ", options.dead_letter, " is among what is moved"));
    }
  }
  options.idle = IdleTime(kStreamDrainWait);
  options.count = Count();
  ConnectOptions connect = HowToConnect(address);
  connect.name = absl::StrCat("ipq bridge to queue ", options.queue.name);
  ABSL_ASSIGN_OR_RETURN(const auto client, Connect(connect, stop, reporter));
  ABSL_ASSIGN_OR_RETURN(
      const auto bridge,
      OpenBridge<jetstream::StreamToQueue>(
          [&]() -> absl::StatusOr<std::unique_ptr<jetstream::StreamToQueue>> {
            ABSL_ASSIGN_OR_RETURN(interprocess::Publisher to,
                                  OpenOrCreate<interprocess::Publisher>(options.queue));
            return jetstream::StreamToQueue::Open(*client, std::move(to), options, reporter);
          },
          stop, reporter));
  absl::Status status = bridge->Run(stop.token());
  totals = bridge->totals();
  return status;
}

}  // namespace

int BridgeStream(absl::Span<const std::string> arguments) {
  const bool from_stream = IsStream(arguments[0]);
  if (from_stream && IsStream(arguments[1])) {
    PrintError("one of the two must be a queue");
    return kUsage;
  }
  const absl::StatusOr<Address> address = jetstream::ParseAddress(arguments[from_stream ? 0 : 1]);
  if (!address.ok()) return Fail(address.status());
  // Before anything is connected to.
  absl::Status status = absl::OkStatus();
  if (!from_stream && !address->subject.empty()) {
    status = jetstream::CheckSubject(address->subject, /*wildcards=*/false);
  }
  if (const std::string dead = absl::GetFlag(FLAGS_dead_letter); status.ok() && !dead.empty()) {
    status = jetstream::CheckSubject(dead, /*wildcards=*/false);
  }
  if (!status.ok()) return Fail(status);

  StopSignals stop;
  Reporter reporter;
  jetstream::Totals totals;
  status = from_stream ? RunFromStream(*address, arguments[1], stop, reporter, totals)
                       : RunToStream(arguments[0], *address, stop, reporter, totals);
  reporter.Finish(totals);
  return EndBridge(status, totals.messages, stop);
}

}  // namespace ipq
