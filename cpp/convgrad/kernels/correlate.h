// The inner loop of the direct convolution, forward and dx: output columns across the lanes,
// several output channels a tile.
//
//   out[m, j] (+)= bias[m] + sum over terms d of weights[d, m] * bands[offsets[d] + j]
#pragma once

#include <algorithm>

#include "convgrad/kernels/gemm.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

// One row of output of a tile of output channels.
struct Correlation {
  const float* bands;    // where the window of the first column begins in the first channel's band
  const Index* offsets;  // [depth]: where a term (a channel's tap) lies, from there
  Index depth;
  const float* weights;  // [depth][rows]
  const float* bias;     // [rows] or null; only read when not accumulating
  bool accumulate;       // add to what stands in out
  float* out;            // row of the first output channel
  Index out_pitch;       // floats from one output channel to the next
  Index out_step;        // floats from one output column to the next
  Index columns;         // output columns
};

// Writes or adds sums[rows][width] to the output from column j on, as far as there are columns.
[[gnu::noinline]] inline void store_correlation(const Correlation& job, Index rows, Index j,
                                                Index width, const float* sums) {
  const Index count = std::min(width, job.columns - j);
  for (Index m = 0; m < rows; ++m, sums += width) {
    float* out = job.out + m * job.out_pitch + j * job.out_step;
    const float start = !job.accumulate && job.bias != nullptr ? job.bias[m] : 0.0f;
    Index i = 0;
    if (job.out_step == 1) {
      for (; i + simd::kLanes <= count; i += simd::kLanes) {
        const simd::Vec old = job.accumulate ? simd::load(out + i) : simd::broadcast(start);
        simd::store(out + i, simd::load(sums + i) + old);
      }
    }
    for (; i < count; ++i) {
      float& cell = out[i * job.out_step];
      cell = sums[i] + (job.accumulate ? cell : start);
    }
  }
}

template <int kRows, int kVecs>
inline void correlate_tile(const Correlation& job, Index j) {
  const auto tile = gemm_tile<kRows, kVecs>(job.depth, job.weights, job.bands + j, job.offsets);
  if (job.out_step == 1 && !job.accumulate && job.columns - j >= kVecs * simd::kLanes) {
    CONVGRAD_UNROLL
    for (int m = 0; m < kRows; ++m) {
      const simd::Vec start = simd::broadcast(job.bias != nullptr ? job.bias[m] : 0.0f);
      float* out = job.out + m * job.out_pitch + j;
      CONVGRAD_UNROLL
      for (int v = 0; v < kVecs; ++v) simd::store(out + v * simd::kLanes, tile.sums[m][v] + start);
    }
    return;
  }
  alignas(64) float sums[kRows * kVecs * simd::kLanes];
  CONVGRAD_UNROLL
  for (int m = 0; m < kRows; ++m) {
    CONVGRAD_UNROLL
    for (int v = 0; v < kVecs; ++v) {
      simd::store(sums + (m * kVecs + v) * simd::kLanes, tile.sums[m][v]);
    }
  }
  store_correlation(job, kRows, j, kVecs * simd::kLanes, sums);
}

// One row of output for `rows` output channels, rows <= kTileRows. One function for forward and dx.
[[gnu::noinline]] inline void correlate_row(const Correlation& job, Index rows) {
  with_rows<kTileRows>(rows, [&]<int kRows>() {
    Index j = 0;
    // A second vector must hold at least one column; a last single vector may be partly used.
    for (; job.columns - j > simd::kLanes; j += kTileColumns) {
      correlate_tile<kRows, kTileVecs>(job, j);
    }
    if (j < job.columns) correlate_tile<kRows, 1>(job, j);
  });
}

}  // namespace convgrad::kernels
