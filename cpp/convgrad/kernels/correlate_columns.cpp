#include "convgrad/kernels/correlate_columns.h"

#include <algorithm>

#include "convgrad/kernels/tile_output.h"

namespace convgrad::kernels {
namespace {

// A tile all of whose sums on a line begin with starts[m * start_pitch].
template <int kLines>
[[gnu::always_inline]] inline GemmTile<kLines> start_lines(const float* starts, int start_pitch) {
  GemmTile<kLines> tile;
  CONVGRAD_UNROLL
  for (int m = 0; m < kLines; ++m) {
    CONVGRAD_UNROLL
    for (auto& sum : tile.sums[m]) sum = simd::broadcast(starts[m * start_pitch]);
  }
  return tile;
}

// Sums a tile of any number of blocks up, as correlation.h says, and writes or adds the part. A
// whole tile that only has to be written goes from the registers to the output block by block,
// which gives the same sums: so it does not matter which tiles are whole, as this depends on how
// rows are shared among threads.
template <int kLines, int kSources, typename AddTerm>
[[gnu::always_inline]] inline void compute_part(const Terms& terms,
                                                const float* (&windows)[kSources], Index width,
                                                AddTerm add, const GemmTile<kLines>& start,
                                                const TileOutput& to, const TilePart& part) {
  const bool whole = !to.accumulate && to.column_pitch == 1 &&
                     part.columns - part.first_column == kTileColumns &&
                     part.lines - part.first_line == kLines;
  alignas(64) float sums[kLines * kTileColumns];
  int stores_part = whole ? 0 : 1;
  // The compiler is not to know it, or it makes a loop over the terms for either case.
  asm("" : "+r"(stores_part));
  sum_terms(terms, windows, width, add, start, whole ? to.out : sums,
            whole ? to.pitch : kTileColumns);
  if (stores_part != 0) store_part(to, part, sums);
}

// Whether tiles are stored once, from the registers: fresh sums of a single block of terms. Also
// those that overlap others, as what they write a second time is the same.
bool stores_once(const Correlation& job) {
  return job.out_column == 1 && job.columns >= kTileColumns && !job.accumulate &&
         job.terms.depth <= job.terms.block;
}

constexpr int kOutputRows = 4;

}  // namespace

void correlate_columns(const Correlation& job, Index channels) {
  const bool once = stores_once(job);
  with_rows<kTileRows, kLeastColumnChannels>(channels, [&]<int kRows>() {
    float starts[kRows];
    job.copy_starts(kRows, starts);
    const auto add = [](auto& product, const auto& at, Index offset, const float* weights) {
      product.add_product(weights, at[0] + offset);
    };
    for (Index row = 0; row < job.rows; ++row) {
      const float* source = job.source + row * job.source_row;
      float* out = job.out + row * job.out_row;
      for (Index next = 0; next < job.columns; next += kTileColumns) {
        // The last tile overlaps the one before it.
        const Index j = std::clamp<Index>(job.columns - kTileColumns, 0, next);
        const float* window[] = {source + j};
        auto tile = start_lines<kRows>(starts, 1);
        if (once) {
          add_block(job.terms, window, kRows, add, tile);
          store_tile(tile, out + j, job.out_pitch);
          continue;
        }
        compute_part(job.terms, window, kRows, add, tile,
                     {.out = out + j * job.out_column,
                      .pitch = job.out_pitch,
                      .column_pitch = job.out_column,
                      .accumulate = job.accumulate},
                     {.first_line = 0,
                      .lines = kRows,
                      .first_column = next - j,
                      .columns = std::min(kTileColumns, job.columns - j)});
      }
    }
  });
}

void correlate_rows(const Correlation& job) {
  const bool once = stores_once(job) && job.rows >= kOutputRows;
  float start;
  job.copy_starts(1, &start);
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
      float* out = job.out + row * job.out_row + j * job.out_column;
      auto tile = start_lines<kOutputRows>(&start, 0);
      if (once) {
        add_block(job.terms, source, 1, add, tile);
        store_tile(tile, out, job.out_row);
        continue;
      }
      compute_part(job.terms, source, 1, add, tile,
                   {.out = out,
                    .pitch = job.out_row,
                    .column_pitch = job.out_column,
                    .accumulate = job.accumulate},
                   {.first_line = next_row - row,
                    .lines = std::min<Index>(kOutputRows, job.rows - row),
                    .first_column = next - j,
                    .columns = std::min(kTileColumns, job.columns - j)});
    }
  }
}

}  // namespace convgrad::kernels
