#include "convgrad/kernels/pack_panel.h"

#include "convgrad/simd.h"

namespace convgrad::kernels {

void pack_panel(Index rows, Index depth, const float* source, Index row_pitch, float* packed,
                Index width) {
  Index m = 0;
  if constexpr (simd::kLanes == 4) {
    for (; m + 4 <= rows; m += 4, source += 4 * row_pitch) {
      Index d = 0;
      for (; d + 4 <= depth; d += 4) {
        simd::Vec square[4];
        for (int i = 0; i < 4; ++i) square[i] = simd::load(source + i * row_pitch + d);
        simd::transpose(square);
        for (int i = 0; i < 4; ++i) simd::store(packed + (d + i) * width + m, square[i]);
      }
      for (; d < depth; ++d) {
        for (int i = 0; i < 4; ++i) packed[d * width + m + i] = source[i * row_pitch + d];
      }
    }
  }
  for (; m < width; ++m, source += row_pitch) {
    for (Index d = 0; d < depth; ++d) packed[d * width + m] = m < rows ? source[d] : 0.0f;
  }
}

void pack_panel_transposed(Index rows, Index depth, const float* source, Index depth_pitch,
                           float* packed) {
  for (Index d = 0; d < depth; ++d) {
    const float* row = source + d * depth_pitch;
    Index m = 0;
    for (; m + simd::kLanes <= rows; m += simd::kLanes)
      simd::store(packed + m, simd::load(row + m));
    for (; m < rows; ++m) packed[m] = row[m];
    packed += rows;
  }
}

}  // namespace convgrad::kernels
