// What the inner loops of the direct convolution, forward and dx, compute: some rows of output of a
// tile of output channels.
//
//   out[m, i, j] (+)= bias[m] + sum over terms d of weights[d, m] * window[i, j][offsets[d]]
#pragma once

#include "convgrad/simd.h"

namespace convgrad::kernels {

struct Correlation {
  const float* source;              // the window of the first output cell, in the first channel
  Index source_row, source_column;  // floats to the window one output row, one column further
  const Index* offsets;             // [depth]: where a term (a channel's tap) lies in a window
  Index depth;
  const float* weights;  // [depth][width of the tile]
  const float* bias;     // [channels] or null; only read when not accumulating
  bool accumulate;       // add to what stands in out
  float* out;            // first cell of the first output channel
  Index out_pitch;       // floats from one output channel to the next
  Index out_row, out_column;
  Index rows, columns;
};

}  // namespace convgrad::kernels
