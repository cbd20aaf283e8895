#include "convgrad/profile.h"

namespace convgrad {

int Profile::change_to(int phase) {
  const Clock::time_point now = Clock::now();
  spent_[static_cast<std::size_t>(current_)] += now - since_;
  since_ = now;
  const int before = current_;
  current_ = phase;
  return before;
}

}  // namespace convgrad
