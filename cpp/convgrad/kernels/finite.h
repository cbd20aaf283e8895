// Whether numbers are finite, at the cost of one multiply-add a vector: 0 * v is 0 for them, NaN
// for infinities and NaNs.
#pragma once

#include "convgrad/simd.h"

namespace convgrad::kernels {

class FiniteCheck {
 public:
  void add(const float* p, Index count) {
    Index i = 0;
    // By several sums, as each waits for the one before.
    for (; i + 4 * simd::kLanes <= count; i += 4 * simd::kLanes) {
      const auto zero = [&](Index v) {
        return simd::load(p + i + v * simd::kLanes) * simd::broadcast(0.0f);
      };
      zeros_ += (zero(0) + zero(1)) + (zero(2) + zero(3));
    }
    for (; i + simd::kLanes <= count; i += simd::kLanes) add(simd::load(p + i));
    if (i < count) add(simd::load_first(p + i, count - i));
  }
  void add(simd::Vec v) { zeros_ = simd::multiply_add(v, simd::broadcast(0.0f), zeros_); }
  [[nodiscard]] bool passed() const { return simd::sum(zeros_) == 0.0f; }

 private:
  simd::Vec zeros_ = simd::broadcast(0.0f);
};

inline bool all_finite(const float* p, Index count) {
  FiniteCheck check;
  check.add(p, count);
  return check.passed();
}

}  // namespace convgrad::kernels
