// The long form: see --help.

#include <stdio.h>

#include <cstdint>

#include "tests/stress/flags.h"
#include "tests/stress/stress.h"

int main(int argc, char** argv) {
  namespace stress = interprocess::stress;
  const stress::Flags flags(
      argc, argv, "Sends messages from many to many, and checks each of them.",
      {{"publishers", "4", "how many publish"},
       {"subscribers", "4", "how many take"},
       {"messages", "10000000", "how many messages, in all"},
       {"capacity", "1048576", "of the queue, in bytes"},
       {"max_size", "256", "of ordinary messages, in bytes"},
       {"huge", "true", "with a few messages of up to the queue's capacity"},
       {"reopen_every", "2000", "steps between two openings of an endpoint; 0: never"},
       {"threads", "false", "threads of one process instead of processes"},
       {"change_pace", "false", "make each side sleep in turn"},
       {"seed", "0", "of a run that is to be repeated; 0: a new one"}});
  stress::StressOptions options;
  options.publishers = static_cast<uint32_t>(flags.Number("publishers"));
  options.subscribers = static_cast<uint32_t>(flags.Number("subscribers"));
  options.messages = static_cast<uint64_t>(flags.Number("messages"));
  options.processes = !flags.Is("threads");
  options.change_pace = flags.Is("change_pace");
  options.work.queue.name = "stress";
  options.work.queue.directory = stress::MakeQueueDirectory();
  options.work.queue.capacity = flags.Number("capacity");
  options.work.max_size = static_cast<size_t>(flags.Number("max_size"));
  options.work.some_huge = flags.Is("huge");
  options.work.reopen_every = static_cast<int>(flags.Number("reopen_every"));
  const uint64_t seed = static_cast<uint64_t>(flags.Number("seed"));
  options.work.seed = seed != 0 ? seed : stress::SeedFromEnvironment();
  stress::StressResult result = stress::RunStress(options);
  printf("%s\n", stress::Describe(options, result).c_str());
  stress::RemoveQueueDirectory(options.work.queue.directory);
  return result.failure.empty() ? 0 : 1;
}
