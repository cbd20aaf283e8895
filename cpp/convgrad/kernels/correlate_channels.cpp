#include "convgrad/kernels/correlate_channels.h"

#include <algorithm>

namespace convgrad::kernels {
namespace {

// Windows whose sums are stored together.
constexpr int kWindowBatch = 4 * kWindows;

// Writes or adds sums[count][kChannelLanes] to the cells at out[count].
[[gnu::noinline]] void store_windows(const Correlation& job, Index channels, const float* sums,
                                     float* const* out, Index count) {
  for (Index first = 0; first < count; first += 4, out += 4, sums += 4 * kChannelLanes) {
    const Index cells = std::min<Index>(4, count - first);
    const bool adjacent = simd::kLanes == 4 && cells == 4 && out[3] - out[0] == 3;
    for (Index m = 0; m < channels; m += 4) {
      const Index rows = std::min<Index>(4, channels - m);
      if (adjacent) {
        simd::Vec square[4];
        CONVGRAD_UNROLL
        for (int i = 0; i < 4; ++i) square[i] = simd::load(sums + i * kChannelLanes + m);
        simd::transpose(square);
        float* row = out[0] + m * job.out_pitch;
        for (Index i = 0; i < rows; ++i, row += job.out_pitch) {
          simd::store(row, job.accumulate ? square[i] + simd::load(row) : square[i]);
        }
        continue;
      }
      for (Index i = 0; i < rows; ++i) {
        for (Index j = 0; j < cells; ++j) {
          float& cell = out[j][(m + i) * job.out_pitch];
          const float sum = sums[j * kChannelLanes + m + i];
          cell = job.accumulate ? cell + sum : sum;
        }
      }
    }
  }
}

// A tile of windows, kVecs vectors of channels each, that begins with starts[channels].
template <int kCount, int kVecs>
[[gnu::always_inline]] inline GemmTile<kCount, kVecs> start_windows(const float* starts) {
  GemmTile<kCount, kVecs> tile;
  CONVGRAD_UNROLL
  for (int v = 0; v < kVecs; ++v) {
    CONVGRAD_UNROLL
    for (auto& window : tile.sums) window[v] = simd::load(starts + v * simd::kLanes);
  }
  return tile;
}

// Adds a term to the sums of windows, of which window i begins kStep * i floats behind its source.
template <int kSources, int kStep>
constexpr auto kAddWindows = []<int kCount, int kVecs>(GemmTile<kCount, kVecs>& product,
                                                       const auto& at, Index offset,
                                                       const float* weights) {
  simd::Vec loaded[kVecs];
  CONVGRAD_UNROLL
  for (int v = 0; v < kVecs; ++v) loaded[v] = simd::load(weights + v * simd::kLanes);
  const float* term[kSources];
  CONVGRAD_UNROLL
  for (int i = 0; i < kSources; ++i) term[i] = at[i] + offset;
  CONVGRAD_UNROLL
  for (int i = 0; i < kCount; ++i) {
    const simd::Vec factor = simd::broadcast(term[i % kSources][i * kStep]);
    CONVGRAD_UNROLL
    for (int v = 0; v < kVecs; ++v) {
      product.sums[i][v] = simd::multiply_add(factor, loaded[v], product.sums[i][v]);
    }
  }
};

// sums[kWindows][kChannelLanes] of the windows, of kVecs vectors of channels. A function of its
// own, in which all pointers have registers.
template <int kVecs, int kSources, int kStep>
[[gnu::noinline]] void channel_tile_of(const Terms& terms, const float* starts,
                                       const float* const* windows, float* sums) {
  const float* sources[kSources];
  CONVGRAD_UNROLL
  for (int i = 0; i < kSources; ++i) sources[i] = windows[i];
  sum_terms(terms, sources, kChannelLanes, kAddWindows<kSources, kStep>,
            start_windows<kWindows, kVecs>(starts), false, sums, kChannelLanes);
}

}  // namespace

void channel_tile(const Terms& terms, Index channels, const float* starts,
                  const float* const* windows, float* sums) {
  if (channels <= simd::kLanes)
    return channel_tile_of<1, kWindows, 0>(terms, starts, windows, sums);
  // Side by side they share an address.
  bool adjacent = true;
  for (int i = 1; i < kWindows; ++i) adjacent &= windows[i] == windows[0] + i;
  const auto tile =
      adjacent ? channel_tile_of<kChannelVecs, 1, 1> : channel_tile_of<kChannelVecs, kWindows, 0>;
  tile(terms, starts, windows, sums);
}

void correlate_channels(const Correlation& job, Index channels) {
  alignas(64) float starts[kChannelLanes] = {};
  job.copy_starts(channels, starts);
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
      channel_tile(job.terms, channels, starts, windows + i, sums + i * kChannelLanes);
    }
    store_windows(job, channels, sums, out, count);
  }
}

}  // namespace convgrad::kernels
