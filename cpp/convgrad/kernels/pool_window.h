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

// The tap r*kernel_w + s of window (oh, ow) that lies on `index` of the input plane, or -1.
inline Index tap_of_index(const Pool2dShape& shape, Index oh, Index ow, Index index) {
  const Index down = index / shape.w + shape.pad_top - oh * shape.stride_h;
  const Index right = index % shape.w + shape.pad_left - ow * shape.stride_w;
  if (down < 0 || right < 0 || down % shape.dilation_h != 0 || right % shape.dilation_w != 0) {
    return -1;
  }
  const Index r = down / shape.dilation_h, s = right / shape.dilation_w;
  return r < shape.kernel_h && s < shape.kernel_w ? r * shape.kernel_w + s : -1;
}

}  // namespace convgrad::kernels
