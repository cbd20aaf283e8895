#include "convgrad/kernels/direct_tiles.h"

#include "convgrad/kernels/correlate_channels.h"
#include "convgrad/kernels/correlate_columns.h"

namespace convgrad::kernels {

DirectTiles::DirectTiles(Index channels, Index columns, Index terms)
    : loop_(choose(channels, columns, terms)),
      channels_(channels),
      even_(channels, loop_ == Loop::kRows ? 1 : kTileRows) {}

void DirectTiles::correlate(Index tile, const Correlation& job) const {
  switch (loop_) {
    case Loop::kColumns:
      return correlate_columns(job, size(tile));
    case Loop::kChannels:
      return correlate_channels(job, size(tile));
    case Loop::kRows:
      return correlate_rows(job);
  }
}

// The one that fills the lanes best: of channels the last tile may be partly used, of columns the
// last vector of every row. Channels pay for their sums' way back to rows, which few terms do not
// repay.
DirectTiles::Loop DirectTiles::choose(Index channels, Index columns, Index terms) {
  if (channels < kLeastColumnChannels) return Loop::kRows;
  if (terms < 32) return Loop::kColumns;
  const Index channel_cost = divide_up(channels, kChannelLanes) * 100;
  const Index column_cost = divide_up(columns, simd::kLanes) * 100 / kTileVecs;
  static_assert(kChannelLanes == kTileColumns);
  return channel_cost * columns * (106 + 800 / terms) <= column_cost * channels * 100
             ? Loop::kChannels
             : Loop::kColumns;
}

}  // namespace convgrad::kernels
