// SPDX-License-Identifier: MIT

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "interprocess/message.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/subscriber.h"
#include "interprocess/wait_options.h"
#include "tools/ipq/confirm.h"
#include "tools/ipq/exit_code.h"
#include "tools/ipq/format.h"
#include "tools/ipq/queue_access.h"
#include "tools/ipq/verb_functions.h"

namespace ipq {

int Purge(absl::Span<const std::string> arguments) {
  const std::string& queue = arguments[0];
  absl::StatusOr<interprocess::QueueInspector> inspector = Inspect(queue);
  if (!inspector.ok()) return Fail(inspector.status());
  const absl::StatusOr<interprocess::QueueReport> report = inspector->Report();
  if (!report.ok()) return Fail(report.status());
  const uint64_t messages = report->ready;
  if (messages == 0) return kOk;
  if (!Confirmed(absl::StrCat("queue \"", Printable(queue), "\" has ",
                              FormatNumberOf(messages, "message")),
                 "Drop them?", "not purged")) {
    return kFailed;
  }
  interprocess::QueueOptions options = OptionsFor(queue);
  options.protocol = report->protocol;
  absl::StatusOr<interprocess::Subscriber> subscriber =
      OpenExisting<interprocess::Subscriber>(options);
  if (!subscriber.ok()) return Fail(subscriber.status());
  // No more than there were: where others send all the time there would be no end.
  for (uint64_t dropped = 0; dropped < messages; ++dropped) {
    absl::StatusOr<interprocess::BorrowedMessage> message =
        subscriber->Borrow(interprocess::WaitOptions(kDrainWait));
    if (absl::IsDeadlineExceeded(message.status())) break;
    if (!message.ok()) return Fail(message.status());
    if (absl::Status done = message->Acknowledge(); !done.ok()) return Fail(done);
  }
  return kOk;
}

}  // namespace ipq
