// The running maximum of a window with its index, a window a lane.
#pragma once

#include <cstdint>
#include <limits>

#include "convgrad/simd.h"

namespace convgrad::kernels {

// A later tap takes over only when it is larger, so the first maximum wins; or when it is NaN and
// nothing before it was, so the first NaN wins. Padding is offered as -inf and can never take over;
// the index to begin with is that of the window's first tap inside the input, which is right for a
// window of nothing but -inf. Taps are offered in row-major order: their indices grow.
class RunningMax {
 public:
  explicit RunningMax(simd::IntVec first)
      : max_(simd::broadcast(-std::numeric_limits<float>::infinity())), index_(first) {}

  void take(simd::Vec value, simd::IntVec index) {
    // Not "value > max": it is to hold for a NaN.
    const auto takes_over = ~(value <= max_) & (max_ == max_);
    max_ = simd::select(takes_over, value, max_);
    index_ = simd::larger(index_, simd::keep_where(takes_over, index));
  }

  [[nodiscard]] simd::Vec max() const { return max_; }
  [[nodiscard]] simd::IntVec index() const { return index_; }

 private:
  simd::Vec max_;
  simd::IntVec index_;
};

}  // namespace convgrad::kernels
