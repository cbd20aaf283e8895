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

// sums[kWindows][kChannelLanes] of the windows, of kVecs vectors of channels: window i begins kStep *
// i floats behind windows[i]. A function of its own, in which all pointers have registers.
template <int kVecs, int kSources, int kStep>
[[gnu::noinline]] void channel_tile_of(const Terms& terms, const float* const* windows,
                                       float* sums) {
  const float* starts[kSources];
  CONVGRAD_UNROLL
  for (int i = 0; i < kSources; ++i) starts[i] = windows[i];
  sum_terms<kWindows, kVecs>(
      terms, starts, kChannelLanes,
      [](auto& product, const auto& at, Index offset, const float* weights) {
        simd::Vec loaded[kVecs];
        CONVGRAD_UNROLL
        for (int v = 0; v < kVecs; ++v) loaded[v] = simd::load(weights + v * simd::kLanes);
        const float* term[kSources];
        CONVGRAD_UNROLL
        for (int i = 0; i < kSources; ++i) term[i] = at[i] + offset;
        CONVGRAD_UNROLL
        for (int i = 0; i < kWindows; ++i) {
          const simd::Vec factor = simd::broadcast(term[i % kSources][i * kStep]);
          CONVGRAD_UNROLL
          for (int v = 0; v < kVecs; ++v) {
            product.sums[i][v] = simd::multiply_add(factor, loaded[v], product.sums[i][v]);
          }
        }
      },
      sums, kChannelLanes);
}

}  // namespace

void channel_tile(const Terms& terms, Index channels, const float* const* windows, float* sums) {
  if (channels <= simd::kLanes) return channel_tile_of<1, kWindows, 0>(terms, windows, sums);
  // Side by side they share an address.
  const bool adjacent = windows[kWindows - 1] - windows[0] == kWindows - 1;
  const auto tile = adjacent ? channel_tile_of<kChannelVecs, 1, 1>
                             : channel_tile_of<kChannelVecs, kWindows, 0>;
  tile(terms, windows, sums);
}

void correlate_channels(const Correlation& job, Index channels) {
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
      channel_tile(job.terms, channels, windows + i, sums + i * kChannelLanes);
    }
    store_windows(job, channels, sums, out, count);
  }
}

}  // namespace convgrad::kernels
