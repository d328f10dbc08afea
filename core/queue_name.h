#ifndef INTERPROCESS_CORE_QUEUE_NAME_H_
#define INTERPROCESS_CORE_QUEUE_NAME_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace interprocess {

enum class Protocol : int;

// InvalidArgument, with the name made printable, if it is no queue's name (QueueOptions::name).
absl::Status CheckQueueName(absl::string_view name, Protocol protocol);

}  // namespace interprocess

#endif  // INTERPROCESS_CORE_QUEUE_NAME_H_
