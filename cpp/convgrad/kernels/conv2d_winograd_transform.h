// Winograd's minimal filtering F(m x m, 3 x 3) (Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks", 2015): an m x m tile of the output of a 3x3 correlation costs (m+2)^2 products,
//   y = A^T [ (G g G^T) . (B^T d B) ] A
// with d the (m+2) x (m+2) patch of the input under the tile and g the kernel. Here are the three
// one-dimensional transforms, a tile (or kernel) a lane, and their application to rows, then
// columns.
#pragma once

#include "convgrad/simd.h"

namespace convgrad::kernels {

template <int kTile>
struct Winograd;

template <>
struct Winograd<2> {  // interpolation points 0, 1, -1, infinity
  static void input(const simd::Vec (&d)[4], simd::Vec (&out)[4]) {
    out[0] = d[0] - d[2];
    out[1] = d[1] + d[2];
    out[2] = d[2] - d[1];
    out[3] = d[1] - d[3];
  }
  static void kernel(const simd::Vec (&g)[3], simd::Vec (&out)[4]) {
    const simd::Vec half = simd::broadcast(0.5f);
    const simd::Vec even = (g[0] + g[2]) * half, odd = g[1] * half;
    out[0] = g[0];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = g[2];
  }
  static void output(const simd::Vec (&m)[4], simd::Vec (&out)[2]) {
    out[0] = m[0] + m[1] + m[2];
    out[1] = m[1] - m[2] - m[3];
  }
};

template <>
struct Winograd<4> {  // interpolation points 0, 1, -1, 2, -2, infinity
  static void input(const simd::Vec (&d)[6], simd::Vec (&out)[6]) {
    const simd::Vec two = simd::broadcast(2.0f), four = simd::broadcast(4.0f);
    const simd::Vec even = d[4] - four * d[2], odd = d[3] - four * d[1];
    const simd::Vec even2 = d[4] - d[2], odd2 = two * (d[3] - d[1]);
    out[0] = four * (d[0] - d[2]) + even2;
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = even2 + odd2;
    out[4] = even2 - odd2;
    out[5] = d[5] - d[3] - two * odd2;
  }
  static void kernel(const simd::Vec (&g)[3], simd::Vec (&out)[6]) {
    // Few constants, and none for signs: output() subtracts the products of the points 2 and -2.
    const simd::Vec scale = simd::broadcast(-1.0f / 6.0f);
    const simd::Vec quarter = g[0] * simd::broadcast(0.25f), half = g[1] * simd::broadcast(0.5f);
    const simd::Vec even = g[0] + g[2], even2 = quarter + g[2];
    out[0] = quarter;
    out[1] = (even + g[1]) * scale;
    out[2] = (even - g[1]) * scale;
    out[3] = (even2 + half) * scale;
    out[4] = (even2 - half) * scale;
    out[5] = g[2];
  }
  static void output(const simd::Vec (&m)[6], simd::Vec (&out)[4]) {
    const simd::Vec even = m[1] + m[2], odd = m[1] - m[2];
    const simd::Vec even2 = m[3] + m[4], odd2 = m[3] - m[4];
    out[0] = m[0] + even - even2;
    out[1] = odd - simd::broadcast(2.0f) * odd2;
    out[2] = even - simd::broadcast(4.0f) * even2;
    out[3] = odd - simd::broadcast(8.0f) * odd2 + m[5];
  }
};

// Applies `transform`, kFrom numbers to kTo, to a kFrom x kFrom matrix in both directions:
// read(i, line) gives its rows, then write(j, line) takes the columns of the result; or the other
// way round. Half-way the matrix lies in memory: it is more than there are registers.
template <int kFrom, int kTo, typename Transform, typename Read, typename Write>
inline void transform_square(Transform transform, Read read, Write write) {
  simd::Vec half_done[kTo][kFrom];
#pragma GCC unroll 1
  for (int i = 0; i < kFrom; ++i) {
    simd::Vec line[kFrom], done[kTo];
    read(i, line);
    transform(line, done);
    CONVGRAD_UNROLL
    for (int j = 0; j < kTo; ++j) half_done[j][i] = done[j];
  }
#pragma GCC unroll 1
  for (int j = 0; j < kTo; ++j) {
    simd::Vec done[kTo];
    transform(half_done[j], done);
    write(j, done);
  }
}

}  // namespace convgrad::kernels
