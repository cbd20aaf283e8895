// The matrix kernel of dw: a tile of dot products, some output channels x some taps. Both operands
// are plain vector loads along their rows, so neither has to be packed for the lanes.
#pragma once

#include "convgrad/simd.h"

namespace convgrad::kernels {

// Dot products of `rows` rows of `columns` floats.
struct DotJob {
  const float* dy;         // first output channel's first row
  Index dy_plane, dy_row;  // floats to the next channel, to the next row
  const float* x;
  const Index* positions;  // [taps]: where a tap's first row lies from there
  Index x_row;             // floats to the next row
  Index rows, columns;     // columns: whole vectors
  double* sums;            // of the first channel and tap
  Index sums_pitch;        // doubles to the next channel
};

// sums[m][t] += sum over rows i, columns j of dy[m][i][j] * x[t][i][j], for `rows` output channels
// m and `taps` taps t, any number of each. A lane sums up at most kBlockTerms products in float;
// the rest is added in double.
void dot_product(DotJob job, Index rows, Index taps);

}  // namespace convgrad::kernels
