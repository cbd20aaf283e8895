// One axis of a pooling window: which taps of it lie inside the input, and how many count.
#pragma once

#include <algorithm>

#include "convgrad/shape.h"

namespace convgrad::kernels {

struct PoolAxis {
  Index extent, kernel, stride, pad_before, pad_after, dilation;

  // The taps [first, last) of the window at `out` that lie inside the input; never empty.
  struct Taps {
    Index start;  // input position of tap 0, may be negative
    Index first, last;
  };
  [[nodiscard]] Taps taps(Index out) const {
    const Index start = out * stride - pad_before;
    const Index first = start < 0 ? (-start + dilation - 1) / dilation : 0;
    const Index last = std::min(kernel, (extent - start + dilation - 1) / dilation);
    return {start, first, last};
  }
  // Taps inside the padded input: all of them, but for a last window that ceil_mode lets hang over.
  [[nodiscard]] Index padded_taps(Index out) const {
    const Index start = out * stride - pad_before;
    return std::min(kernel, (extent + pad_after - start + dilation - 1) / dilation);
  }
  // What this axis contributes to the divisor of a mean.
  [[nodiscard]] Index divisor(Index out, bool count_include_pad) const {
    if (count_include_pad) return padded_taps(out);
    const Taps window = taps(out);
    return window.last - window.first;
  }
};

inline PoolAxis vertical_axis(const Pool2dShape& s) {
  return {s.h, s.kernel_h, s.stride_h, s.pad_top, s.pad_bottom, s.dilation_h};
}
inline PoolAxis horizontal_axis(const Pool2dShape& s) {
  return {s.w, s.kernel_w, s.stride_w, s.pad_left, s.pad_right, s.dilation_w};
}

// The number of taps that count along the axis, for each of `count` windows.
inline void fill_divisors(const PoolAxis& axis, Index count, bool count_include_pad,
                          float* divisors) {
  for (Index out = 0; out < count; ++out) {
    divisors[out] = static_cast<float>(axis.divisor(out, count_include_pad));
  }
}

}  // namespace convgrad::kernels
