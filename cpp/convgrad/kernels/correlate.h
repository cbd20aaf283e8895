// The inner loop of the direct convolution, forward and dx: output columns across the lanes,
// several output channels a tile.
//
//   out[m, j] (+)= bias[m] + sum over channels q, taps t of weights[q, t, m] * planes[q][offsets[t]
//   + j]
#pragma once

#include "convgrad/kernels/tile.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

// What the tiles of one row of output have in common.
struct Correlation {
  const float* planes;  // the window's first row and column in the first channel's band
  Index plane_pitch;    // floats from one channel to the next
  Index channels;
  const Index* offsets;  // [taps]: where a tap lies, from the window's first column
  Index taps;
  const float* weights;  // [channels][weight_pitch], a channel being [taps][rows]
  Index weight_pitch;    // floats from one channel's weights to the next
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
  simd::Vec sums[kRows][kVecs];
  for (auto& row : sums) {
    for (auto& sum : row) sum = simd::broadcast(0.0f);
  }
  for (Index q = 0; q < job.channels; ++q) {
    const float* plane = job.planes + q * job.plane_pitch + j;
    const float* weight = job.weights + q * job.weight_pitch;
    for (Index t = 0; t < job.taps; ++t, weight += kRows) {
      const float* columns = plane + job.offsets[t];
      simd::Vec loaded[kVecs];
      for (int v = 0; v < kVecs; ++v) loaded[v] = simd::load(columns + v * simd::kLanes);
      for (int m = 0; m < kRows; ++m) {
        const simd::Vec factor = simd::broadcast(weight[m]);
        for (int v = 0; v < kVecs; ++v) {
          sums[m][v] = simd::multiply_add(factor, loaded[v], sums[m][v]);
        }
      }
    }
  }
  for (int m = 0; m < kRows; ++m) {
    for (int v = 0; v < kVecs; ++v) {
      const Index column = j + v * simd::kLanes;
      store_correlation(job, m, column, job.columns - column, sums[m][v]);
    }
  }
}

// One row of output for `rows` (at most kTileRows) output channels.
inline void correlate_row(const Correlation& job, Index rows) {
  with_rows<kTileRows>(rows, [&job]<int kRows>() {
    Index j = 0;
    // A second vector must hold at least one column; a last single vector may be partly used.
    for (; job.columns - j > simd::kLanes; j += kTileColumns) {
      correlate_tile<kRows, kTileVecs>(job, j);
    }
    if (j < job.columns) correlate_tile<kRows, 1>(job, j);
  });
}

}  // namespace convgrad::kernels
