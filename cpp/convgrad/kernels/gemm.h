// The matrix kernel of the im2col algorithm: one register tile of a product of two packed panels.
//
// A panel of A is [depth][rows], a panel of B is [depth][kTileColumns]; both are read front to
// back.
#pragma once

#include "convgrad/kernels/tile.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

template <int kRows>
struct GemmTile {
  simd::Vec sums[kRows][kTileVecs];
};

// sums[m][:] = sum over depth of a[d][m] * b[d][:]
template <int kRows>
inline GemmTile<kRows> gemm_tile(Index depth, const float* a, const float* b) {
  GemmTile<kRows> tile;
  for (auto& row : tile.sums) {
    for (auto& sum : row) sum = simd::broadcast(0.0f);
  }
  for (Index d = 0; d < depth; ++d, a += kRows, b += kTileColumns) {
    simd::Vec loaded[kTileVecs];
    for (int v = 0; v < kTileVecs; ++v) loaded[v] = simd::load(b + v * simd::kLanes);
    for (int m = 0; m < kRows; ++m) {
      const simd::Vec factor = simd::broadcast(a[m]);
      for (int v = 0; v < kTileVecs; ++v) {
        tile.sums[m][v] = simd::multiply_add(factor, loaded[v], tile.sums[m][v]);
      }
    }
  }
  return tile;
}

// packed[depth][rows] from a matrix whose element (row, d) stands at source[row*row_pitch +
// d*depth_pitch].
inline void pack_panel(Index rows, Index depth, const float* source, Index row_pitch,
                       Index depth_pitch, float* packed) {
  for (Index d = 0; d < depth; ++d) {
    for (Index m = 0; m < rows; ++m) *packed++ = source[m * row_pitch + d * depth_pitch];
  }
}

}  // namespace convgrad::kernels
