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

// Whether whole vectors go from the registers to the output once: fresh sums of a single block of
// terms. Also those that overlap others, as what they write a second time is the same.
bool stores_once(const Correlation& job, Index least_columns) {
  return job.columns >= least_columns && !job.accumulate && job.terms.depth <= job.terms.block;
}

// Two vectors of windows, which may be of different rows, and their cells.
struct ColumnTile {
  const float* windows[kTileVecs];
  LinePlaces<float> out;
  Index skipped[kTileVecs];  // lanes that an earlier vector has
};

// The vectors of a Correlation's windows, row by row, in tiles. The last vector of a row overlaps
// the one before it.
class ColumnTiles {
 public:
  explicit ColumnTiles(const Correlation& job)
      : job_(job),
        left_(job.rows * divide_up(job.columns, simd::kLanes)),
        source_(job.source),
        out_(job.out) {}

  // Vectors not yet taken.
  [[nodiscard]] Index left() const { return left_; }

  [[gnu::always_inline]] ColumnTile next() {
    ColumnTile tile;
    if (column_ + kTileColumns <= job_.columns) {
      CONVGRAD_UNROLL
      for (int v = 0; v < kTileVecs; ++v) take(column_ + v * simd::kLanes, v, tile);
      advance(kTileColumns);
    } else {
      CONVGRAD_UNROLL
      for (int v = 0; v < kTileVecs; ++v) {
        const Index j = std::clamp<Index>(job_.columns - simd::kLanes, 0, column_);
        take(j, v, tile);
        tile.skipped[v] = column_ - j;
        // The last tile may have the same vector twice.
        if (v + 1 < left_) advance(simd::kLanes);
      }
    }
    left_ -= kTileVecs;
    return tile;
  }

 private:
  void take(Index column, int v, ColumnTile& tile) const {
    tile.windows[v] = source_ + column;
    tile.out.at[v] = out_ + column;
    tile.skipped[v] = 0;
  }
  void advance(Index columns) {
    column_ += columns;
    if (column_ < job_.columns) return;
    column_ = 0;
    source_ += job_.source_row;
    out_ += job_.out_row;
  }

  const Correlation& job_;
  Index left_;
  const float* source_;
  float* out_;
  Index column_ = 0;
};

constexpr auto add_columns_product = [](auto& product, const auto& at, Index offset,
                                        const float* weights) {
  product.add_product(weights, LinePlaces<const float>{at[0] + offset, at[1] + offset});
};

// All sums, of a single block of terms, from the registers to the output.
template <int kRows>
[[gnu::noinline]] void store_columns_once(const Correlation& job, const float* starts) {
  for (ColumnTiles tiles(job); tiles.left() > 0;) {
    const ColumnTile tile = tiles.next();
    auto sums = start_lines<kRows>(starts, 1);
    add_block(job.terms, tile.windows, kRows, add_columns_product, sums);
    store_tile(sums, tile.out, job.out_pitch);
  }
}

// The sums of a tile.
template <int kRows>
[[gnu::noinline]] void sum_columns(const Terms& terms, const float* starts, const ColumnTile& tile,
                                   const LinePlaces<float>& out, Index pitch) {
  const float* windows[] = {tile.windows[0], tile.windows[1]};
  sum_terms(terms, windows, kRows, add_columns_product, start_lines<kRows>(starts, 1), out, pitch);
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
  const bool whole = !to.accumulate && part.columns - part.first_column == kTileColumns &&
                     part.lines - part.first_line == kLines;
  alignas(64) float sums[kLines * kTileColumns];
  int stores_part = whole ? 0 : 1;
  // The compiler is not to know it, or it makes a loop over the terms for either case.
  asm("" : "+r"(stores_part));
  sum_terms(terms, windows, width, add, start, LinePlaces<float>::from(whole ? to.out : sums),
            whole ? to.pitch : kTileColumns);
  if (stores_part != 0) store_part(to, part, sums);
}

constexpr int kOutputRows = 4;

}  // namespace

void correlate_columns(const Correlation& job, Index channels) {
  float starts[kTileRows];
  job.copy_starts(channels, starts);
  if (stores_once(job, simd::kLanes)) {
    return with_rows<kTileRows, kLeastColumnChannels>(
        channels, [&]<int kRows>() { store_columns_once<kRows>(job, starts); });
  }
  auto sum = sum_columns<kTileRows>;
  with_rows<kTileRows, kLeastColumnChannels>(channels,
                                             [&]<int kRows>() { sum = sum_columns<kRows>; });
  const Index lanes = std::min(job.columns, simd::kLanes);
  for (ColumnTiles tiles(job); tiles.left() > 0;) {
    const Index vectors = std::min<Index>(tiles.left(), kTileVecs);
    const ColumnTile tile = tiles.next();
    bool whole = !job.accumulate && lanes == simd::kLanes && vectors == kTileVecs;
    for (const Index columns : tile.skipped) whole &= columns == 0;
    if (whole) {
      sum(job.terms, starts, tile, tile.out, job.out_pitch);
      continue;
    }
    alignas(64) float sums[kTileRows * kTileColumns];
    sum(job.terms, starts, tile, LinePlaces<float>::from(sums), kTileColumns);
    for (Index v = 0; v < vectors; ++v) {
      store_part(
          {.out = tile.out.at[v], .pitch = job.out_pitch, .accumulate = job.accumulate},
          {.first_line = 0, .lines = channels, .first_column = tile.skipped[v], .columns = lanes},
          sums + v * simd::kLanes);
    }
  }
}

void correlate_rows(const Correlation& job) {
  const bool once = stores_once(job, kTileColumns) && job.rows >= kOutputRows;
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
      float* out = job.out + row * job.out_row + j;
      auto tile = start_lines<kOutputRows>(&start, 0);
      if (once) {
        add_block(job.terms, source, 1, add, tile);
        store_tile(tile, LinePlaces<float>::from(out), job.out_row);
        continue;
      }
      compute_part(job.terms, source, 1, add, tile,
                   {.out = out, .pitch = job.out_row, .accumulate = job.accumulate},
                   {.first_line = next_row - row,
                    .lines = std::min<Index>(kOutputRows, job.rows - row),
                    .first_column = next - j,
                    .columns = std::min(kTileColumns, job.columns - j)});
    }
  }
}

}  // namespace convgrad::kernels
