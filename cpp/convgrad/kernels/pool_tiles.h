// Windows of 2x2 that tile the plane, the commonest pooling (tiles_2x2 of pool_rows.h): nothing is
// shared between windows, so nothing needs keeping or padding.
#pragma once

#include <cstdint>

#include "convgrad/kernels/pool_rows.h"
#include "convgrad/shape.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

// The taps of a vector of windows, row by row.
struct Tile2x2 {
  simd::Vec a, b, c, d;

  Tile2x2(const float* upper, const float* lower) {
    const simd::Vec u0 = simd::load(upper), u1 = simd::load(upper + simd::kLanes);
    const simd::Vec l0 = simd::load(lower), l1 = simd::load(lower + simd::kLanes);
    a = simd::even_elements(u0, u1);
    b = simd::odd_elements(u0, u1);
    c = simd::even_elements(l0, l1);
    d = simd::odd_elements(l0, l1);
  }
};

// plane[H,W] -> y[OH,OW], indices[OH,OW]. Answers a sum that is not finite where a tap is not.
[[gnu::noinline]] inline float max_of_tiles(const Pool2dShape& shape, const float* plane, float* y,
                                            std::int32_t* indices) {
  const Index rows = shape.oh, columns = shape.ow, width = shape.w;
  const simd::IntVec below = simd::broadcast(static_cast<std::int32_t>(width));
  const simd::IntVec lanes = simd::lane_numbers() + simd::lane_numbers();
  // Two, so that a vector does not wait for two sums of the one before it.
  simd::Vec upper_sum = simd::broadcast(0.0f), lower_sum = upper_sum;
  for (Index oh = 0; oh < rows; ++oh) {
    const Index top = 2 * oh * width;
    for_each_vector(columns, [&](Index ow) {
      const float* upper = plane + top + 2 * ow;
      const Tile2x2 tile(upper, upper + width);
      upper_sum = simd::multiply_add(tile.a, tile.b, upper_sum);
      lower_sum = simd::multiply_add(tile.c, tile.d, lower_sum);
      const simd::Vec upper_max = simd::larger(tile.a, tile.b);
      const simd::Vec lower_max = simd::larger(tile.c, tile.d);
      const simd::IntVec upper_at = simd::minus_one_where_same(upper_max, tile.a);
      const simd::IntVec lower_at = simd::minus_one_where_same(lower_max, tile.c) + below;
      const simd::Vec max = simd::larger(upper_max, lower_max);
      const simd::IntVec at =
          simd::place_of(simd::minus_one_where_same(max, upper_max), upper_at, lower_at);
      simd::store(y + ow, max);
      simd::store(indices + ow,
                  lanes + simd::broadcast(static_cast<std::int32_t>(top + 1 + 2 * ow)) + at);
    });
    y += columns;
    indices += columns;
  }
  return simd::sum(upper_sum + lower_sum);
}

// plane[H,W] -> y[OH,OW]
[[gnu::noinline]] inline void mean_of_tiles(const Pool2dShape& shape, const float* plane,
                                            float* y) {
  const Index rows = shape.oh, columns = shape.ow, width = shape.w;
  for (Index oh = 0; oh < rows; ++oh) {
    for_each_vector(columns, [&](Index ow) {
      const float* upper = plane + 2 * (oh * width + ow);
      const Tile2x2 tile(upper, upper + width);
      simd::store(y + ow, ((tile.a + tile.b) + (tile.c + tile.d)) * simd::broadcast(0.25f));
    });
    y += columns;
  }
}

}  // namespace convgrad::kernels
