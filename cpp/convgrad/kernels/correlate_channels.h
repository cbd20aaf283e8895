// The other inner loop of the direct convolution, forward and dx: output channels across the lanes,
// some windows a tile, each read where it stands, a float at a time for all lanes. So the lanes are
// full however narrow the map is, strides cost nothing, and what needs no padding needs no copy.
//
//   out[m, i] (+)= bias[m] + sum over terms d of weights[d, m] * windows[i][offsets[d]]
#pragma once

#include <algorithm>

#include "convgrad/kernels/gemm.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

inline constexpr int kChannelVecs = 2;
// Output channels of a tile, and how many numbers of a panel of weights belong together.
inline constexpr Index kChannelLanes = kChannelVecs * simd::kLanes;
inline constexpr int kWindows = 4;
// Windows whose sums are stored together.
inline constexpr int kWindowBatch = 4 * kWindows;

// Some rows of output of a tile of output channels.
struct ChannelCorrelation {
  const float* source;              // the window of the first output cell
  Index source_row, source_column;  // floats to the window one output row, one column further
  const Index* offsets;             // [depth]: where a term (a channel's tap) lies in a window
  Index depth;
  const float* weights;  // [depth][kChannelLanes], zeros where there are fewer channels
  const float* bias;     // [channels] or null; only read when not accumulating
  bool accumulate;       // add to what stands in out
  float* out;            // first cell of the first output channel
  Index out_pitch;       // floats from one output channel to the next
  Index out_row, out_column;
  Index rows, columns;
};

// Writes or adds sums[count][kChannelLanes] to the cells at out[count].
[[gnu::noinline]] inline void store_windows(const ChannelCorrelation& job, Index channels,
                                            const float* sums, float* const* out, Index count) {
  for (Index first = 0; first < count; first += 4, out += 4, sums += 4 * kChannelLanes) {
    const Index cells = std::min<Index>(4, count - first);
    const bool adjacent = simd::kLanes == 4 && cells == 4 && out[3] - out[0] == 3;
    for (Index m = 0; m < channels; m += 4) {
      const Index rows = std::min<Index>(4, channels - m);
      const auto start = [&](Index row) {
        return !job.accumulate && job.bias != nullptr ? job.bias[m + row] : 0.0f;
      };
      if (adjacent) {
        simd::Vec square[4];
        CONVGRAD_UNROLL
        for (int i = 0; i < 4; ++i) square[i] = simd::load(sums + i * kChannelLanes + m);
        simd::transpose(square);
        float* row = out[0] + m * job.out_pitch;
        for (Index i = 0; i < rows; ++i, row += job.out_pitch) {
          const simd::Vec old = job.accumulate ? simd::load(row) : simd::broadcast(start(i));
          simd::store(row, square[i] + old);
        }
        continue;
      }
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < cells; ++j) {
          float& cell = out[j][(m + i) * job.out_pitch];
          cell = sums[j * kChannelLanes + m + i] + (job.accumulate ? cell : start(i));
        }
      }
    }
  }
}

// sums[kWindows][kChannelLanes] of the windows, of kVecs vectors of channels. A function of its own,
// in which all pointers have registers.
template <int kVecs>
[[gnu::noinline]] void channel_tile(Index depth, const float* weights, const Index* offsets,
                                    const float* const* windows, float* sums) {
  auto tile = zero_tile<kWindows, kVecs>();
  const float* starts[kWindows];
  CONVGRAD_UNROLL
  for (int i = 0; i < kWindows; ++i) starts[i] = windows[i];
  for (const Index* end = offsets + depth; offsets != end; ++offsets) {
    simd::Vec loaded[kVecs];
    CONVGRAD_UNROLL
    for (int v = 0; v < kVecs; ++v) loaded[v] = simd::load(weights + v * simd::kLanes);
    CONVGRAD_UNROLL
    for (int i = 0; i < kWindows; ++i) {
      const simd::Vec factor = simd::broadcast(starts[i][*offsets]);
      CONVGRAD_UNROLL
      for (int v = 0; v < kVecs; ++v) {
        tile.sums[i][v] = simd::multiply_add(factor, loaded[v], tile.sums[i][v]);
      }
    }
    weights += kChannelLanes;
  }
  CONVGRAD_UNROLL
  for (int i = 0; i < kWindows; ++i) {
    CONVGRAD_UNROLL
    for (int v = 0; v < kVecs; ++v) {
      simd::store(sums + i * kChannelLanes + v * simd::kLanes, tile.sums[i][v]);
    }
  }
}

// `channels` <= kChannelLanes output channels of the rows. One function for forward and dx.
[[gnu::noinline]] inline void correlate_channels(const ChannelCorrelation& job, Index channels) {
  const float* windows[kWindowBatch];
  float* out[kWindowBatch];
  alignas(64) float sums[kWindowBatch * kChannelLanes];
  const float* source_row = job.source;
  float* out_row = job.out;
  Index column = 0;
  for (Index left = job.rows * job.columns; left > 0; left -= kWindowBatch) {
    const Index count = std::min<Index>(kWindowBatch, left);
    for (Index i = 0; i < count; ++i) {
      windows[i] = source_row + column * job.source_column;
      out[i] = out_row + column * job.out_column;
      if (++column == job.columns) {
        column = 0;
        source_row += job.source_row;
        out_row += job.out_row;
      }
    }
    // The last tile repeats its last window.
    for (Index i = count; i % kWindows != 0; ++i) windows[i] = windows[count - 1];
    for (Index i = 0; i < count; i += kWindows) {
      const auto tile = channels > simd::kLanes ? channel_tile<kChannelVecs> : channel_tile<1>;
      tile(job.depth, job.weights, job.offsets, windows + i, sums + i * kChannelLanes);
    }
    store_windows(job, channels, sums, out, count);
  }
}

// Whether channels fill the lanes better than columns do: of the former the last tile may be partly
// used, and one of a single vector runs at 5/8 of the speed; of the latter the last tile of every
// row. Channels pay for their sums' way back to rows, which few terms do not repay.
inline bool channels_fill_lanes(Index channels, Index columns, Index terms) {
  if (terms < 32) return false;
  const Index rest = channels % kChannelLanes;
  const Index channel_cost =
      channels / kChannelLanes * 100 + (rest > simd::kLanes ? 100 : rest > 0 ? 80 : 0);
  const Index column_cost = divide_up(columns, kTileColumns) * 100;
  static_assert(kChannelLanes == kTileColumns);
  return channel_cost * columns * (106 + 800 / terms) <= column_cost * channels * 100;
}

// The tiles that output channels are divided into, by either inner loop.
class ChannelTiles {
 public:
  ChannelTiles(Index channels, bool channel_lanes)
      : even_(channels, kTileRows), channels_(channels), channel_lanes_(channel_lanes) {}
  [[nodiscard]] Index parts() const {
    return channel_lanes_ ? divide_up(channels_, kChannelLanes) : even_.parts();
  }
  [[nodiscard]] Index begin(Index tile) const {
    return channel_lanes_ ? tile * kChannelLanes : even_.begin(tile);
  }
  [[nodiscard]] Index size(Index tile) const {
    return channel_lanes_ ? std::min(kChannelLanes, channels_ - begin(tile)) : even_.size(tile);
  }
  // Weights of one term of a tile, and of all tiles.
  [[nodiscard]] Index width(Index tile) const {
    return channel_lanes_ ? kChannelLanes : even_.size(tile);
  }
  [[nodiscard]] Index lanes() const { return channel_lanes_ ? parts() * kChannelLanes : channels_; }

 private:
  EvenSplit even_;
  Index channels_;
  bool channel_lanes_;
};

}  // namespace convgrad::kernels
