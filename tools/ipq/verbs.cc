// SPDX-License-Identifier: MIT

#include "tools/ipq/verbs.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tools/ipq/verb_functions.h"

namespace ipq {
namespace {

constexpr size_t kAnyNumber = std::numeric_limits<size_t>::max();

constexpr VerbFlag kCommonFlags[] = {
    {"dir", "DIRECTORY",
     "where the queues are (default: that of IPQ_DIR in the\n"
     "environment, else the formats' own directories)"},
    {"protocol", "NAME",
     "the queue's format: native, cloudtoid2, cloudtoid3 (those of\n"
     "Cloudtoid.Interprocess 2.x and 3.x) or cloudtoid2-fork.\n"
     "Default: native; list, stat, doctor, peek, purge and rm find\n"
     "it out"},
};

constexpr VerbFlag kCapacity = {"capacity", "SIZE",
                                "bytes of payload of the queue, with a unit if you like: 64K,\n"
                                "1MiB, 4G. A queue that exists must have this capacity.\n"
                                "Default: as the queue has, 1 MiB for a new one"};
constexpr VerbFlag kAccess = {"access", "WHO",
                              "who may open a queue that is made now: owner (default), group or\n"
                              "everyone"};
constexpr VerbFlag kAccount = {"account", "NAME",
                               "who else may open a queue that is made now: on Windows a user, a\n"
                               "group or a service, elsewhere a group"};
constexpr VerbFlag kAcrossSessions = {
    "across-sessions", "",
    "on Windows, makes a queue for several sessions, as those of\n"
    "a service and of a user's program are"};
constexpr VerbFlag kFollow = {"follow", "",
                              "wait for more messages, for ever; makes the queue if there is none"};
constexpr VerbFlag kIdle = {"idle", "DURATION",
                            "wait for more messages, but no longer than this for one: 500ms,\n"
                            "2s, 1m30s; makes the queue if there is none"};
constexpr VerbFlag kCount = {"count", "N", "end after N messages; fewer are an error (4)"};
constexpr VerbFlag kYes = {"yes", "", "do not ask"};
constexpr VerbFlag kJsonObject = {"json", "", "as a JSON object"};

constexpr VerbFlag kFramingOut[] = {
    {"framing", "lines", "write a newline after each message (default)"},
    {"framing", "length", "write the length before each: four bytes, the lowest first"},
    {"framing", "raw", "write the messages one after the other"},
};

constexpr VerbFlag kJsonMessages = {
    "json", "",
    "a line for each message: a JSON object with its \"bytes\", and\n"
    "\"text\", or \"base64\" if it is no UTF-8"};

constexpr VerbFlag kCreateFlags[] = {
    kCapacity,
    kAccess,
    kAccount,
    kAcrossSessions,
    {"one-publisher", "", "for one publisher at a time: a second is refused, and sends cost less"},
    {"one-subscriber", "", "for one subscriber at a time, likewise"},
};
constexpr VerbFlag kSendFlags[] = {
    {"message", "TEXT",
     "send TEXT as one message, and read no input; several are sent in\n"
     "their order"},
    {"framing", "lines",
     "each line is a message, without its newline; an empty line is an\n"
     "empty message (default)"},
    {"framing", "length",
     "four bytes, the lowest first, give the length of the message that\n"
     "follows them"},
    {"framing", "raw", "the whole of each input is one message"},
    {"wait", "DURATION",
     "how long to wait for room for a message: 500ms, 2s, 1m30s; 0 does\n"
     "not wait. Default: for ever"},
    kCapacity,
    kAccess,
    kAccount,
    kAcrossSessions,
};
constexpr VerbFlag kReceiveFlags[] = {
    kFollow,
    kIdle,
    kCount,
    kFramingOut[0],
    kFramingOut[1],
    kFramingOut[2],
    kJsonMessages,
    {"ack", "",
     "one message at a time: it is acknowledged when the output has it;\n"
     "if the output is a pipe, when its reader has read it"},
    kCapacity,
    kAccess,
    kAccount,
    kAcrossSessions,
};
constexpr VerbFlag kStatFlags[] = {
    {"watch", "DURATION",
     "a line for each interval, as 1s, with what came and went by the\n"
     "second (native queues), until Ctrl-C or the queue's end (3)"},
    {"count", "N", "with --watch: end after N lines"},
    {"depth", "",
     "only about how many messages wait: at once, however large the\n"
     "queue is (native queues)"},
    {"json", "", "as a JSON object; with --watch, one on each line"},
};
constexpr VerbFlag kListFlags[] = {{"json", "", "as a JSON array"}};
constexpr VerbFlag kPeekFlags[] = {
    {"count", "N", "at most N messages (default: 10)"},
    kFramingOut[0],
    kFramingOut[1],
    kFramingOut[2],
    kJsonMessages,
};
constexpr VerbFlag kBridgeFlags[] = {
    {"follow", "", "wait for more messages, for ever; makes FROM if there is none"},
    {"idle", "DURATION",
     "wait for more messages, but no longer than this for one; makes FROM\n"
     "if there is none"},
    kCount,
    {"to-dir", "DIRECTORY", "where TO is (default: as --dir)"},
    kCapacity,
    kAccess,
    kAccount,
    kAcrossSessions,
    {"json", "", "a line for each event on standard output: a JSON object"},
    {"create", "", "with nats://: make the stream and the consumer if there are none"},
    {"headers", "",
     "with nats://: the queue's messages begin with headers, as\n"
     "docs/jetstream.md has them"},
    {"dead-letter", "SUBJECT", "with nats://: messages that are too large go there"},
    {"consumer", "NAME",
     "with FROM nats://: the stream's consumer, which all its bridges share\n"
     "(default: ipq, or ipq-SUBJECT)"},
    {"retention", "WHICH",
     "with nats://: the stream's retention, limits (default), workqueue or\n"
     "interest: docs/jetstream.md says what each promises"},
    {"max-age", "DURATION",
     "with nats://: how long the stream keeps messages, read or not\n"
     "(default: as the stream has, for ever for a new one)"},
    {"duplicate-window", "DURATION",
     "with TO nats://: how long the stream knows what it has had: longer\n"
     "than the bridge may be cut off (default: as the stream has, 2m for\n"
     "a new one)"},
    {"ack-wait", "DURATION",
     "with FROM nats://: after how long the server delivers again what was\n"
     "not acknowledged (default: as the consumer has, 30s for a new one)"},
    {"creds", "FILE", "with nats://: credentials (or NATS_CREDS)"},
    {"tls-ca", "FILE", "with nats://: the authorities to trust (or NATS_CA)"},
    {"tls-cert", "FILE", "with nats://: this side's certificate (or NATS_CERT)"},
    {"tls-key", "FILE", "with nats://: the certificate's key (or NATS_KEY)"},
};
constexpr VerbFlag kYesFlags[] = {kYes};
constexpr VerbFlag kDoctorFlags[] = {
    {"repair", "",
     "finish now what dead participants left, so that others get the\n"
     "messages that they held"},
    {"adopt", "",
     "take over a queue whose file system was mounted with another device\n"
     "number, and whose users died. You know that none of them runs"},
    kJsonObject,
};

constexpr absl::string_view kCreateText = R"(
Makes a queue that is not there yet; one that is there is an error (1).
)";
constexpr absl::string_view kCreateNotes = R"(
send, recv --follow and recv --idle make the queue as well. A queue that is made
here stays until somebody has used it, and names ipq as a participant that died;
an empty queue goes with the last one who uses it. Queues of cloudtoid2 and
cloudtoid3 exist only while somebody uses them: they cannot be made so.
)";

constexpr absl::string_view kSendText = R"(
Sends standard input, or each FILE in turn ("-" is standard input), and makes
the queue if there is none.
)";
constexpr absl::string_view kSendNotes = R"(
A message that was sent stays sent, whatever happens to ipq. If it ends before
all was sent, it says how many messages were. A queue of cloudtoid2 or cloudtoid3
goes with its last participant: there ipq stays until all was read, or --wait
is over.
)";

constexpr absl::string_view kReceiveText = R"(
Takes messages off the queue and writes them to standard output until the queue
is empty.
)";
constexpr absl::string_view kReceiveNotes = R"(
--capacity, --access, --account and --across-sessions go with --follow or --idle.

Each message goes to one receiver. Messages are borrowed until they are written:
if ipq is stopped, or nobody reads its output any more, the others stay in the
queue for the next receiver. If it is killed, those that it held are delivered
again: one with --ack, at most 1,024 without. Without --ack, what was written
into a pipe counts as delivered, whether or not its reader comes to read it.
)";

constexpr absl::string_view kStatText = R"(
Shows what is in the queue and who uses it, without taking part in it.
)";

constexpr absl::string_view kListText = R"(
Lists the queues in the directory, of all formats or that of --protocol, and
files that look like queues but are not. With patterns, as 'orders-*', those
whose names match one: * is any text, ? any character, [a-f] one of several.
)";

constexpr absl::string_view kPeekText = R"(
Writes the first messages to standard output, and leaves them in the queue.
)";

constexpr absl::string_view kBridgeText = R"(
Moves messages from one queue to another until the first is empty. FROM and TO
are names of queues, each with a format before it if you like, as in
"ipq bridge cloudtoid2:orders native:orders"; --protocol is for those without.
TO is made if there is none. One of the two may be a stream of NATS JetStream:
nats://HOST[:PORT]/STREAM[/SUBJECT], or tls://.
)";
constexpr absl::string_view kBridgeNotes = R"(
--capacity, --access, --account and --across-sessions are for both queues. A
message is taken off FROM when it is in TO: if ipq is killed, none is lost, and
those that it just moved (at most 256) may come twice.

To a stream each message goes once, as long as the bridge is not cut off for
longer than the stream's duplicate window. From a stream, those that were being
moved when a bridge was killed may come twice; with --headers they are marked.
User, password and token are in the address (USER:PASSWORD@HOST, TOKEN@HOST) or in
NATS_USER, NATS_PASSWORD and NATS_TOKEN. Streams need the C client of NATS, libnats
3.x, which is looked for when it is needed.
)";

constexpr absl::string_view kPurgeText = R"(
Takes the messages that are in the queue off it, and drops them. If there are
any, asks first; where there is no terminal to ask on, refuses.
)";
constexpr absl::string_view kPurgeNotes = R"(
What others borrow now, and what they send meanwhile, stays. A queue that nobody
else uses goes with its last message.
)";

constexpr absl::string_view kRemoveText = R"(
Removes each queue with all that is in it. A pattern, as 'orders-*', is for all
whose names match; "ipq help list" has its characters. If a queue has messages
or participants, asks first; where there is no terminal to ask on, refuses, and
goes on with the next. Cloudtoid's version 2 does not tell whether anybody uses
a queue, so it always asks there.
)";
constexpr absl::string_view kRemoveNotes = R"(
Those who are attached go on among themselves until they leave.
)";

constexpr absl::string_view kDoctorText = R"(
Checks every invariant of the queue, in use or not, and prints what it finds:
"note" is a dead participant whose work anybody who uses the queue will finish,
"damaged" means that something else has changed the file (exit code 5).
Warns if systemd deletes the queue when its owner logs out.
)";

constexpr Verb kVerbs[] = {
    {"create", "make new mk", "make a queue", "QUEUE", 1, 1, false, kCreateText, kCreateFlags,
     kCreateNotes, Create},
    {"send", "put push pub publish enqueue write produce", "put messages into a queue",
     "QUEUE [FILE...]", 1, kAnyNumber, false, kSendText, kSendFlags, kSendNotes, Send},
    {"recv", "receive get pop pull sub subscribe dequeue read consume tail",
     "take messages from a queue", "QUEUE", 1, 1, true, kReceiveText, kReceiveFlags, kReceiveNotes,
     Receive},
    {"peek", "show cat head browse", "show messages and leave them", "QUEUE", 1, 1, true, kPeekText,
     kPeekFlags, "", Peek},
    {"bridge", "move mv copy forward nats", "move messages to another queue, or a NATS stream",
     "FROM TO", 2, 2, false, kBridgeText, kBridgeFlags, kBridgeNotes, Bridge},
    {"list", "ls queues", "list the queues", "[PATTERN...]", 0, kAnyNumber, true, kListText,
     kListFlags, "", List},
    {"stat", "status info describe top watch", "show the state of a queue", "QUEUE", 1, 1, true,
     kStatText, kStatFlags, "", Stat},
    {"doctor", "check fsck verify repair", "check a queue, repair what the dead left", "QUEUE", 1,
     1, true, kDoctorText, kDoctorFlags, "", Doctor},
    {"purge", "clear empty drain flush", "drop the messages of a queue", "QUEUE", 1, 1, false,
     kPurgeText, kYesFlags, kPurgeNotes, Purge},
    {"rm", "remove delete del unlink", "remove queues", "QUEUE...", 1, kAnyNumber, false,
     kRemoveText, kYesFlags, kRemoveNotes, Remove},
};

}  // namespace

absl::Span<const Verb> Verbs() { return kVerbs; }

absl::Span<const VerbFlag> CommonFlags() { return kCommonFlags; }

const Verb* FindVerb(absl::string_view name) {
  for (const Verb& verb : kVerbs) {
    if (verb.name == name) return &verb;
  }
  return nullptr;
}

bool Takes(const Verb& verb, absl::string_view flag) {
  const auto named = [flag](const VerbFlag& each) { return each.name == flag; };
  return std::any_of(std::begin(kCommonFlags), std::end(kCommonFlags), named) ||
         std::any_of(verb.flags.begin(), verb.flags.end(), named);
}

}  // namespace ipq
