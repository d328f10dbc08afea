// SPDX-License-Identifier: MIT

// The functions of NATS' C client that the bridge calls, found when it is first used.
//
// The client is loaded, not linked: so one ipq serves machines with NATS and without, and builds
// where the client is not installed. Its library's name changes with each minor version because
// its JetStream structures do. The bridge therefore speaks JetStream's own JSON over the client's
// connections, and uses only handles and functions that are alike in all versions from 3.0 on:
// tests/jetstream/nats_api_test.cc compares them with the header where that is installed.

#ifndef INTERPROCESS_TOOLS_JETSTREAM_NATS_API_H_
#define INTERPROCESS_TOOLS_JETSTREAM_NATS_API_H_

#include <cstdint>

#include "absl/status/statusor.h"

// The client's own names, so that its header can be included beside this.
extern "C" {
struct __natsConnection;    // NOLINT(bugprone-reserved-identifier)
struct __natsMsg;           // NOLINT(bugprone-reserved-identifier)
struct __natsOptions;       // NOLINT(bugprone-reserved-identifier)
struct __natsSubscription;  // NOLINT(bugprone-reserved-identifier)
}

namespace jetstream {

using NatsConnection = __natsConnection;
using NatsMsg = __natsMsg;
using NatsOptions = __natsOptions;
using NatsSubscription = __natsSubscription;

// Its natsStatus, as far as the bridge tells them apart.
enum NatsStatus : int {
  kNatsOk = 0,
  kNatsNoServer = 6,
  kNatsAuthFailed = 11,
};

using NatsConnectionHandler = void (*)(NatsConnection*, void*);
using NatsErrorHandler = void (*)(NatsConnection*, NatsSubscription*, int, void*);
using NatsMsgHandler = void (*)(NatsConnection*, NatsSubscription*, NatsMsg*, void*);
using NatsOnComplete = void (*)(void*);

// One line for each: X(name, result, parameters).
#define JETSTREAM_NATS_FUNCTIONS(X)                                                         \
  X(nats_GetVersion, const char*, ())                                                       \
  X(nats_GetLastError, const char*, (int*))                                                 \
  X(natsStatus_GetText, const char*, (int))                                                 \
  X(natsOptions_Create, int, (NatsOptions**))                                               \
  X(natsOptions_Destroy, void, (NatsOptions*))                                              \
  X(natsOptions_SetServers, int, (NatsOptions*, const char**, int))                         \
  X(natsOptions_SetName, int, (NatsOptions*, const char*))                                  \
  X(natsOptions_SetTimeout, int, (NatsOptions*, int64_t))                                   \
  X(natsOptions_SetMaxReconnect, int, (NatsOptions*, int))                                  \
  X(natsOptions_SetReconnectWait, int, (NatsOptions*, int64_t))                             \
  X(natsOptions_SetPingInterval, int, (NatsOptions*, int64_t))                              \
  X(natsOptions_SetMaxPingsOut, int, (NatsOptions*, int))                                   \
  X(natsOptions_SetWriteDeadline, int, (NatsOptions*, int64_t))                             \
  X(natsOptions_SetIOBufSize, int, (NatsOptions*, int))                                     \
  X(natsOptions_SetUserInfo, int, (NatsOptions*, const char*, const char*))                 \
  X(natsOptions_SetToken, int, (NatsOptions*, const char*))                                 \
  X(natsOptions_SetUserCredentialsFromFiles, int, (NatsOptions*, const char*, const char*)) \
  X(natsOptions_SetSecure, int, (NatsOptions*, bool))                                       \
  X(natsOptions_LoadCATrustedCertificates, int, (NatsOptions*, const char*))                \
  X(natsOptions_LoadCertificatesChain, int, (NatsOptions*, const char*, const char*))       \
  X(natsOptions_SetClosedCB, int, (NatsOptions*, NatsConnectionHandler, void*))             \
  X(natsOptions_SetDisconnectedCB, int, (NatsOptions*, NatsConnectionHandler, void*))       \
  X(natsOptions_SetReconnectedCB, int, (NatsOptions*, NatsConnectionHandler, void*))        \
  X(natsOptions_SetErrorHandler, int, (NatsOptions*, NatsErrorHandler, void*))              \
  X(natsConnection_Connect, int, (NatsConnection**, NatsOptions*))                          \
  X(natsConnection_Close, void, (NatsConnection*))                                          \
  X(natsConnection_Destroy, void, (NatsConnection*))                                        \
  X(natsConnection_GetLastError, int, (NatsConnection*, const char**))                      \
  X(natsConnection_GetMaxPayload, int64_t, (NatsConnection*))                               \
  X(natsConnection_PublishMsg, int, (NatsConnection*, NatsMsg*))                            \
  X(natsConnection_FlushTimeout, int, (NatsConnection*, int64_t))                           \
  X(natsConnection_Subscribe, int,                                                          \
    (NatsSubscription**, NatsConnection*, const char*, NatsMsgHandler, void*))              \
  X(natsSubscription_SetPendingLimits, int, (NatsSubscription*, int, int))                  \
  X(natsSubscription_SetOnCompleteCB, int, (NatsSubscription*, NatsOnComplete, void*))      \
  X(natsSubscription_Unsubscribe, int, (NatsSubscription*))                                 \
  X(natsSubscription_Destroy, void, (NatsSubscription*))                                    \
  X(natsInbox_Create, int, (char**))                                                        \
  X(natsInbox_Destroy, void, (char*))                                                       \
  X(natsMsg_Create, int, (NatsMsg**, const char*, const char*, const char*, int))           \
  X(natsMsg_Destroy, void, (NatsMsg*))                                                      \
  X(natsMsg_GetSubject, const char*, (const NatsMsg*))                                      \
  X(natsMsg_GetReply, const char*, (const NatsMsg*))                                        \
  X(natsMsg_GetData, const char*, (const NatsMsg*))                                         \
  X(natsMsg_GetDataLength, int, (const NatsMsg*))                                           \
  X(natsMsgHeader_Set, int, (NatsMsg*, const char*, const char*))                           \
  X(natsMsgHeader_Add, int, (NatsMsg*, const char*, const char*))                           \
  X(natsMsgHeader_Get, int, (NatsMsg*, const char*, const char**))                          \
  X(natsMsgHeader_Values, int, (NatsMsg*, const char*, const char***, int*))                \
  X(natsMsgHeader_Keys, int, (NatsMsg*, const char***, int*))

struct NatsApi {
#define JETSTREAM_DECLARE(name, result, parameters) result(*name) parameters;
  JETSTREAM_NATS_FUNCTIONS(JETSTREAM_DECLARE)
#undef JETSTREAM_DECLARE
};

// Loads the client once; the environment's IPQ_NATS_LIBRARY names another file. FailedPrecondition
// if there is none that fits: what was tried, and what to install.
absl::StatusOr<const NatsApi*> LoadNats();

}  // namespace jetstream

#endif  // INTERPROCESS_TOOLS_JETSTREAM_NATS_API_H_
