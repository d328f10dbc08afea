// SPDX-License-Identifier: MIT

#include <dlfcn.h>
#include <fcntl.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <future>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include "gtest/gtest.h"

namespace {

TEST(OlderGlibcTest, ExceptionsAreCaughtInTheirThread) {
  auto thrown = std::async(std::launch::async, []() -> int {
    std::thread([] {
      EXPECT_THROW(throw std::runtime_error("in a thread"), std::runtime_error);
    }).join();
    throw std::length_error("across threads");
  });
  EXPECT_THROW(thrown.get(), std::length_error);
}

// What holds an address, and nothing else.
TEST(OlderGlibcTest, UnwindTablesAreFound) {
  dl_find_object found;
  ASSERT_EQ(_dl_find_object(reinterpret_cast<void*>(&getpid), &found), 0);
  EXPECT_NE(found.dlfo_eh_frame, nullptr);
  EXPECT_LE(found.dlfo_map_start, reinterpret_cast<void*>(&getpid));
  EXPECT_GT(found.dlfo_map_end, reinterpret_cast<void*>(&getpid));
  int on_the_stack;
  EXPECT_EQ(_dl_find_object(&on_the_stack, &found), -1);
}

TEST(OlderGlibcTest, SemaphoresWork) {
  const std::string name = "/interprocess-older-glibc-" + std::to_string(getpid());
  sem_t* made = sem_open(name.c_str(), O_CREAT | O_EXCL, 0600, 2);
  ASSERT_NE(made, SEM_FAILED);
  sem_t* opened = sem_open(name.c_str(), 0);
  ASSERT_NE(opened, SEM_FAILED);
  EXPECT_EQ(sem_post(made), 0);
  int value = 0;
  EXPECT_EQ(sem_getvalue(opened, &value), 0);
  EXPECT_EQ(value, 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sem_trywait(opened), 0);
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  EXPECT_EQ(sem_clockwait(opened, CLOCK_MONOTONIC, &now), -1);
  EXPECT_EQ(errno, ETIMEDOUT);
  struct stat status;
  ASSERT_EQ(stat(("/dev/shm/sem." + name.substr(1)).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);
  EXPECT_EQ(sem_unlink(name.c_str()), 0);
  EXPECT_EQ(sem_open(name.c_str(), 0), SEM_FAILED);
  EXPECT_EQ(sem_close(made), 0);
  EXPECT_EQ(sem_close(opened), 0);
}

TEST(OlderGlibcTest, FilesAreTold) {
  const std::string directory = ::testing::TempDir();
  const std::string link = directory + "older-glibc-link";
  std::filesystem::remove(link);
  std::filesystem::create_symlink(directory, link);
  struct stat status;
  ASSERT_EQ(stat(link.c_str(), &status), 0);
  EXPECT_TRUE(S_ISDIR(status.st_mode));
  ASSERT_EQ(lstat(link.c_str(), &status), 0);
  EXPECT_TRUE(S_ISLNK(status.st_mode));
  const int file = open(directory.c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(fstat(file, &status), 0);
  EXPECT_TRUE(S_ISDIR(status.st_mode));
  ASSERT_EQ(fstatat(file, "older-glibc-link", &status, AT_SYMLINK_NOFOLLOW), 0);
  EXPECT_TRUE(S_ISLNK(status.st_mode));
  EXPECT_EQ(fstatat(file, "none", &status, 0), -1);
  EXPECT_EQ(errno, ENOENT);
  close(file);
  std::filesystem::remove(link);
}

TEST(OlderGlibcTest, ChanceDiffers) {
  std::random_device chance;
  std::set<unsigned> numbers;
  for (int i = 0; i < 100; ++i) numbers.insert(chance());
  EXPECT_GT(numbers.size(), 90u);
}

}  // namespace
