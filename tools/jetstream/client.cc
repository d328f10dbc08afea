// SPDX-License-Identifier: MIT

#include "tools/jetstream/client.h"

#include <chrono>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status_macros.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "tools/jetstream/json_field.h"

namespace jetstream {
namespace {

using nlohmann::json;

constexpr int64_t kConnectMillis = 2000;
constexpr int64_t kReconnectMillis = 250;
// A server that is cut off is missed after two of them.
constexpr int64_t kPingMillis = 5000;
// A server that takes nothing for so long is looked for again.
constexpr int64_t kWriteMillis = 10'000;
constexpr int kBufferBytes = 256 << 10;
constexpr int64_t kFlushMillis = 100;
// How often one that waits for an answer looks whether there is a connection.
constexpr absl::Duration kAnswerLook = absl::Milliseconds(100);
// The server's status, in place of an answer.
constexpr absl::string_view kNobodyAnswers = "503";

std::string WithoutSecrets(const std::string& server) {
  const size_t at = server.rfind('@');
  if (at == std::string::npos) return server;
  return absl::StrCat(server.substr(0, server.find("://") + 3), server.substr(at + 1));
}

}  // namespace

absl::string_view Incoming::subject() const { return api().natsMsg_GetSubject(message_.get()); }

const char* Incoming::reply() const { return api().natsMsg_GetReply(message_.get()); }

absl::string_view Incoming::text() const {
  return absl::string_view(api().natsMsg_GetData(message_.get()),
                           static_cast<size_t>(api().natsMsg_GetDataLength(message_.get())));
}

absl::Span<const uint8_t> Incoming::bytes() const {
  const absl::string_view all = text();
  return absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(all.data()), all.size());
}

absl::string_view Incoming::Header(const char* name) const {
  const char* value = nullptr;
  if (api().natsMsgHeader_Get(message_.get(), name, &value) != kNatsOk || value == nullptr) {
    return {};
  }
  return value;
}

Headers Incoming::AllHeaders() const {
  Headers headers;
  const char** names = nullptr;
  int count = 0;
  if (api().natsMsgHeader_Keys(message_.get(), &names, &count) != kNatsOk) return headers;
  const absl::Cleanup free_names = [&] { std::free(names); };
  for (int i = 0; i < count; ++i) {
    const char** values = nullptr;
    int value_count = 0;
    if (api().natsMsgHeader_Values(message_.get(), names[i], &values, &value_count) != kNatsOk) {
      continue;
    }
    const absl::Cleanup free_values = [&] { std::free(values); };
    for (int j = 0; j < value_count; ++j) headers.emplace_back(names[i], values[j]);
  }
  return headers;
}

absl::StatusOr<std::unique_ptr<Client>> Client::Connect(const ConnectOptions& options) {
  ABSL_ASSIGN_OR_RETURN(const NatsApi* api, LoadNats());
  NatsOptions* made = nullptr;
  if (api->natsOptions_Create(&made) != kNatsOk) {
    return absl::ResourceExhaustedError("no memory for a connection to NATS");
  }
  const std::unique_ptr<NatsOptions, void (*)(NatsOptions*)> owner(made, api->natsOptions_Destroy);
  auto client = std::unique_ptr<Client>(new Client(api));

  std::vector<const char*> servers;
  std::vector<std::string> shown;
  for (const std::string& server : options.servers) {
    servers.push_back(server.c_str());
    shown.push_back(WithoutSecrets(server));
  }
  const std::string where = absl::StrJoin(shown, ", ");
  const auto set = [&](int status, absl::string_view what) {
    if (status == kNatsOk) return absl::OkStatus();
    const char* detail = api->nats_GetLastError(nullptr);
    return absl::FailedPreconditionError(
        absl::StrCat(what, ": ", detail != nullptr ? detail : api->natsStatus_GetText(status)));
  };
  ABSL_RETURN_IF_ERROR(set(
      api->natsOptions_SetServers(made, servers.data(), static_cast<int>(servers.size())), where));
  api->natsOptions_SetName(made, options.name.c_str());
  api->natsOptions_SetTimeout(made, kConnectMillis);
  api->natsOptions_SetMaxReconnect(made, -1);
  api->natsOptions_SetReconnectWait(made, kReconnectMillis);
  api->natsOptions_SetPingInterval(made, kPingMillis);
  api->natsOptions_SetMaxPingsOut(made, 2);
  api->natsOptions_SetWriteDeadline(made, kWriteMillis);
  api->natsOptions_SetIOBufSize(made, kBufferBytes);
  if (!options.user.empty()) {
    api->natsOptions_SetUserInfo(made, options.user.c_str(), options.password.c_str());
  }
  if (!options.token.empty()) api->natsOptions_SetToken(made, options.token.c_str());
  if (!options.credentials.empty()) {
    ABSL_RETURN_IF_ERROR(set(
        api->natsOptions_SetUserCredentialsFromFiles(made, options.credentials.c_str(), nullptr),
        options.credentials));
  }
  if (!options.tls_ca.empty()) {
    ABSL_RETURN_IF_ERROR(set(
        api->natsOptions_LoadCATrustedCertificates(made, options.tls_ca.c_str()), options.tls_ca));
  }
  if (!options.tls_cert.empty()) {
    ABSL_RETURN_IF_ERROR(set(api->natsOptions_LoadCertificatesChain(made, options.tls_cert.c_str(),
                                                                    options.tls_key.c_str()),
                             options.tls_cert));
  }
  if (!options.tls_ca.empty() || !options.tls_cert.empty() ||
      absl::StartsWith(options.servers[0], "tls://")) {
    ABSL_RETURN_IF_ERROR(set(api->natsOptions_SetSecure(made, true), "TLS"));
  }
  api->natsOptions_SetDisconnectedCB(
      made,
      [](NatsConnection* connection, void* self) {
        static_cast<Client*>(self)->Note(connection, false);
      },
      client.get());
  api->natsOptions_SetReconnectedCB(
      made,
      [](NatsConnection* connection, void* self) {
        static_cast<Client*>(self)->Note(connection, true);
      },
      client.get());
  api->natsOptions_SetClosedCB(
      made,
      [](NatsConnection*, void* self) {
        // release: what Note kept before is seen by whoever sees this.
        static_cast<Client*>(self)->closed_.store(true, std::memory_order_release);
      },
      client.get());
  // Without a handler the client prints errors of its own. They are asked for where they matter.
  api->natsOptions_SetErrorHandler(
      made, [](NatsConnection*, NatsSubscription*, int, void*) {}, nullptr);

  const int status = api->natsConnection_Connect(&client->connection_, made);
  if (status == kNatsOk) return client;
  const char* detail = api->nats_GetLastError(nullptr);
  const std::string text =
      absl::StrCat("connect to ", where, ": ",
                   detail != nullptr && *detail != '\0' ? detail : api->natsStatus_GetText(status));
  if (status == kNatsAuthFailed || absl::StrContainsIgnoreCase(text, "authorization")) {
    return absl::PermissionDeniedError(text);
  }
  return absl::UnavailableError(text);
}

Client::~Client() {
  if (connection_ == nullptr) return;
  {
    const absl::MutexLock lock(request_mutex_);
    replies_.reset();
  }
  api_->natsConnection_Close(connection_);
  // Its callbacks have this object until the last of them has run.
  while (!closed_.load(std::memory_order_acquire)) absl::SleepFor(absl::Milliseconds(1));
  api_->natsConnection_Destroy(connection_);
}

void Client::Note(NatsConnection* connection, bool connected) {
  if (!connected) {
    const char* error = nullptr;
    if (api_->natsConnection_GetLastError(connection, &error) != kNatsOk && error != nullptr) {
      const absl::MutexLock lock(mutex_);
      last_error_ = error;
    }
  }
  // release, both: pairs with the acquire of those that ask.
  connected_.store(connected, std::memory_order_release);
  if (connected) reconnections_.fetch_add(1, std::memory_order_release);
}

absl::Status Client::status() const {
  if (closed_.load(std::memory_order_acquire)) {
    const absl::MutexLock lock(mutex_);
    const std::string text = absl::StrCat("the connection to NATS has ended",
                                          last_error_.empty() ? "" : ": ", last_error_);
    return absl::StrContainsIgnoreCase(last_error_, "authorization")
               ? absl::PermissionDeniedError(text)
               : absl::AbortedError(text);
  }
  if (!connected_.load(std::memory_order_acquire)) {
    return absl::UnavailableError("no connection to a NATS server");
  }
  return absl::OkStatus();
}

size_t Client::max_payload() const {
  return static_cast<size_t>(api_->natsConnection_GetMaxPayload(connection_));
}

absl::Status Client::StatusOf(int status, absl::string_view what) const {
  if (status == kNatsOk) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(what, ": ", api_->natsStatus_GetText(status)));
}

absl::StatusOr<Incoming> Client::Message(const std::string& subject, const char* reply,
                                         const Headers& headers,
                                         absl::Span<const uint8_t> bytes) const {
  NatsMsg* made = nullptr;
  int status = api_->natsMsg_Create(&made, subject.c_str(), reply,
                                    reinterpret_cast<const char*>(bytes.data()),
                                    static_cast<int>(bytes.size()));
  Incoming message(api_, made);
  for (const auto& [name, value] : headers) {
    if (status == kNatsOk) status = api_->natsMsgHeader_Add(made, name.c_str(), value.c_str());
  }
  ABSL_RETURN_IF_ERROR(StatusOf(status, absl::StrCat("message to ", subject)));
  return message;
}

absl::Status Client::Publish(const std::string& subject, const char* reply, const Headers& headers,
                             absl::Span<const uint8_t> bytes) {
  ABSL_ASSIGN_OR_RETURN(const Incoming message, Message(subject, reply, headers, bytes));
  return StatusOf(api_->natsConnection_PublishMsg(connection_, message.get()),
                  absl::StrCat("publish to ", subject));
}

absl::Status Client::Publish(const std::string& subject, const char* reply,
                             absl::string_view text) {
  return Publish(subject, reply, {},
                 absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(text.data()), text.size()));
}

void Client::Flush() {
  // Left alone, the client sends what it has after a millisecond by the wall clock: when that is
  // there again, if it is set back. This sends at once; the server's word or the connection's end
  // ends the wait. Without either nothing is lost: what gets no answer is sent again.
  api_->natsConnection_FlushTimeout(connection_, kFlushMillis);
}

absl::StatusOr<Incoming> Client::Request(const std::string& subject, const Headers& headers,
                                         absl::Span<const uint8_t> bytes, absl::Duration timeout) {
  const absl::MutexLock lock(request_mutex_);
  if (replies_ == nullptr) {
    ABSL_ASSIGN_OR_RETURN(replies_, SubscribeInbox());
  }
  const std::string reply = absl::StrCat(replies_->inbox(), ".", ++requests_);
  ABSL_RETURN_IF_ERROR(Publish(subject, reply.c_str(), headers, bytes));
  Flush();
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + absl::ToChronoNanoseconds(timeout);
  for (;;) {
    Incoming answer = replies_->Next(kAnswerLook);
    // Others are answers to requests that were given up.
    if (answer && answer.subject() == reply) {
      if (answer.Header("Status") == kNobodyAnswers) {
        return absl::NotFoundError(absl::StrCat("request to ", subject, ": nobody answers"));
      }
      return answer;
    }
    if (!answer) {
      ABSL_RETURN_IF_ERROR(status());
    }
    if (Clock::now() >= end) {
      return absl::DeadlineExceededError(
          absl::StrCat("request to ", subject, ": no answer in ", absl::FormatDuration(timeout)));
    }
  }
}

absl::StatusOr<json> Client::Ask(const std::string& subject, const json& question,
                                 absl::Duration timeout) {
  const std::string text = question.is_null() ? "" : question.dump();
  absl::StatusOr<Incoming> incoming = Request(
      subject, {}, absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(text.data()), text.size()),
      timeout);
  if (absl::IsNotFound(incoming.status())) {
    return absl::UnavailableError("the server has no JetStream, or not for this account");
  }
  ABSL_RETURN_IF_ERROR(incoming.status());
  json answer = ParseObject(incoming->text());
  if (answer.is_null()) {
    return absl::InternalError(absl::StrCat(subject, ": the answer is no JSON object"));
  }
  if (!answer.contains("error")) return answer;
  const json& error = answer["error"];
  const std::string why =
      Field<std::string>(error, "description", absl::StrCat("error ", Field(error, "err_code", 0)));
  return Field(error, "code", 0) == 404 ? absl::NotFoundError(why)
                                        : absl::FailedPreconditionError(why);
}

absl::StatusOr<std::unique_ptr<Client::Subscription>> Client::SubscribeInbox() {
  char* inbox = nullptr;
  ABSL_RETURN_IF_ERROR(StatusOf(api_->natsInbox_Create(&inbox), "inbox"));
  auto subscription = std::unique_ptr<Subscription>(new Subscription(api_, inbox));
  api_->natsInbox_Destroy(inbox);
  // The thread's own reference, which its end lets go.
  auto* const closure = new std::shared_ptr<Subscription::Arrivals>(subscription->arrivals_);
  const int status = api_->natsConnection_Subscribe(
      &subscription->subscription_, connection_, absl::StrCat(subscription->inbox_, ".*").c_str(),
      [](NatsConnection*, NatsSubscription*, NatsMsg* message, void* closure) {
        Subscription::Arrivals& arrivals =
            **static_cast<std::shared_ptr<Subscription::Arrivals>*>(closure);
        const absl::MutexLock lock(arrivals.mutex);
        arrivals.messages.emplace_back(arrivals.api, message);
        if (arrivals.messages.size() == 1) arrivals.arrived.Signal();
      },
      closure);
  if (status != kNatsOk) {
    delete closure;
    return StatusOf(status, "subscribe");
  }
  api_->natsSubscription_SetOnCompleteCB(
      subscription->subscription_,
      [](void* closure) { delete static_cast<std::shared_ptr<Subscription::Arrivals>*>(closure); },
      closure);
  // What is under way is bounded by what was asked for.
  api_->natsSubscription_SetPendingLimits(subscription->subscription_, -1, -1);
  return subscription;
}

Client::Subscription::~Subscription() {
  if (subscription_ == nullptr) return;
  api_->natsSubscription_Unsubscribe(subscription_);
  api_->natsSubscription_Destroy(subscription_);
}

Incoming Client::Subscription::Next(absl::Duration wait) {
  if (taken_.empty()) {
    const absl::MutexLock lock(arrivals_->mutex);
    if (arrivals_->messages.empty() && wait > absl::ZeroDuration()) {
      arrivals_->arrived.WaitWithTimeout(&arrivals_->mutex, wait);
    }
    taken_.swap(arrivals_->messages);
    if (taken_.empty()) return {};
  }
  Incoming message = std::move(taken_.front());
  taken_.pop_front();
  return message;
}

}  // namespace jetstream
