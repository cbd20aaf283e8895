// Which of the direct convolution's inner loops runs, and the tiles into which it divides the
// output channels of a group.
#pragma once

#include <algorithm>

#include "convgrad/kernels/correlation.h"
#include "convgrad/kernels/tile.h"

namespace convgrad::kernels {

class DirectTiles {
 public:
  // For maps of `rows` x `columns` and sums of `terms`. Where vectors can only be read from a copy
  // of what single floats are read from as it stands, making that takes, for each term of a cell,
  // as long as multiplying it for `copy_cost` channels.
  DirectTiles(Index channels, Index rows, Index columns, Index terms, Index copy_cost = 0);

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
  [[nodiscard]] Index most_width() const { return width(0); }
  [[nodiscard]] Index lanes() const {
    return channel_lanes() ? parts() * kChannelLanes : channels_;
  }

  // Whether windows are read float by float, at any distance, or by vectors, side by side.
  [[nodiscard]] bool channel_lanes() const { return loop_ == Loop::kChannels; }
  // Whether nothing is read that belongs to no window.
  [[nodiscard]] bool reads_windows_only(Index columns) const {
    return channel_lanes() || columns >= (loop_ == Loop::kRows ? kTileColumns : simd::kLanes);
  }

  // Computes the tile's channels, as correlation.h says.
  void correlate(Index tile, const Correlation& job) const;

 private:
  enum class Loop { kColumns, kChannels, kRows };

  [[nodiscard]] static Loop choose(Index channels, Index rows, Index columns, Index terms,
                                   Index copy_cost);

  Loop loop_;
  Index channels_;
  EvenSplit even_;
};

}  // namespace convgrad::kernels
