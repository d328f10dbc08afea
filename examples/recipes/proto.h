// The recipe for protocol buffers, of docs/recipes/structured.md, for the tests of it.

#ifndef INTERPROCESS_EXAMPLES_RECIPES_PROTO_H_
#define INTERPROCESS_EXAMPLES_RECIPES_PROTO_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "interprocess/message.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"

namespace recipes {

using interprocess::BorrowedMessage;
using interprocess::Publisher;
using interprocess::Reservation;
using interprocess::Subscriber;

// [protobuf]
// Writes a protocol buffer into the queue itself.
template <typename Proto>
absl::Status SendProto(Publisher& publisher, const Proto& proto) {
  absl::StatusOr<Reservation> room = publisher.Reserve(proto.ByteSizeLong());
  if (!room.ok()) return room.status();
  if (!proto.SerializeToArray(room->span().data(), static_cast<int>(room->span().size()))) {
    return absl::InvalidArgumentError("the message lacks a required field");
  }
  return room->Commit();
}

// Reads one out of the queue's memory.
template <typename Proto>
absl::Status ReceiveProto(Subscriber& subscriber, Proto& proto) {
  absl::StatusOr<BorrowedMessage> message = subscriber.Borrow(absl::Seconds(1));
  if (!message.ok()) return message.status();
  if (!proto.ParseFromArray(message->bytes().data(), static_cast<int>(message->bytes().size()))) {
    return absl::DataLossError("a message is no such protocol buffer");
  }
  return message->Acknowledge();
}
// [end]

}  // namespace recipes

#endif  // INTERPROCESS_EXAMPLES_RECIPES_PROTO_H_
