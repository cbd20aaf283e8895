// What the maximum of windows needs apart from the walk over them.
#pragma once

#include <cstdint>

#include "convgrad/kernels/pool2d_kernels.h"
#include "convgrad/kernels/pool_rows.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

// The maximum so far of a vector of windows, and where in the plane it stands. Taps are offered in
// row-major order, and one takes over only when it is larger: the first maximum wins.
struct RunningMax {
  simd::Vec max;
  simd::IntVec at;

  void take(simd::Vec value, simd::IntVec value_at) {
    at = simd::index_after(at, value > max, value_at);
    max = simd::larger(max, value);
  }
};

// The lanes' sum is that of `count` floats.
inline simd::Vec sum_of(const float* p, Index count) {
  constexpr Index kAtOnce = 4;
  simd::Vec sum[kAtOnce];
  for (simd::Vec& each : sum) each = simd::broadcast(0.0f);
  Index i = 0;
  for (; i + kAtOnce * simd::kLanes <= count; i += kAtOnce * simd::kLanes) {
    CONVGRAD_UNROLL
    for (Index v = 0; v < kAtOnce; ++v) sum[v] += simd::load(p + i + v * simd::kLanes);
  }
  for (; i < count; i += simd::kLanes) sum[0] += load_columns(p + i, count - i);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

// Plane i again where the comparisons cannot be relied on: with a NaN in it, or an infinity, which
// the padding looks like. `sum`: lanes whose sum is that of the plane's floats.
inline void max_of_odd_plane(const Pool2dShape& shape, simd::Vec sum, const float* x, Index i,
                             float* y, std::int32_t* indices) {
  const Index in_size = shape.h * shape.w, out = i * shape.oh * shape.ow;
  if (!simd::has_nan(sum - sum)) return;
  Pool2dShape plane = shape;
  plane.n = plane.c = 1;
  max_pool2d_forward_reference(plane, x + i * in_size, y + out, indices + out);
}

}  // namespace convgrad::kernels
