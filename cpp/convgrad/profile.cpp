#include "convgrad/profile.h"

#if defined(__wasm__)
#include <ctime>
#endif

namespace convgrad {

#if defined(__wasm__)
// Asked directly: steady_clock::now() brings half a kilobyte of error reporting along.
Profile::Clock::time_point Profile::now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return Clock::time_point(std::chrono::seconds(time.tv_sec) +
                           std::chrono::nanoseconds(time.tv_nsec));
}
#else
Profile::Clock::time_point Profile::now() { return Clock::now(); }
#endif

int Profile::change_to(int phase) {
  const Clock::time_point time = now();
  spent_[static_cast<std::size_t>(current_)] += time - since_;
  since_ = time;
  const int before = current_;
  current_ = phase;
  return before;
}

}  // namespace convgrad
