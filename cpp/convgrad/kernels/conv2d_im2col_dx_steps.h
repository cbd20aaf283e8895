// The steps of im2col's dx beside the product of matrices: dy into its panels, and col2img.
#pragma once

#include "convgrad/shape.h"

namespace convgrad::kernels {

// `count` <= kTileColumns columns from `dy` on, all K/g channels -> panel[K/g][kTileColumns], zeros
// behind them. A whole panel is copied by vectors.
void pack_dy_panel(const Conv2dShape& shape, const float* dy, Index count, float* panel);

// Adds dcol[rows][pitch], the taps from `row` on of columns [begin, begin + count), to where they
// came from in an image's dx of one group.
void scatter_dcol(const Conv2dShape& shape, Index begin, Index count, Index row, Index rows,
                  Index pitch, const float* dcol, float* dx);

}  // namespace convgrad::kernels
