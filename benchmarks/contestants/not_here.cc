// SPDX-License-Identifier: MIT

// The places of libraries that no package of the system brings.

#include <string>
#include <vector>

#include "benchmarks/contestants/contestant.h"

namespace interprocess::benchmarks {

std::vector<Contestant> NotHere() {
  std::vector<Contestant> places;
  for (const char* name : {"iceoryx2", "Aeron", "cpp-ipc"}) {
    Contestant contestant;
    contestant.name = name;
    contestant.skipped = "Debian has no package of it";
    places.push_back(contestant);
  }
  return places;
}

}  // namespace interprocess::benchmarks
