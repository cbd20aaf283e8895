// Which of the direct convolution's inner loops runs, and the tiles into which it divides the
// output channels of a group.
#pragma once

#include <algorithm>

#include "convgrad/kernels/correlate_channels.h"
#include "convgrad/kernels/correlate_columns.h"

namespace convgrad::kernels {

class DirectTiles {
 public:
  // For maps of `columns` columns and sums of `terms`.
  DirectTiles(Index channels, Index columns, Index terms)
      : loop_(choose(channels, columns, terms)),
        channels_(channels),
        even_(channels, loop_ == Loop::kRows ? 1 : kTileRows) {}

  [[nodiscard]] Index parts() const {
    return channel_lanes() ? divide_up(channels_, kChannelLanes) : even_.parts();
  }
  [[nodiscard]] Index begin(Index tile) const {
    return channel_lanes() ? tile * kChannelLanes : even_.begin(tile);
  }
  [[nodiscard]] Index size(Index tile) const {
    return channel_lanes() ? std::min(kChannelLanes, channels_ - begin(tile)) : even_.size(tile);
  }
  // Weights of one term: of a tile, of all of them.
  [[nodiscard]] Index width(Index tile) const {
    return channel_lanes() ? kChannelLanes : even_.size(tile);
  }
  [[nodiscard]] Index lanes() const {
    return channel_lanes() ? parts() * kChannelLanes : channels_;
  }

  // Whether windows are read float by float, at any distance, or by vectors, side by side.
  [[nodiscard]] bool channel_lanes() const { return loop_ == Loop::kChannels; }
  // Whether nothing is read that belongs to no window.
  [[nodiscard]] bool reads_windows_only(Index columns) const {
    return channel_lanes() || columns >= kTileColumns;
  }

  void correlate(Index tile, const Correlation& job) const {
    switch (loop_) {
      case Loop::kColumns:
        return correlate_columns(job, size(tile));
      case Loop::kChannels:
        return correlate_channels(job, size(tile));
      case Loop::kRows:
        return correlate_rows(job);
    }
  }

 private:
  enum class Loop { kColumns, kChannels, kRows };

  // The one that fills the lanes best: of channels the last tile may be partly used, and one of a
  // single vector runs at 5/8 of the speed; of columns the last tile of every row. Channels pay for
  // their sums' way back to rows, which few terms do not repay.
  [[nodiscard]] static Loop choose(Index channels, Index columns, Index terms) {
    if (channels < kLeastColumnChannels) return Loop::kRows;
    if (terms < 32) return Loop::kColumns;
    const Index rest = channels % kChannelLanes;
    const Index channel_cost = channels / kChannelLanes * 100 + (rest > simd::kLanes ? 100
                                                                 : rest > 0          ? 80
                                                                                     : 0);
    const Index column_cost = divide_up(columns, kTileColumns) * 100;
    static_assert(kChannelLanes == kTileColumns);
    return channel_cost * columns * (106 + 800 / terms) <= column_cost * channels * 100
               ? Loop::kChannels
               : Loop::kColumns;
  }

  Loop loop_;
  Index channels_;
  EvenSplit even_;
};

}  // namespace convgrad::kernels
