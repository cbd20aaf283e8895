#include "convgrad/kernels/tile_output.h"

namespace convgrad::kernels {

void store_part(const TileOutput& to, const TilePart& part, const float* sums) {
  for (Index m = part.first_line; m < part.lines; ++m) {
    const float* from = sums + m * kTileColumns;
    float* out = to.out + m * to.pitch;
    Index i = part.first_column;
    for (; i + simd::kLanes <= part.columns; i += simd::kLanes) {
      const simd::Vec sum = simd::load(from + i);
      simd::store(out + i, to.accumulate ? sum + simd::load(out + i) : sum);
    }
    for (; i < part.columns; ++i) out[i] = to.accumulate ? out[i] + from[i] : from[i];
  }
}

}  // namespace convgrad::kernels
