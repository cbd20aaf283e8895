#include "convgrad/kernels/correlate_channels.h"

#include <algorithm>

#include "convgrad/kernels/strided_columns.h"

namespace convgrad::kernels {
namespace {

// Windows whose sums are stored together.
constexpr int kWindowBatch = 4 * kWindows;

// Writes or adds sums[count][kChannelLanes] to the cells at out[count].
[[gnu::noinline]] void store_windows(const Correlation& job, Index channels, const float* sums,
                                     float* const* out, Index count) {
  // Of maps of one cell a cell's channels follow each other.
  if (job.out_pitch == 1) {
    for (Index i = 0; i < count; ++i) {
      for (Index m = 0; m < channels; m += simd::kLanes) {
        float* to = out[i] + m;
        simd::Vec sum = simd::load(sums + i * kChannelLanes + m);
        if (job.accumulate) sum += load_columns(to, channels - m);
        store_columns(to, sum, channels - m);
      }
    }
    return;
  }
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

// sums[kWindows][kChannelLanes] of the windows, of which window i begins kStep * i floats behind
// its source. A function of its own, in which all pointers have registers.
template <int kSources, int kStep>
[[gnu::noinline]] void channel_tile_of(const Terms& terms, const float* starts,
                                       const float* const* windows, float* sums, bool accumulate) {
  const float* sources[kSources];
  CONVGRAD_UNROLL
  for (int i = 0; i < kSources; ++i) sources[i] = windows[i];
  GemmTile<kWindows, kChannelVecs> start;
  CONVGRAD_UNROLL
  for (int v = 0; v < kChannelVecs; ++v) {
    CONVGRAD_UNROLL
    for (auto& window : start.sums) window[v] = simd::load(starts + v * simd::kLanes);
  }
  const auto add = [](auto& tile, const auto& at, Index offset, const float* weights) {
    simd::Vec loaded[kChannelVecs];
    CONVGRAD_UNROLL
    for (int v = 0; v < kChannelVecs; ++v) loaded[v] = simd::load(weights + v * simd::kLanes);
    const float* term[kSources];
    CONVGRAD_UNROLL
    for (int i = 0; i < kSources; ++i) term[i] = at[i] + offset;
    CONVGRAD_UNROLL
    for (int i = 0; i < kWindows; ++i) {
      const simd::Vec factor = simd::broadcast(term[i % kSources][i * kStep]);
      CONVGRAD_UNROLL
      for (int v = 0; v < kChannelVecs; ++v) {
        tile.sums[i][v] = simd::multiply_add(factor, loaded[v], tile.sums[i][v]);
      }
    }
  };
  sum_terms(terms, sources, kChannelLanes, add, start, LinePlaces<float, kChannelVecs>::from(sums),
            kChannelLanes, accumulate);
}

}  // namespace

void channel_tile(const Terms& terms, const float* starts, const float* const* windows, float* sums,
                  bool accumulate) {
  // Side by side they share an address.
  bool adjacent = true;
  for (int i = 1; i < kWindows; ++i) adjacent &= windows[i] == windows[0] + i;
  const auto tile = adjacent ? channel_tile_of<1, 1> : channel_tile_of<kWindows, 0>;
  tile(terms, starts, windows, sums, accumulate);
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
      out[i] = out_row + column;
      if (++column < job.columns) continue;
      column = 0;
      source_row += job.source_row;
      out_row += job.out_row;
    }
    // The last tile repeats its last window.
    std::fill(windows + count, windows + kWindowBatch, windows[count - 1]);
    // Block by block, so that a block's weights stay in the first-level cache.
    alignas(64) float starts[kChannelLanes] = {};
    job.copy_starts(channels, starts);
    Terms block = job.terms;
    for (Index left_terms = job.terms.depth;; left_terms -= job.terms.block) {
      block.depth = std::min(left_terms, job.terms.block);
      for (Index i = 0; i < count; i += kWindows) {
        channel_tile(block, starts, windows + i, sums + i * kChannelLanes,
                     left_terms < job.terms.depth);
      }
      if (left_terms <= job.terms.block) break;
      std::fill_n(starts, kChannelLanes, 0.0f);
      block.weights += block.depth * kChannelLanes;
      for (const float*& window : windows) window += job.terms.block_step;
    }
    store_windows(job, channels, sums, out, count);
  }
}

}  // namespace convgrad::kernels
