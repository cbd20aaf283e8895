// Matrices into the panels that the register tiles read from front to back.
#pragma once

#include "convgrad/status.h"

namespace convgrad::kernels {

// packed[depth][width] from a matrix whose element (row, d) stands at source[row*row_pitch + d],
// zeros behind the rows.
void pack_panel(Index rows, Index depth, const float* source, Index row_pitch, float* packed,
                Index width);
// The same for an element that stands at source[row + d*depth_pitch].
void pack_panel_transposed(Index rows, Index depth, const float* source, Index depth_pitch,
                           float* packed);

}  // namespace convgrad::kernels
