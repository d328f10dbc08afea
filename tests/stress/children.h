// SPDX-License-Identifier: MIT

// Forked child processes, and two pipes to talk with each.

#ifndef INTERPROCESS_TESTS_STRESS_CHILDREN_H_
#define INTERPROCESS_TESTS_STRESS_CHILDREN_H_

#include <functional>

namespace interprocess::stress {

// A child's end of the pipes.
class Parent {
 public:
  Parent(int in, int out) : in_(in), out_(out) {}
  void Say(char word) const;
  // Waits for the next word; 0 if the parent is gone.
  char Hear() const;

 private:
  int in_;
  int out_;
};

// A child of this process, which must have one thread. It dies with its parent. Movable; the
// destructor kills and reaps it.
class Child {
 public:
  // `body` returns the exit code.
  static Child Start(const std::function<int()>& body);
  static Child Start(const std::function<int(const Parent&)>& body);

  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  int id() const { return id_; }
  void Say(char word) const;
  // The child's next word; 0 if it is gone or says nothing for a minute.
  char Hear() const;

  void Kill() const;  // SIGKILL; does not wait
  void Stop() const;  // returns when it has stopped
  void Continue() const;
  // Waits for its end: its exit code, or 1000 + the signal that killed it.
  int Wait();
  // The same if it has ended, else -1.
  int Poll();

 private:
  Child(int id, int in, int out) : id_(id), in_(in), out_(out) {}
  int id_;
  int in_;
  int out_;
  int code_ = -1;
};

}  // namespace interprocess::stress

#endif  // INTERPROCESS_TESTS_STRESS_CHILDREN_H_
