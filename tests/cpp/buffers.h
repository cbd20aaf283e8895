// Outputs that cannot pass by accident: poisoned with NaN, between guard zones.
#pragma once

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "convgrad/algorithm.h"

namespace convgrad::test {

template <typename T>
class Guarded {
 public:
  explicit Guarded(Index count) : count_(count), cells_(kGuard + count + kGuard, guard()) {
    std::fill_n(cells_.begin() + kGuard, count, poison());
  }
  [[nodiscard]] T* data() { return cells_.data() + kGuard; }
  [[nodiscard]] std::vector<T> values() const {
    return {cells_.begin() + kGuard, cells_.begin() + kGuard + count_};
  }
  // Whether nothing was written before or behind the buffer.
  [[nodiscard]] bool intact() const {
    const T zone = guard();
    for (Index i = 0; i < kGuard; ++i) {
      if (std::memcmp(&cells_[i], &zone, sizeof(T)) != 0) return false;
      if (std::memcmp(&cells_[kGuard + count_ + i], &zone, sizeof(T)) != 0) return false;
    }
    return true;
  }
  // Whether nothing was written into it either.
  [[nodiscard]] bool untouched() const {
    const T clean = poison();
    for (Index i = 0; i < count_; ++i) {
      if (std::memcmp(&cells_[kGuard + i], &clean, sizeof(T)) != 0) return false;
    }
    return intact();
  }

 private:
  static constexpr Index kGuard = 64;
  static T poison() {
    if constexpr (std::numeric_limits<T>::has_quiet_NaN) return std::numeric_limits<T>::quiet_NaN();
    return std::numeric_limits<T>::min();
  }
  static T guard() { return static_cast<T>(-12345); }

  Index count_;
  std::vector<T> cells_;
};

// Exactly the bytes asked for, full of what reads as NaN, between guard zones.
class GuardedWorkspace {
 public:
  explicit GuardedWorkspace(std::size_t bytes)
      : bytes_(bytes), cells_((bytes + 7) / 8 + 2 * kGuard) {
    std::memset(cells_.data(), 0xff, cells_.size() * sizeof(double));
  }
  [[nodiscard]] Workspace get() { return {cells_.data() + kGuard, bytes_}; }
  [[nodiscard]] bool intact() const {
    const auto* all = reinterpret_cast<const unsigned char*>(cells_.data());
    const std::size_t begin = kGuard * sizeof(double);
    for (std::size_t i = 0; i < begin; ++i) {
      if (all[i] != 0xff) return false;
    }
    for (std::size_t i = begin + bytes_; i < cells_.size() * sizeof(double); ++i) {
      if (all[i] != 0xff) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t kGuard = 32;
  std::size_t bytes_;
  std::vector<double> cells_;
};

}  // namespace convgrad::test
