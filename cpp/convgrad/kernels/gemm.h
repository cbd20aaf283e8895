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

}  // namespace convgrad::kernels
