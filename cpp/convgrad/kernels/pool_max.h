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
    const simd::Vec larger = simd::larger(max, value);
    at = simd::place_of(simd::minus_one_where_same(larger, max), at, value_at);
    max = larger;
  }
};

// The sum of `count` floats, by sums of at most a sixth of a lane's share each.
inline float sum_of(const float* p, Index count) {
  constexpr Index kAtOnce = 6;
  simd::Vec sum[kAtOnce];
  for (simd::Vec& each : sum) each = simd::broadcast(0.0f);
  Index i = 0;
  for (; i + kAtOnce * simd::kLanes <= count; i += kAtOnce * simd::kLanes) {
    CONVGRAD_UNROLL
    for (Index v = 0; v < kAtOnce; ++v) sum[v] += simd::load(p + i + v * simd::kLanes);
  }
  for (; i + simd::kLanes <= count; i += simd::kLanes) sum[0] += simd::load(p + i);
  float rest = 0.0f;
  for (; i < count; ++i) rest += p[i];
  return simd::sum(((sum[0] + sum[1]) + (sum[2] + sum[3])) + (sum[4] + sum[5])) + rest;
}

// Planes where comparisons cannot be relied on: with a NaN in them, or an infinity, which the
// padding looks like.
inline void max_of_odd_planes(const Pool2dShape& shape, Index planes, const float* x, float* y,
                              std::int32_t* indices) {
  Pool2dShape odd = shape;
  odd.n = 1;
  odd.c = planes;
  max_pool2d_forward_reference(odd, x, y, indices);
}

}  // namespace convgrad::kernels
