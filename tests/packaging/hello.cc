// SPDX-License-Identifier: MIT

#include <interprocess.hpp>
#include <iostream>
#include <string>
#include <string_view>

int main(int argc, char** argv) {
  ipq::Options options("greetings");
  if (argc > 1) options.directory = argv[1];
  try {
    ipq::Publisher publisher(options);
    ipq::Subscriber subscriber(options);
    for (const std::string& text : {std::string("hello"), std::string("world")}) {
      publisher.Enqueue(text);
      publisher.Enqueue(std::string_view(text));
      publisher.Enqueue(text.c_str());
      publisher.Enqueue({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
      for (int i = 0; i < 4; ++i) {
        if (subscriber.Dequeue() != text) return 2;
      }
    }
    publisher.Enqueue("hello");
    std::cout << subscriber.Dequeue() << std::endl;
  } catch (const ipq::Error& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
