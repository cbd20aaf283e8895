// Two inner loops of the direct convolution, with output columns across the lanes: several output
// channels a tile, or several output rows of one channel.
//
// Both want windows side by side (source_column 1). They read behind the columns of a row only
// where those are fewer than a vector, and correlate_rows where they are fewer than kTileColumns.
#pragma once

#include "convgrad/kernels/correlation.h"

namespace convgrad::kernels {

// Fewer channels are for correlate_rows, and an even division of more has no smaller part.
inline constexpr int kLeastColumnChannels = 3;

// kLeastColumnChannels <= `channels` <= kTileRows output channels; weights[depth][channels].
void correlate_columns(const Correlation& job, Index channels);

// One output channel; weights[depth].
void correlate_rows(const Correlation& job);

}  // namespace convgrad::kernels
