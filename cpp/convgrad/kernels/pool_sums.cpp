#include "convgrad/kernels/pool_sums.h"

#include <algorithm>

#include "convgrad/kernels/pool_walk.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {
namespace {

// By so many vectors at a time, of which the last reach back over columns already done.
template <int kStride, int kVectors>
void add_in_vectors(const SumRows& given, const float* divisors, const float* row_divisors,
                    float* to, Index to_pitch) {
  constexpr Index kColumns = kVectors * simd::kLanes;
  const SumRows s = given;
  for (Index column = 0; column < s.columns; column += kColumns) {
    const Index j = std::min(column, s.columns - kColumns);
    for (Index i = 0; i < s.rows; ++i) {
      const float* p = s.from + i * s.pitch + j * kStride;
      simd::Vec sums[kVectors];
      CONVGRAD_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        sums[v] = load_tap<kStride>(p + v * kStride * simd::kLanes, 0);
      }
      for (Index t = 1; t < s.terms; ++t) {
        p += s.step;
        CONVGRAD_UNROLL
        for (int v = 0; v < kVectors; ++v) {
          sums[v] += load_tap<kStride>(p + v * kStride * simd::kLanes, 0);
        }
      }
      CONVGRAD_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        const Index at = j + v * simd::kLanes;
        if (divisors != nullptr) {
          sums[v] /= simd::load(divisors + at) * simd::broadcast(row_divisors[i]);
        }
        simd::store(to + i * to_pitch + at, sums[v]);
      }
    }
  }
}

}  // namespace

void add_rows(const SumRows& sums, const float* divisors, const float* row_divisors, float* to,
              Index to_pitch) {
  const auto add = sums.stride == 2                  ? add_in_vectors<2, 1>
                   : sums.columns < 2 * simd::kLanes ? add_in_vectors<1, 1>
                                                     : add_in_vectors<1, 2>;
  add(sums, divisors, row_divisors, to, to_pitch);
}

}  // namespace convgrad::kernels
