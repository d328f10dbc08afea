// What docs/recipes/from_boost.md says programs have before they move, in the queue of Boost.

#include <unistd.h>

#include <cstddef>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "boost/date_time/posix_time/posix_time_types.hpp"
#include "boost/interprocess/ipc/message_queue.hpp"
#include "gtest/gtest.h"

namespace {

using boost::interprocess::message_queue;

// [before]
// Does one job. A job that fails, or whose worker dies, is gone.
bool WorkOnce(message_queue& jobs, absl::FunctionRef<bool(absl::string_view job)> work) {
  std::string job(jobs.get_max_msg_size(), '\0');
  std::size_t size;
  unsigned priority;
  const auto until =
      boost::posix_time::second_clock::universal_time() + boost::posix_time::seconds(10);
  if (!jobs.timed_receive(&job[0], job.size(), size, priority, until)) return false;
  return work(absl::string_view(job).substr(0, size));
}
// [end]

TEST(BoostTest, HasWhatTheTableNames) {
  const std::string name = absl::StrCat("interprocess-recipe-", getpid());
  message_queue::remove(name.c_str());
  message_queue made(boost::interprocess::create_only, name.c_str(), 2, 16);
  message_queue opened(boost::interprocess::open_only, name.c_str());
  message_queue either(boost::interprocess::open_or_create, name.c_str(), 2, 16);
  made.send("one", 3, 0);
  EXPECT_TRUE(opened.try_send("urgent", 6, 1));
  EXPECT_FALSE(opened.try_send("three", 5, 0));
  const auto past = boost::posix_time::second_clock::universal_time();
  EXPECT_FALSE(opened.timed_send("three", 5, 0, past));
  EXPECT_EQ(either.get_num_msg(), 2u);
  std::string done;
  const auto work = [&done](absl::string_view job) {
    done = std::string(job);
    return true;
  };
  EXPECT_TRUE(WorkOnce(either, work));
  EXPECT_EQ(done, "urgent");
  char buffer[16];
  std::size_t size;
  unsigned priority;
  either.receive(buffer, sizeof(buffer), size, priority);
  EXPECT_EQ(absl::string_view(buffer, size), "one");
  EXPECT_TRUE(message_queue::remove(name.c_str()));
}

}  // namespace
