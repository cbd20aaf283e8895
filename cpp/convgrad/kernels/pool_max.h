// What both algorithms of max pooling share: the running maximum with its index, a column a lane.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "convgrad/kernels/pool_window.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

// The first `count` lanes; all of them when count is larger.
inline void store_columns(float* p, simd::Vec v, Index count) {
  if (count >= simd::kLanes) return simd::store(p, v);
  simd::store_first(p, v, count);
}
inline void store_columns(std::int32_t* p, simd::IntVec v, Index count) {
  if (count >= simd::kLanes) return simd::store(p, v);
  simd::store_first(p, v, count);
}
inline simd::Vec load_columns(const float* p, Index count) {
  return count >= simd::kLanes ? simd::load(p) : simd::load_first(p, count);
}

// The maximum so far of one window a lane. A later tap takes over only when it is larger, so the
// first maximum wins; or when it is NaN and nothing before it was, so the first NaN wins. Padding
// is offered as -inf and can never take over; the index to begin with is that of the window's first
// tap inside the input, which is right for a window of nothing but -inf.
class RunningMax {
 public:
  explicit RunningMax(simd::IntVec first)
      : max_(simd::broadcast(-std::numeric_limits<float>::infinity())), index_(first) {}

  void take(simd::Vec value, simd::IntVec index) {
    const auto larger = value > max_;
    const auto first_nan = (value != value) & (max_ == max_);
    const auto takes_over = larger | first_nan;
    max_ = simd::select(takes_over, value, max_);
    index_ = simd::select(takes_over, index, index_);
  }

  void store(float* y, std::int32_t* indices, Index count) const {
    store_columns(y, max_, count);
    store_columns(indices, index_, count);
  }

 private:
  simd::Vec max_;
  simd::IntVec index_;
};

// The input column of each window's first tap inside the input, [OW rounded up].
inline void fill_first_columns(const Pool2dShape& shape, std::int32_t* columns) {
  const PoolAxis horizontal = horizontal_axis(shape);
  for (Index ow = 0; ow < simd::round_up(shape.ow); ++ow) {
    const PoolAxis::Taps taps = horizontal.taps(std::min(ow, shape.ow - 1));
    columns[ow] = static_cast<std::int32_t>(taps.start + taps.first * shape.dilation_w);
  }
}

// Indices in the input plane of the first taps of the windows from column `ow` on.
inline simd::IntVec first_index(const Pool2dShape& shape, const PoolAxis::Taps& rows,
                                const std::int32_t* first_columns, Index ow) {
  const Index first_row = rows.start + rows.first * shape.dilation_h;
  return simd::load(first_columns + ow) +
         simd::broadcast(static_cast<std::int32_t>(first_row * shape.w));
}

// Indices of tap s on input row `ih` for the windows from column `ow` on; meaningless, and never
// taken, where the tap lies in the padding.
inline simd::IntVec tap_index(const Pool2dShape& shape, Index ih, Index ow, Index s) {
  const Index first = ih * shape.w + ow * shape.stride_w - shape.pad_left + s * shape.dilation_w;
  return simd::lane_numbers() * simd::broadcast(static_cast<std::int32_t>(shape.stride_w)) +
         simd::broadcast(static_cast<std::int32_t>(first));
}

}  // namespace convgrad::kernels
