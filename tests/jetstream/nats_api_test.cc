// SPDX-License-Identifier: MIT

// The functions that the bridge finds by their names have the types of the client's header.

#include "tools/jetstream/nats_api.h"

#include <nats/nats.h>

#include <type_traits>

#include "gtest/gtest.h"

namespace jetstream {
namespace {

// A type with its enumerations, which are int to the bridge, as int.
template <typename T>
struct Plain {
  using type = typename std::conditional_t<std::is_enum_v<T>, std::common_type<int>,
                                           std::common_type<T>>::type;
};
template <>
struct Plain<void> {
  using type = void;
};
template <typename T>
struct Plain<T*> {
  using type = typename Plain<T>::type*;
};
template <typename T>
struct Plain<const T> {
  using type = const typename Plain<T>::type;
};
template <typename Result, typename... Parameters>
struct Plain<Result(Parameters...)> {
  using type = typename Plain<Result>::type(typename Plain<Parameters>::type...);
};
// Never complete, but known by their pointers.
template <>
struct Plain<__natsConnection> {
  using type = __natsConnection;
};
template <>
struct Plain<__natsMsg> {
  using type = __natsMsg;
};
template <>
struct Plain<__natsOptions> {
  using type = __natsOptions;
};
template <>
struct Plain<__natsSubscription> {
  using type = __natsSubscription;
};

#define CHECK_TYPE(name, result, parameters)                                             \
  static_assert(std::is_same_v<Plain<decltype(&::name)>::type, decltype(NatsApi::name)>, \
                #name " has another type");
JETSTREAM_NATS_FUNCTIONS(CHECK_TYPE)

static_assert(static_cast<int>(NATS_OK) == kNatsOk);
static_assert(static_cast<int>(NATS_NO_SERVER) == kNatsNoServer);
static_assert(static_cast<int>(NATS_CONNECTION_AUTH_FAILED) == kNatsAuthFailed);

TEST(NatsApiTest, IsTheInstalledVersion) {
  const absl::StatusOr<const NatsApi*> api = LoadNats();
  ASSERT_TRUE(api.ok()) << api.status();
  EXPECT_STREQ((*api)->nats_GetVersion(), NATS_VERSION_STRING);
}

}  // namespace
}  // namespace jetstream
