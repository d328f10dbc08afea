// SPDX-License-Identifier: MIT

#include "tools/jetstream/stream.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/jetstream/address.h"
#include "tools/jetstream/json_field.h"

namespace jetstream {
namespace {

using nlohmann::json;

// Of those, the one whose server knows a message's id for the whole duplicate window, whatever
// becomes of the message and of the server.
constexpr absl::string_view kRetention = "limits";
constexpr absl::Duration kDuplicateWindow = absl::Minutes(2);
constexpr absl::Duration kAckWait = absl::Seconds(30);
// Of a consumer that is made: what all its bridges may have under way.
constexpr int64_t kMaxAckPending = 16'384;

absl::Duration Nanos(const json& object, const char* name) {
  return absl::Nanoseconds(Field<int64_t>(object, name, 0));
}

class Differences {
 public:
  void Add(absl::string_view name, absl::string_view has, absl::string_view needed) {
    all_.push_back(absl::StrCat(name, " is ", has, ", needed is ", needed));
  }
  absl::Status status(absl::string_view what, absl::string_view name) const {
    if (all_.empty()) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(what, " ", name, " does not fit: ", absl::StrJoin(all_, "; ")));
  }

 private:
  std::vector<std::string> all_;
};

absl::StatusOr<Stream> CheckStream(const json& info, const StreamOptions& options, bool sends) {
  const json config = Field<json>(info, "config", {});
  Differences differences;
  Stream stream;
  stream.created = Field<std::string>(info, "created", "");
  stream.duplicate_window = Nanos(config, "duplicate_window");
  stream.max_message_size =
      static_cast<size_t>(std::max<int64_t>(Field<int64_t>(config, "max_msg_size", -1), 0));
  for (const json& subject : Field<json>(config, "subjects", {})) {
    if (subject.is_string()) stream.subjects.push_back(subject);
  }
  const std::string retention = Field<std::string>(config, "retention", "");
  const std::string wanted = options.retention.value_or(std::string(kRetention));
  if (retention != wanted) differences.Add("retention", retention, wanted);
  if (const absl::Duration has = Nanos(config, "max_age");
      options.max_age.has_value() && has != *options.max_age) {
    differences.Add("max_age", absl::FormatDuration(has), absl::FormatDuration(*options.max_age));
  }
  if (sends) {
    if (Field<bool>(config, "no_ack", false)) differences.Add("no_ack", "true", "false");
    if (Field<bool>(config, "sealed", false)) differences.Add("sealed", "true", "false");
    if (stream.duplicate_window <= absl::ZeroDuration()) {
      differences.Add("duplicate_window", "0", "longer than the bridge may be cut off");
    }
    if (options.duplicate_window.has_value() &&
        stream.duplicate_window != *options.duplicate_window) {
      differences.Add("duplicate_window", absl::FormatDuration(stream.duplicate_window),
                      absl::FormatDuration(*options.duplicate_window));
    }
    // A full stream that discards "old" ones drops messages that nobody has read. "new" refuses
    // the newest, which then wait in the queue; but some servers count bytes in two ways and drop
    // old messages at that limit all the same.
    const bool limited = Field<int64_t>(config, "max_msgs", -1) > 0 ||
                         Field<int64_t>(config, "max_msgs_per_subject", -1) > 0;
    if (limited && Field<std::string>(config, "discard", "old") != "new") {
      differences.Add("discard", "old", "new, for it has limits");
    }
    if (const auto most = Field<int64_t>(config, "max_bytes", -1); most > 0) {
      differences.Add("max_bytes", absl::StrCat(most),
                      "-1, for nats-server 2.9 drops messages at it: limit max_msgs");
    }
  }
  ABSL_RETURN_IF_ERROR(differences.status("stream", options.stream));

  stream.subject = options.subject;
  if (stream.subject.empty() && sends) {
    if (stream.subjects.size() != 1 || !CheckSubject(stream.subjects[0], false).ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("stream ", options.stream, " takes ", absl::StrJoin(stream.subjects, ", "),
                       ": choose a subject, as in ", options.stream, "/SUBJECT"));
    }
    stream.subject = stream.subjects[0];
  }
  const auto covers = [&](const std::string& filter) { return Covers(filter, stream.subject); };
  if (sends && std::none_of(stream.subjects.begin(), stream.subjects.end(), covers)) {
    return absl::FailedPreconditionError(absl::StrCat("stream ", options.stream, " takes ",
                                                      absl::StrJoin(stream.subjects, ", "),
                                                      " and not subject ", stream.subject));
  }
  return stream;
}

}  // namespace

absl::StatusOr<Stream> PrepareStream(Client& client, const StreamOptions& options, bool sends) {
  const std::string ask = absl::StrCat("$JS.API.STREAM.INFO.", options.stream);
  absl::StatusOr<json> info = client.Ask(ask, nullptr);
  if (absl::IsNotFound(info.status())) {
    if (!options.create) {
      return absl::FailedPreconditionError(
          absl::StrCat("stream ", options.stream, ": there is none; --create makes it"));
    }
    const json config = {
        {"name", options.stream},
        {"subjects", {options.subject.empty() ? options.stream : options.subject}},
        {"retention", options.retention.value_or(std::string(kRetention))},
        {"storage", "file"},
        {"discard", "new"},
        {"max_consumers", -1},
        {"max_msgs", -1},
        {"max_bytes", -1},
        {"max_age", absl::ToInt64Nanoseconds(options.max_age.value_or(absl::ZeroDuration()))},
        {"max_msg_size", -1},
        {"num_replicas", 1},
        {"duplicate_window",
         absl::ToInt64Nanoseconds(options.duplicate_window.value_or(kDuplicateWindow))},
    };
    info = client.Ask(absl::StrCat("$JS.API.STREAM.CREATE.", options.stream), config);
    // Another bridge may have made it meanwhile: then that one is looked at.
    if (!info.ok()) {
      const absl::Status refused = info.status();
      info = client.Ask(ask, nullptr);
      if (!info.ok()) {
        return absl::Status(refused.code(),
                            absl::StrCat("make stream ", options.stream, ": ", refused.message()));
      }
    }
  }
  if (!info.ok()) {
    return absl::Status(info.status().code(),
                        absl::StrCat("stream ", options.stream, ": ", info.status().message()));
  }
  return CheckStream(*info, options, sends);
}

absl::StatusOr<Consumer> PrepareConsumer(Client& client, const ConsumerOptions& options) {
  const std::string path = absl::StrCat(options.stream, ".", options.name);
  const std::string ask = absl::StrCat("$JS.API.CONSUMER.INFO.", path);
  absl::StatusOr<json> info = client.Ask(ask, nullptr);
  if (absl::IsNotFound(info.status())) {
    if (!options.create) {
      return absl::FailedPreconditionError(absl::StrCat("consumer ", options.name, " of stream ",
                                                        options.stream,
                                                        ": there is none; --create makes it"));
    }
    json config = {
        {"durable_name", options.name},
        {"deliver_policy", "all"},
        {"ack_policy", "explicit"},
        {"ack_wait", absl::ToInt64Nanoseconds(options.ack_wait.value_or(kAckWait))},
        {"max_deliver", -1},
        {"max_ack_pending", kMaxAckPending},
        {"replay_policy", "instant"},
    };
    if (!options.filter.empty()) config["filter_subject"] = options.filter;
    info = client.Ask(absl::StrCat("$JS.API.CONSUMER.DURABLE.CREATE.", path),
                      {{"stream_name", options.stream}, {"config", config}});
    if (!info.ok()) {
      const absl::Status refused = info.status();
      info = client.Ask(ask, nullptr);
      if (!info.ok()) {
        return absl::Status(refused.code(),
                            absl::StrCat("make consumer ", options.name, " of stream ",
                                         options.stream, ": ", refused.message()));
      }
    }
  }
  if (!info.ok()) {
    return absl::Status(info.status().code(),
                        absl::StrCat("consumer ", options.name, " of stream ", options.stream, ": ",
                                     info.status().message()));
  }
  const json config = Field<json>(*info, "config", {});
  Differences differences;
  const std::string policy = Field<std::string>(config, "ack_policy", "none");
  if (policy != "explicit") differences.Add("ack_policy", policy, "explicit");
  if (const auto push = Field<std::string>(config, "deliver_subject", ""); !push.empty()) {
    differences.Add("deliver_subject", push, "none: a pull consumer");
  }
  if (const auto most = Field<int64_t>(config, "max_deliver", -1); most > 0) {
    differences.Add("max_deliver", absl::StrCat(most), "-1: a message that fails is not dropped");
  }
  if (const auto filter = Field<std::string>(config, "filter_subject", "");
      filter != options.filter) {
    differences.Add("filter_subject", absl::StrCat("\"", filter, "\""),
                    absl::StrCat("\"", options.filter, "\""));
  }
  Consumer consumer;
  consumer.created = Field<std::string>(*info, "created", "");
  consumer.ack_wait = Nanos(config, "ack_wait");
  if (options.ack_wait.has_value() && consumer.ack_wait != *options.ack_wait) {
    differences.Add("ack_wait", absl::FormatDuration(consumer.ack_wait),
                    absl::FormatDuration(*options.ack_wait));
  }
  consumer.max_ack_pending = std::max<int64_t>(Field<int64_t>(config, "max_ack_pending", 0), 0);
  ABSL_RETURN_IF_ERROR(differences.status("consumer", options.name));
  return consumer;
}

absl::StatusOr<Progress> LookAtConsumer(Client& client, const std::string& stream,
                                        const std::string& consumer) {
  ABSL_ASSIGN_OR_RETURN(
      const json info,
      client.Ask(absl::StrCat("$JS.API.CONSUMER.INFO.", stream, ".", consumer), nullptr));
  return Progress{
      Field<uint64_t>(info, "num_pending", 0) + Field<uint64_t>(info, "num_ack_pending", 0),
      Field<uint64_t>(Field<json>(info, "ack_floor", {}), "stream_seq", 0)};
}

}  // namespace jetstream
