// SPDX-License-Identifier: MIT

// A connection to NATS servers, by the C client (nats_api.h).

#ifndef INTERPROCESS_TOOLS_JETSTREAM_CLIENT_H_
#define INTERPROCESS_TOOLS_JETSTREAM_CLIENT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "nlohmann/json.hpp"
#include "tools/jetstream/nats_api.h"

namespace jetstream {

// How the servers are reached. What is empty is not used; `servers` may have user and password, or
// a token, before the host.
struct ConnectOptions {
  std::vector<std::string> servers;
  std::string user;
  std::string password;
  std::string token;
  std::string credentials;  // file: a token and the key that signs for it
  std::string tls_ca;       // files
  std::string tls_cert;
  std::string tls_key;
  std::string name;  // what the server's lists show
};

using Headers = std::vector<std::pair<std::string, std::string>>;

// A message that came. Movable.
class Incoming {
 public:
  Incoming() = default;
  Incoming(const NatsApi* api, NatsMsg* message) : message_(message, Destroy{api}) {}

  explicit operator bool() const { return message_ != nullptr; }
  absl::string_view subject() const;
  const char* reply() const;  // null if there is none
  absl::Span<const uint8_t> bytes() const;
  absl::string_view text() const;
  // The first value; empty if there is none.
  absl::string_view Header(const char* name) const;
  Headers AllHeaders() const;
  NatsMsg* get() const { return message_.get(); }

 private:
  struct Destroy {
    Destroy() : api(nullptr) {}
    explicit Destroy(const NatsApi* used) : api(used) {}
    const NatsApi* api;
    void operator()(NatsMsg* message) const { api->natsMsg_Destroy(message); }
  };
  const NatsApi& api() const { return *message_.get_deleter().api; }

  std::unique_ptr<NatsMsg, Destroy> message_;
};

// Thread-safe.
class Client {
 public:
  // Unavailable: no server answers; PermissionDenied: it refuses who asks; FailedPrecondition: the
  // C client is not here, or cannot use the options' files. Later losses of the connection are
  // mended by the client for ever.
  static absl::StatusOr<std::unique_ptr<Client>> Connect(const ConnectOptions& options);

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  // OK while there is a connection; Unavailable while the client looks for a server;
  // PermissionDenied or Aborted when it has given up.
  absl::Status status() const;
  // How often the connection was lost and found again.
  uint64_t reconnections() const { return reconnections_.load(std::memory_order_acquire); }
  // The largest message, with its headers, that the server takes.
  size_t max_payload() const;

  // Sends one message, with those before and behind it or at the next Flush; an error if it cannot
  // even be kept until there is a connection.
  absl::Status Publish(const std::string& subject, const char* reply, const Headers& headers,
                       absl::Span<const uint8_t> bytes);
  absl::Status Publish(const std::string& subject, const char* reply, absl::string_view text);
  // Sends what was published, and waits until the server has read it, though not for long.
  void Flush();

  // Sends a request and waits for what comes back. NotFound: nobody answers on the subject.
  // Unavailable: there is no connection, or no more.
  absl::StatusOr<Incoming> Request(const std::string& subject, const Headers& headers,
                                   absl::Span<const uint8_t> bytes, absl::Duration timeout);
  // Of JetStream's API: NotFound as it says, FailedPrecondition for its other errors, with its
  // text.
  absl::StatusOr<nlohmann::json> Ask(const std::string& subject, const nlohmann::json& question,
                                     absl::Duration timeout = absl::Seconds(5));

  // Keeps what arrives on a subject until it is asked for. Used by one thread; destroyed before the
  // client. The C client's own waits for messages end by the wall clock: this one's do not.
  class Subscription {
   public:
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    ~Subscription();
    // Waits for a message; without one at the end of `wait`, an empty Incoming.
    Incoming Next(absl::Duration wait);
    const std::string& inbox() const { return inbox_; }

   private:
    friend class Client;
    // The C client's thread has it as well, until that has ended.
    struct Arrivals {
      explicit Arrivals(const NatsApi* used) : api(used) {}
      const NatsApi* const api;
      absl::Mutex mutex;
      absl::CondVar arrived;
      std::deque<Incoming> messages ABSL_GUARDED_BY(mutex);
    };
    Subscription(const NatsApi* api, std::string inbox)
        : api_(api), inbox_(std::move(inbox)), arrivals_(std::make_shared<Arrivals>(api)) {}

    const NatsApi* const api_;
    const std::string inbox_;
    NatsSubscription* subscription_ = nullptr;
    const std::shared_ptr<Arrivals> arrivals_;
    std::deque<Incoming> taken_;  // off those that arrived
  };
  // Of all subjects that are a new inbox's, a dot and a token: its name is without those.
  absl::StatusOr<std::unique_ptr<Subscription>> SubscribeInbox();

 private:
  explicit Client(const NatsApi* api) : api_(api) {}
  absl::Status StatusOf(int status, absl::string_view what) const;
  absl::StatusOr<Incoming> Message(const std::string& subject, const char* reply,
                                   const Headers& headers, absl::Span<const uint8_t> bytes) const;
  void Note(NatsConnection* connection, bool connected);

  const NatsApi* const api_;
  NatsConnection* connection_ = nullptr;
  std::atomic<bool> connected_{true};
  std::atomic<bool> closed_{false};
  std::atomic<uint64_t> reconnections_{0};
  mutable absl::Mutex mutex_;
  std::string last_error_ ABSL_GUARDED_BY(mutex_);
  absl::Mutex request_mutex_;  // one request after the other
  std::unique_ptr<Subscription> replies_ ABSL_GUARDED_BY(request_mutex_);
  uint64_t requests_ ABSL_GUARDED_BY(request_mutex_) = 0;
};

}  // namespace jetstream

#endif  // INTERPROCESS_TOOLS_JETSTREAM_CLIENT_H_
