#include "convgrad/kernels/correlate_columns.h"

#include <algorithm>

namespace convgrad::kernels {
namespace {

// Where a tile's lines go, which are rows of several channels or of one.
struct TileOutput {
  float* out;  // first line, column 0
  Index pitch, column_pitch;
  const float* bias;  // of the first line or null
  Index bias_pitch;
  bool accumulate;
};

// Writes or adds columns [first, last) of sums[lines][kTileColumns].
[[gnu::noinline]] void store_lines(const TileOutput& to, Index lines, Index first, Index last,
                                   const float* sums) {
  for (Index m = 0; m < lines; ++m, sums += kTileColumns) {
    float* out = to.out + m * to.pitch;
    const float start = !to.accumulate && to.bias != nullptr ? to.bias[m * to.bias_pitch] : 0.0f;
    Index i = first;
    if (to.column_pitch == 1) {
      for (; i + simd::kLanes <= last; i += simd::kLanes) {
        const simd::Vec old = to.accumulate ? simd::load(out + i) : simd::broadcast(start);
        simd::store(out + i, simd::load(sums + i) + old);
      }
    }
    for (; i < last; ++i) {
      float& cell = out[i * to.column_pitch];
      cell = sums[i] + (to.accumulate ? cell : start);
    }
  }
}

// A whole tile to lines of `pitch` floats, with the bias of each.
template <int kRows>
[[gnu::always_inline]] inline void store_whole(const GemmTile<kRows>& tile, const float* bias,
                                               Index bias_pitch, float* out, Index pitch) {
  CONVGRAD_UNROLL
  for (int m = 0; m < kRows; ++m) {
    const simd::Vec start = simd::broadcast(bias != nullptr ? bias[m * bias_pitch] : 0.0f);
    CONVGRAD_UNROLL
    for (int v = 0; v < kTileVecs; ++v) {
      simd::store(out + m * pitch + v * simd::kLanes, tile.sums[m][v] + start);
    }
  }
}

// Whether tiles go straight to where the output is: whole ones, of a single block of terms.
bool stores_tiles(const Correlation& job) {
  return job.out_column == 1 && !job.accumulate && job.columns >= kTileColumns &&
         job.terms.depth <= job.terms.block;
}

constexpr int kOutputRows = 4;

}  // namespace

void correlate_columns(const Correlation& job, Index channels) {
  const bool direct = stores_tiles(job);
  with_rows<kTileRows, kLeastColumnChannels>(channels, [&]<int kRows>() {
    for (Index row = 0; row < job.rows; ++row) {
      const float* source = job.source + row * job.source_row;
      float* out = job.out + row * job.out_row;
      for (Index next = 0; next < job.columns; next += kTileColumns) {
        // The last tile overlaps the one before it.
        const Index j = std::clamp<Index>(job.columns - kTileColumns, 0, next);
        const float* window[] = {source + j};
        const auto add = [](auto& product, const auto& at, Index offset, const float* weights) {
          product.add_product(weights, at[0] + offset);
        };
        if (direct) {
          store_whole(sum_block<kRows, kTileVecs>(job.terms, window, kRows, add), job.bias, 1,
                      out + j, job.out_pitch);
          continue;
        }
        alignas(64) float sums[kRows * kTileColumns];
        sum_terms<kRows, kTileVecs>(job.terms, window, kRows, add, sums);
        // What the tile before has not written yet.
        store_lines({.out = out + j * job.out_column,
                     .pitch = job.out_pitch,
                     .column_pitch = job.out_column,
                     .bias = job.bias,
                     .bias_pitch = 1,
                     .accumulate = job.accumulate},
                    kRows, next - j, std::min(kTileColumns, job.columns - j), sums);
      }
    }
  });
}

void correlate_rows(const Correlation& job) {
  const bool direct = stores_tiles(job) && job.rows >= kOutputRows;
  for (Index next_row = 0; next_row < job.rows; next_row += kOutputRows) {
    // The last tiles overlap those before them, in both directions.
    const Index row = std::clamp<Index>(job.rows - kOutputRows, 0, next_row);
    for (Index next = 0; next < job.columns; next += kTileColumns) {
      const Index j = std::clamp<Index>(job.columns - kTileColumns, 0, next);
      const float* source[kOutputRows];
      CONVGRAD_UNROLL
      for (int i = 0; i < kOutputRows; ++i) {
        source[i] = job.source + std::min<Index>(row + i, job.rows - 1) * job.source_row + j;
      }
      const auto add = [](auto& product, const auto& at, Index offset, const float* weight) {
        const simd::Vec factor = simd::broadcast(*weight);
        CONVGRAD_UNROLL
        for (int i = 0; i < kOutputRows; ++i) {
          CONVGRAD_UNROLL
          for (int v = 0; v < kTileVecs; ++v) {
            product.sums[i][v] = simd::multiply_add(
                factor, simd::load(at[i] + offset + v * simd::kLanes), product.sums[i][v]);
          }
        }
      };
      if (direct) {
        store_whole(sum_block<kOutputRows, kTileVecs>(job.terms, source, 1, add), job.bias, 0,
                    job.out + row * job.out_row + j, job.out_row);
        continue;
      }
      alignas(64) float sums[kOutputRows * kTileColumns];
      sum_terms<kOutputRows, kTileVecs>(job.terms, source, 1, add, sums);
      // What the tiles before have not written yet.
      store_lines({.out = job.out + next_row * job.out_row + j * job.out_column,
                   .pitch = job.out_row,
                   .column_pitch = job.out_column,
                   .bias = job.bias,
                   .bias_pitch = 0,
                   .accumulate = job.accumulate},
                  std::min<Index>(kOutputRows, job.rows - next_row), next - j,
                  std::min(kTileColumns, job.columns - j), sums + (next_row - row) * kTileColumns);
    }
  }
}

}  // namespace convgrad::kernels
