// An inner loop of the direct convolution with output channels across the lanes, some windows a
// tile, each read where it stands, a float at a time for all lanes. So the lanes are full however
// narrow the map is, strides cost nothing, and what needs no padding needs no copy.
#pragma once

#include "convgrad/kernels/correlation.h"

namespace convgrad::kernels {

// sums[kWindows][kChannelLanes] of kWindows windows and kChannelLanes channels, whose weights are
// [depth][kChannelLanes], zeros where there are fewer channels. The sums begin with
// starts[kChannelLanes].
void channel_tile(const Terms& terms, const float* starts, const float* const* windows, float* sums,
                  bool accumulate = false);

// `channels` <= kChannelLanes output channels, weights as above.
void correlate_channels(const Correlation& job, Index channels);

}  // namespace convgrad::kernels
