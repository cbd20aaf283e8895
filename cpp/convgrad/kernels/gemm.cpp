#include "convgrad/kernels/gemm.h"

namespace convgrad::kernels {

void gemm(Index rows, Index depth, const float* a, const float* b, const float* starts,
          bool accumulate, float* out, Index pitch) {
  with_rows<kTileRows>(rows, [&]<int kRows>() {
    auto product = zero_tile<kRows, kTileVecs>();
    if (starts != nullptr) {
      CONVGRAD_UNROLL
      for (int m = 0; m < kRows; ++m) {
        CONVGRAD_UNROLL
        for (auto& sum : product.sums[m]) sum = simd::broadcast(starts[m]);
      }
    }
    const float* next = a;
    for (const float *row = b, *end = b + depth * kTileColumns; row != end; row += kTileColumns) {
      product.add_product(next, LinePlaces<const float>::from(row));
      next += kRows;
    }
    const auto places = LinePlaces<float>::from(out);
    if (accumulate) {
      add_tile(product, places, pitch);
    } else {
      store_tile(product, places, pitch);
    }
  });
}

}  // namespace convgrad::kernels
