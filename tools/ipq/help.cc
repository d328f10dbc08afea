#include "tools/ipq/help.h"

#include <cstddef>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tools/ipq/verbs.h"

namespace ipq {
namespace {

constexpr size_t kAnyNumber = std::numeric_limits<size_t>::max();

constexpr absl::string_view kSendFlags[] = {"framing", "capacity", "wait", "account",
                                            "across_sessions"};
constexpr absl::string_view kReceiveFlags[] = {"framing", "count",    "idle",    "follow",
                                               "ack",     "capacity", "account", "across_sessions"};
constexpr absl::string_view kStatFlags[] = {"json"};
constexpr absl::string_view kPeekFlags[] = {"framing", "count"};
constexpr absl::string_view kBridgeFlags[] = {"count",  "idle",    "follow",         "capacity",
                                              "to_dir", "account", "across_sessions"};
constexpr absl::string_view kRemoveFlags[] = {"yes"};
constexpr absl::string_view kDoctorFlags[] = {"repair", "json"};

constexpr absl::string_view kSendText = R"(
Sends standard input, or each FILE in turn ("-" is standard input), and makes
the queue if there is none.

  --framing lines   each line is a message, without its newline; an empty line
                    is an empty message (default)
  --framing length  four bytes, the lowest first, give the length of the message
                    that follows them
  --framing raw     the whole of each input is one message
  --capacity SIZE   bytes of payload of the queue, with a unit if you like: 64K,
                    1MiB, 4G. A queue that exists must have this capacity.
                    Default: as the queue has, 1 MiB for a new one
  --account NAME    who else may open a queue that is made now: on Windows a user,
                    a group or a service, elsewhere a group
  --across_sessions on Windows, makes a queue for several sessions, as those of a
                    service and of a user's program are
  --wait DURATION   how long to wait for room for a message: 500ms, 2s, 1m30s; 0
                    does not wait. Default: for ever

A message that was sent stays sent, whatever happens to ipq. If it ends before
all was sent, it says how many messages were. A queue of cloudtoid2 or cloudtoid3
goes with its last participant: there ipq stays until all was read, or --wait
is over.
)";

constexpr absl::string_view kReceiveText = R"(
Takes messages off the queue and writes them to standard output until the queue
is empty.

  --follow          wait for more messages, for ever
  --idle DURATION   wait for more messages, but no longer than this for one
  --count N         end after N messages; fewer are an error (4)
  --framing lines   write a newline after each message (default)
  --framing length  write the length before each: four bytes, the lowest first
  --framing raw     write the messages one after the other
  --ack             one message at a time: it is acknowledged when the output has
                    it; if the output is a pipe, when its reader has read it
  --capacity SIZE, --account NAME, --across_sessions
                    with --follow or --idle, as for send

With --follow or --idle, it makes the queue if there is none.

Each message goes to one receiver. Messages are borrowed until they are written:
if ipq is stopped, or nobody reads its output any more, the others stay in the
queue for the next receiver. If it is killed, those that it held are delivered
again: one with --ack, at most 1,024 without. Without --ack, what was written
into a pipe counts as delivered, whether or not its reader comes to read it.
)";

constexpr absl::string_view kStatText = R"(
Shows what is in the queue and who uses it, without taking part in it.

  --json            as a JSON object
)";

constexpr absl::string_view kListText = R"(
Lists the queues in the directory, of all formats or that of --protocol, and
files that look like queues but are not.

  --json            as a JSON array
)";

constexpr absl::string_view kPeekText = R"(
Writes the first messages to standard output, and leaves them in the queue.

  --count N         at most so many (default: 10)
  --framing HOW     as for recv
)";

constexpr absl::string_view kBridgeText = R"(
Moves messages from one queue to another until the first is empty. FROM and TO
are names of queues, each with a format before it if you like, as in
"ipq bridge cloudtoid2:orders native:orders"; --protocol is for those without.
TO is made if there is none.

  --follow          wait for more messages, for ever; makes FROM if there is none
  --idle DURATION   wait for more messages, but no longer than this for one
  --count N         end after N messages; fewer are an error (4)
  --capacity SIZE, --account NAME, --across_sessions
                    as for send, of both queues
  --to_dir DIRECTORY  where TO is (default: as --dir)

A message is taken off FROM when it is in TO: if ipq is killed, none is lost,
and those that it just moved (at most 256) may come twice.
)";

constexpr absl::string_view kRemoveText = R"(
Removes the queue with all that is in it. If it has messages or participants,
asks first; where there is no terminal to ask on, refuses.

  --yes             do not ask

Those who are attached go on among themselves until they leave.
)";

constexpr absl::string_view kDoctorText = R"(
Checks every invariant of the queue, in use or not, and prints what it finds:
"note" is a dead participant whose work anybody who uses the queue will finish,
"damaged" means that something else has changed the file (exit code 5).

  --repair          finish now what dead participants left, so that others get
                    the messages that they held
  --json            as a JSON object
)";

constexpr Verb kVerbs[] = {
    {"send", "put messages into a queue", "QUEUE [FILE...]", 1, kAnyNumber, kSendFlags, kSendText,
     false, Send},
    {"recv", "take messages from a queue", "QUEUE", 1, 1, kReceiveFlags, kReceiveText, true,
     Receive},
    {"stat", "show the state of a queue", "QUEUE", 1, 1, kStatFlags, kStatText, true, Stat},
    {"list", "list the queues", "", 0, 0, kStatFlags, kListText, true, List},
    {"peek", "show messages and leave them", "QUEUE", 1, 1, kPeekFlags, kPeekText, true, Peek},
    {"bridge", "move messages to another queue", "FROM TO", 2, 2, kBridgeFlags, kBridgeText, false,
     Bridge},
    {"rm", "remove a queue", "QUEUE", 1, 1, kRemoveFlags, kRemoveText, false, Remove},
    {"doctor", "check a queue, repair what the dead left", "QUEUE", 1, 1, kDoctorFlags, kDoctorText,
     true, Doctor},
};

constexpr absl::string_view kCommonText = R"(
Every command also takes:
  --dir DIRECTORY   where the queues are (default: the formats' own directories)
  --protocol NAME   the queue's format: native, cloudtoid2, cloudtoid3 (those of
                    Cloudtoid.Interprocess 2.x and 3.x) or cloudtoid2-fork.
                    Default: native; list, stat, doctor, peek and rm find it out
)";

constexpr absl::string_view kExitCodeText = R"(
Exit codes:
  0    all went well
  1    it failed: the message says why
  2    wrong usage, or a name or a size that no queue can have
  3    there is no such queue, or no such directory
  4    time ran out: no room within --wait, or fewer messages than --count
  5    the file is damaged, or is no queue at all
  130  stopped by SIGINT (Ctrl-C), 143 by SIGTERM, before it was done
  141  nobody reads the output any more

A command whose input or output is closed fails (1) before it does anything.
)";

}  // namespace

absl::Span<const Verb> Verbs() { return kVerbs; }

const Verb* FindVerb(absl::string_view name) {
  for (const Verb& verb : kVerbs) {
    if (verb.name == name) return &verb;
  }
  return nullptr;
}

std::string GeneralHelp() {
  std::string text =
      "ipq: message queues in shared memory, from the command line.\n\n"
      "Usage: ipq COMMAND [ARGUMENT...] [--FLAG...]\n\n";
  for (const Verb& verb : kVerbs) {
    absl::StrAppendFormat(&text, "  ipq %-20s  %s\n", absl::StrCat(verb.name, " ", verb.arguments),
                          verb.summary);
  }
  absl::StrAppend(&text,
                  "  ipq help COMMAND          explain a command and its flags\n"
                  "  ipq --version             print the version\n",
                  kCommonText, kExitCodeText);
  return text;
}

std::string HelpFor(const Verb& verb) {
  const absl::string_view separator = verb.arguments.empty() ? "" : " ";
  return absl::StrCat("Usage: ipq ", verb.name, separator, verb.arguments, " [--FLAG...]\n",
                      verb.text, kCommonText);
}

}  // namespace ipq
