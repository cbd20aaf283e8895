#include "convgrad/kernels/dot_product.h"

#include <algorithm>

#include "convgrad/kernels/tile.h"

namespace convgrad::kernels {
namespace {

// 3 + 3 loads for 9 multiply-adds, 13 vectors; of a single channel, as depthwise convolutions have,
// more taps.
constexpr int kDotRows = 3;
template <int kRows>
constexpr int kDotTaps = kRows == 1 ? 5 : 3;

// job.sums[m][t] += the sum of lanes[m][t][:], for the first `count` of `taps` taps.
[[gnu::noinline]] void add_lanes(const DotJob& job, Index rows, Index taps, Index count,
                                 const float* lanes) {
  for (Index m = 0; m < rows; ++m, lanes += taps * simd::kLanes) {
    for (Index t = 0; t < count; ++t) {
      const float sum = simd::sum(simd::load(lanes + t * simd::kLanes));
      job.sums[m * job.sums_pitch + t] += static_cast<double>(sum);
    }
  }
}

// What dot_product() does, for kRows channels and the first `count` of a tile's taps.
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
      alignas(64) float lanes[kRows][kTaps][simd::kLanes];
      CONVGRAD_UNROLL
      for (int m = 0; m < kRows; ++m) {
        CONVGRAD_UNROLL
        for (int t = 0; t < kTaps; ++t) simd::store(lanes[m][t], sums[m][t]);
      }
      add_lanes(job, kRows, kTaps, count, &lanes[0][0][0]);
    }
  }
}

}  // namespace

void dot_product(DotJob job, Index rows, Index taps) {
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
