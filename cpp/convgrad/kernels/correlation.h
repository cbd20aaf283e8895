// What the inner loops of the direct convolution, forward and dx, compute: some rows of output of a
// tile of output channels.
//
//   out[m, i, j] (+)= bias[m] + sum over terms d of weights[d, m] * window[i, j][offsets[d]]
#pragma once

#include <algorithm>

#include "convgrad/kernels/gemm.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

// With output channels across the lanes: vectors of them, what belongs together in a panel of
// weights, and windows at a time.
inline constexpr int kChannelVecs = 2;
inline constexpr Index kChannelLanes = kChannelVecs * simd::kLanes;
inline constexpr int kWindows = 5;

// The terms of a tile's sums, in blocks: each is summed up for itself before it is added to the sum
// of those before.
struct Terms {
  const Index* offsets;  // [block]: where a term (a channel's tap) lies in a window
  Index depth;           // how many there are
  Index block;
  Index block_step;      // floats to the windows of the next block
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
  Index out_row;      // from one output row to the next
  Index rows, columns;

  // With what the sums of `channels` channels begin.
  void copy_starts(Index channels, float* starts) const {
    for (Index m = 0; m < channels; ++m) {
      starts[m] = accumulate || bias == nullptr ? 0.0f : bias[m];
    }
  }
};

// Adds the terms of one block to a tile: add(tile, windows, offset, weights) adds one, `width`
// weights times what stands at windows[...][offset].
template <int kRows, int kVecs, typename Windows, typename AddTerm>
inline void add_block(const Terms& terms, const Windows& windows, Index width, AddTerm add,
                      GemmTile<kRows, kVecs>& tile) {
  const float* weights = terms.weights;
  for (const Index *offset = terms.offsets, *end = offset + terms.depth; offset != end; ++offset) {
    add(tile, windows, *offset, weights);
    weights += width;
  }
}

// The sums of a tile that begin with those in `tile`, to sums.at[kVecs][kRows][pitch].
template <int kRows, int kVecs, int kSources, typename AddTerm>
inline void sum_terms(const Terms& terms, const float* (&windows)[kSources], Index width,
                      AddTerm add, GemmTile<kRows, kVecs> tile,
                      const LinePlaces<float, kVecs>& sums, Index pitch, bool accumulate = false) {
  Terms block = terms;
  for (Index left = terms.depth;; left -= terms.block) {
    block.depth = std::min(left, terms.block);
    add_block(block, windows, width, add, tile);
    if (accumulate || left < terms.depth) {
      add_tile(tile, sums, pitch);
    } else {
      store_tile(tile, sums, pitch);
    }
    if (left <= terms.block) return;
    tile = zero_tile<kRows, kVecs>();
    block.weights += block.depth * width;
    CONVGRAD_UNROLL
    for (auto& window : windows) window += terms.block_step;
  }
}

}  // namespace convgrad::kernels
