#include "convgrad/kernels/direct_tiles.h"

#include <algorithm>
#include <cstdint>

#include "convgrad/kernels/correlate_channels.h"
#include "convgrad/kernels/correlate_columns.h"

namespace convgrad::kernels {

DirectTiles::DirectTiles(Index channels, Index rows, Index columns, Index terms, Index copy_cost)
    : loop_(choose(channels, rows, columns, terms, copy_cost)),
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
// last vector of every row and the map's last tile. Channels pay for their sums' way back to rows,
// which few terms do not repay.
DirectTiles::Loop DirectTiles::choose(Index channels, Index rows, Index columns, Index terms,
                                      Index copy_cost) {
  const Loop vectors_of_columns = channels < kLeastColumnChannels ? Loop::kRows : Loop::kColumns;
  if ((terms < 32 && columns >= simd::kLanes) ||
      (vectors_of_columns == Loop::kRows && copy_cost == 0)) {
    return vectors_of_columns;
  }
  // Of more the last tile and vector do not matter.
  rows = std::min<Index>(rows, 8);
  columns = std::min<Index>(columns, 64);
  const Index vectors = divide_up(columns, simd::kLanes);
  const Index channel_cost = divide_up(channels, kChannelLanes) * kChannelLanes * rows * columns;
  const Index column_cost =
      divide_up(rows * vectors, kTileVecs) * kTileColumns * (channels + copy_cost);
  // Fewer than one where the phases of dx are more than its taps.
  const Index storing = 800 / std::max<Index>(terms, 1);
  return std::int64_t{channel_cost} * (106 + storing) <= std::int64_t{column_cost} * 100
             ? Loop::kChannels
             : vectors_of_columns;
}

}  // namespace convgrad::kernels
