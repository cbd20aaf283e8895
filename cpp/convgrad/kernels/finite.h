// Whether numbers are finite, at the cost of one multiply-add a vector: 0 * v is 0 for them, NaN
// for infinities and NaNs.
#pragma once

#include "convgrad/simd.h"

namespace convgrad::kernels {

class FiniteCheck {
 public:
  void add(const float* p, Index count) {
    Index i = 0;
    for (; i + simd::kLanes <= count; i += simd::kLanes) add(simd::load(p + i));
    if (i < count) add(simd::load_first(p + i, count - i));
  }
  void add(simd::Vec v) { zeros_ = simd::multiply_add(v, simd::broadcast(0.0f), zeros_); }
  [[nodiscard]] bool passed() const { return simd::sum(zeros_) == 0.0f; }

 private:
  simd::Vec zeros_ = simd::broadcast(0.0f);
};

}  // namespace convgrad::kernels
