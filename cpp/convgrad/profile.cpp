#include "convgrad/profile.h"

#include <utility>

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

int Profile::change(Profile* profile, int phase) {
  if (profile == nullptr) return phase;
  const Clock::time_point time = now();
  profile->spent_[static_cast<std::size_t>(profile->current_)] += time - profile->since_;
  profile->since_ = time;
  return std::exchange(profile->current_, phase);
}

}  // namespace convgrad
