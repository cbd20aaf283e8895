// What the inner loops of the direct convolution, forward and dx, compute: some rows of output of a
// tile of output channels.
//
//   out[m, i, j] (+)= bias[m] + sum over terms d of weights[d, m] * window[i, j][offsets[d]]
#pragma once

#include <algorithm>

#include "convgrad/kernels/gemm.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

// The terms of a tile's sums, in blocks: each is summed up for itself before it is added to the sum
// of those before.
struct Terms {
  const Index* offsets;  // [block]: where a term (a channel's tap) lies in a window
  Index depth;           // how many there are
  Index block;
  Index block_step;      // floats to the windows of the next block's channels
  const float* weights;  // [depth][width of the tile]
};

struct Correlation {
  const float* source;              // the window of the first output cell, in the first channel
  Index source_row, source_column;  // floats to the window one output row, one column further
  Terms terms;
  const float* bias;  // [channels] or null; only read when not accumulating
  bool accumulate;    // add to what stands in out
  float* out;         // first cell of the first output channel
  Index out_pitch;    // floats from one output channel to the next
  Index out_row, out_column;
  Index rows, columns;
};

// total[count] += part[count], whole vectors.
[[gnu::noinline]] inline void add_sums(const float* part, Index count, float* total) {
  for (Index i = 0; i < count; i += simd::kLanes) {
    simd::store(total + i, simd::load(total + i) + simd::load(part + i));
  }
}

// The sums of a tile, to total[kRows][pitch], or where that is null, since the terms are a single
// block, as they are: add(tile, windows, offset, weights) adds a term, `width` weights times what
// stands at windows[...][offset].
template <int kRows, int kVecs, int kSources, typename AddTerm>
inline GemmTile<kRows, kVecs> sum_terms(const Terms& terms, const float* (&windows)[kSources],
                                        Index width, AddTerm add, float* total,
                                        Index pitch = kVecs * simd::kLanes) {
  const float* weights = terms.weights;
  for (Index left = terms.depth;; left -= terms.block) {
    auto tile = zero_tile<kRows, kVecs>();
    const Index* end = terms.offsets + std::min(left, terms.block);
    for (const Index* offset = terms.offsets; offset != end; ++offset, weights += width) {
      add(tile, windows, *offset, weights);
    }
    if (total == nullptr) return tile;
    alignas(64) float part[kRows * kTileColumns];
    const bool first = left == terms.depth;
    store_tile(tile, first ? total : part, pitch);
    if (!first) add_sums(part, kRows * pitch, total);
    if (left <= terms.block) return tile;
    CONVGRAD_UNROLL
    for (auto& window : windows) window += terms.block_step;
  }
}

}  // namespace convgrad::kernels
