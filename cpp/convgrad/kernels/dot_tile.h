// The matrix kernel of dw: a tile of dot products, some output channels x some taps. Both operands
// are plain vector loads along their rows, so neither has to be packed for the lanes.
#pragma once

#include <algorithm>

#include "convgrad/kernels/tile.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

// 3 + 3 loads for 9 multiply-adds, 13 vectors; of a single channel, as depthwise convolutions have,
// more taps.
inline constexpr int kDotRows = 3;
template <int kRows>
inline constexpr int kDotTaps = kRows == 1 ? 5 : 3;

// Dot products of `rows` rows of `columns` floats.
struct DotJob {
  const float* dy;         // first output channel's first row
  Index dy_plane, dy_row;  // floats to the next channel, to the next row
  const float* x;
  const Index* positions;  // [taps]: where a tap's first row lies from there
  Index x_row;             // floats to the next row
  Index rows, columns;     // columns: whole vectors
  double* sums;            // of the first channel and tap
  Index sums_pitch;        // doubles to the next channel
};

// sums[m][t] += sum over rows i, columns j of dy[m][i][j] * x[t][i][j], for the first `count` taps.
// A lane sums up at most kBlockTerms products in float; the rest is added in double.
template <int kRows>
[[gnu::noinline]] void dot_tile(const DotJob& job, Index count) {
  constexpr int kTaps = kDotTaps<kRows>;
  constexpr Index kBlockColumns = kBlockTerms * simd::kLanes;
  const Index piece = std::min(job.columns, kBlockColumns);
  const Index rows_per_block = kBlockColumns / piece;
  for (Index row = 0; row < job.rows; row += rows_per_block) {
    const Index row_end = std::min(row + rows_per_block, job.rows);
    for (Index column = 0; column < job.columns; column += piece) {
      const Index length = std::min(piece, job.columns - column);
      simd::Vec sums[kRows][kTaps];
      CONVGRAD_UNROLL
      for (auto& of_row : sums) {
        CONVGRAD_UNROLL
        for (auto& sum : of_row) sum = simd::broadcast(0.0f);
      }
      for (Index i = row; i < row_end; ++i) {
        const float* dy[kRows];
        const float* x[kTaps];
        CONVGRAD_UNROLL
        for (int m = 0; m < kRows; ++m) dy[m] = job.dy + m * job.dy_plane + i * job.dy_row + column;
        CONVGRAD_UNROLL
        for (int t = 0; t < kTaps; ++t) {
          x[t] = job.x + job.positions[std::min<Index>(t, count - 1)] + i * job.x_row + column;
        }
        for (Index j = 0; j < length; j += simd::kLanes) {
          simd::Vec taps[kTaps];
          CONVGRAD_UNROLL
          for (int t = 0; t < kTaps; ++t) taps[t] = simd::load(x[t] + j);
          CONVGRAD_UNROLL
          for (int m = 0; m < kRows; ++m) {
            const simd::Vec delta = simd::load(dy[m] + j);
            CONVGRAD_UNROLL
            for (int t = 0; t < kTaps; ++t) {
              sums[m][t] = simd::multiply_add(delta, taps[t], sums[m][t]);
            }
          }
        }
      }
      CONVGRAD_UNROLL
      for (int m = 0; m < kRows; ++m) {
        CONVGRAD_UNROLL
        for (int t = 0; t < kTaps; ++t) {
          if (t < count) {
            job.sums[m * job.sums_pitch + t] += static_cast<double>(simd::sum(sums[m][t]));
          }
        }
      }
    }
  }
}

// The same for `rows` output channels and `taps` taps, any number of each.
[[gnu::noinline]] inline void dot_product(DotJob job, Index rows, Index taps) {
  const EvenSplit row_tiles(rows, kDotRows);
  const DotJob first = job;
  for (Index i = 0; i < row_tiles.parts(); ++i) {
    with_rows<kDotRows>(row_tiles.size(i), [&]<int kRows>() {
      const Index m = row_tiles.begin(i);
      job.dy = first.dy + m * first.dy_plane;
      for (Index t = 0; t < taps; t += kDotTaps<kRows>) {
        job.positions = first.positions + t;
        job.sums = first.sums + m * first.sums_pitch + t;
        dot_tile<kRows>(job, std::min<Index>(kDotTaps<kRows>, taps - t));
      }
    });
  }
}

}  // namespace convgrad::kernels
