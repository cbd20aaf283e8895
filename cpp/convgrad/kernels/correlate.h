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

// Writes or adds columns [first, last) of sums[rows][kTileColumns], which begin at output column j.
[[gnu::noinline]] inline void store_correlation(const Correlation& job, Index rows, Index j,
                                                Index first, Index last, const float* sums) {
  for (Index m = 0; m < rows; ++m, sums += kTileColumns) {
    float* out = job.out + m * job.out_pitch + j * job.out_step;
    const float start = !job.accumulate && job.bias != nullptr ? job.bias[m] : 0.0f;
    Index i = first;
    if (job.out_step == 1) {
      for (; i + simd::kLanes <= last; i += simd::kLanes) {
        const simd::Vec old = job.accumulate ? simd::load(out + i) : simd::broadcast(start);
        simd::store(out + i, simd::load(sums + i) + old);
      }
    }
    for (; i < last; ++i) {
      float& cell = out[i * job.out_step];
      cell = sums[i] + (job.accumulate ? cell : start);
    }
  }
}

// One row of output for `rows` output channels, rows <= kTileRows. One function for forward and dx.
// Reads behind the columns only where they are fewer than kTileColumns.
[[gnu::noinline]] inline void correlate_row(const Correlation& job, Index rows) {
  with_rows<kTileRows>(rows, [&]<int kRows>() {
    for (Index next = 0; next < job.columns; next += kTileColumns) {
      // The last tile overlaps the one before it.
      const Index j = std::clamp<Index>(job.columns - kTileColumns, 0, next);
      const auto tile = gemm_tile<kRows>(job.depth, job.weights, job.bands + j, job.offsets);
      if (job.out_step == 1 && !job.accumulate && job.columns >= kTileColumns) {
        CONVGRAD_UNROLL
        for (int m = 0; m < kRows; ++m) {
          const simd::Vec start = simd::broadcast(job.bias != nullptr ? job.bias[m] : 0.0f);
          float* out = job.out + m * job.out_pitch + j;
          CONVGRAD_UNROLL
          for (int v = 0; v < kTileVecs; ++v) {
            simd::store(out + v * simd::kLanes, tile.sums[m][v] + start);
          }
        }
        continue;
      }
      alignas(64) float sums[kRows * kTileColumns];
      CONVGRAD_UNROLL
      for (int m = 0; m < kRows; ++m) {
        CONVGRAD_UNROLL
        for (int v = 0; v < kTileVecs; ++v) {
          simd::store(sums + m * kTileColumns + v * simd::kLanes, tile.sums[m][v]);
        }
      }
      // What the tile before has not added yet.
      store_correlation(job, kRows, j, next - j, std::min(kTileColumns, job.columns - j), sums);
    }
  });
}

}  // namespace convgrad::kernels
