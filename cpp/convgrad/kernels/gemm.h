// The matrix kernel: one register tile of a product, rows x columns. Every algorithm but the
// reference spends its time here.
//
// A panel of A is [depth][rows], one of B [depth][columns], both read front to back.
#pragma once

#include "convgrad/kernels/tile.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

// Where the vectors of a tile's line stand.
template <typename T, int kVecs = kTileVecs>
struct LinePlaces {
  T* at[kVecs];

  // One behind the other.
  static LinePlaces from(T* first) {
    LinePlaces places;
    CONVGRAD_UNROLL
    for (int v = 0; v < kVecs; ++v) places.at[v] = first + v * simd::kLanes;
    return places;
  }
};

template <int kRows, int kVecs = kTileVecs>
struct GemmTile {
  simd::Vec sums[kRows][kVecs];

  // sums[m][v][:] += a[m] * b.at[v][:]
  void add_product(const float* a, const LinePlaces<const float, kVecs>& b) {
    simd::Vec loaded[kVecs];
    CONVGRAD_UNROLL
    for (int v = 0; v < kVecs; ++v) loaded[v] = simd::load(b.at[v]);
    CONVGRAD_UNROLL
    for (int m = 0; m < kRows; ++m) {
      const simd::Vec factor = simd::broadcast(a[m]);
      CONVGRAD_UNROLL
      for (int v = 0; v < kVecs; ++v) {
        sums[m][v] = simd::multiply_add(factor, loaded[v], sums[m][v]);
      }
    }
  }
};

template <int kRows, int kVecs>
inline GemmTile<kRows, kVecs> zero_tile() {
  GemmTile<kRows, kVecs> tile;
  CONVGRAD_UNROLL
  for (auto& row : tile.sums) {
    CONVGRAD_UNROLL
    for (auto& sum : row) sum = simd::broadcast(0.0f);
  }
  return tile;
}

// sums.at[v][kRows][pitch], of which a vector is written.
template <int kRows, int kVecs>
inline void store_tile(const GemmTile<kRows, kVecs>& tile, const LinePlaces<float, kVecs>& sums,
                       Index pitch) {
  CONVGRAD_UNROLL
  for (int m = 0; m < kRows; ++m) {
    CONVGRAD_UNROLL
    for (int v = 0; v < kVecs; ++v) simd::store(sums.at[v] + m * pitch, tile.sums[m][v]);
  }
}

// The same added to what stands there.
template <int kRows, int kVecs>
inline void add_tile(const GemmTile<kRows, kVecs>& tile, const LinePlaces<float, kVecs>& sums,
                     Index pitch) {
  CONVGRAD_UNROLL
  for (int m = 0; m < kRows; ++m) {
    CONVGRAD_UNROLL
    for (int v = 0; v < kVecs; ++v) {
      float* cells = sums.at[v] + m * pitch;
      simd::store(cells, simd::load(cells) + tile.sums[m][v]);
    }
  }
}

// out[rows][kTileColumns] (+)= starts[rows] + a[depth][rows]^T * b[depth][kTileColumns], lines of
// out being `pitch` floats apart; rows <= kTileRows, starts may be null for zeros.
void gemm(Index rows, Index depth, const float* a, const float* b, const float* starts,
          bool accumulate, float* out, Index pitch);

// packed[depth][width] from a matrix whose element (row, d) stands at source[row*row_pitch + d],
// zeros behind the rows.
inline void pack_panel(Index rows, Index depth, const float* source, Index row_pitch, float* packed,
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

// The same for an element that stands at source[row + d*depth_pitch].
inline void pack_panel_transposed(Index rows, Index depth, const float* source, Index depth_pitch,
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
