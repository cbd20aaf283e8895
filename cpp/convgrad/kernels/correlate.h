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

// Adds the `count` first columns of `sum` to row m of the output, at column j.
inline void store_correlation(const Correlation& job, Index m, Index j, Index count,
                              simd::Vec sum) {
  float* out = job.out + m * job.out_pitch + j * job.out_step;
  if (!job.accumulate && job.bias != nullptr) sum += simd::broadcast(job.bias[m]);
  if (job.out_step == 1 && count >= simd::kLanes) {
    simd::store(out, job.accumulate ? sum + simd::load(out) : sum);
    return;
  }
  alignas(64) float lanes[simd::kLanes];
  simd::store(lanes, sum);
  for (Index i = 0; i < std::min(count, simd::kLanes); ++i) {
    float& cell = out[i * job.out_step];
    cell = job.accumulate ? cell + lanes[i] : lanes[i];
  }
}

template <int kRows, int kVecs>
inline void correlate_tile(const Correlation& job, Index j) {
  const auto tile = gemm_tile<kRows, kVecs>(job.depth, job.weights, job.bands + j, job.offsets);
  if (job.out_step == 1 && !job.accumulate && job.columns - j >= kVecs * simd::kLanes) {
    for (int m = 0; m < kRows; ++m) {
      const simd::Vec start = simd::broadcast(job.bias != nullptr ? job.bias[m] : 0.0f);
      float* out = job.out + m * job.out_pitch + j;
      for (int v = 0; v < kVecs; ++v) simd::store(out + v * simd::kLanes, tile.sums[m][v] + start);
    }
    return;
  }
  for (int m = 0; m < kRows; ++m) {
    for (int v = 0; v < kVecs; ++v) {
      const Index column = j + v * simd::kLanes;
      store_correlation(job, m, column, job.columns - column, tile.sums[m][v]);
    }
  }
}

// One row of output for kRows output channels.
template <int kRows>
inline void correlate_row(const Correlation& job) {
  Index j = 0;
  // A second vector must hold at least one column; a last single vector may be partly used.
  for (; job.columns - j > simd::kLanes; j += kTileColumns)
    correlate_tile<kRows, kTileVecs>(job, j);
  if (j < job.columns) correlate_tile<kRows, 1>(job, j);
}

}  // namespace convgrad::kernels
