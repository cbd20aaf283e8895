#include "convgrad/kernels/gemm.h"

namespace convgrad::kernels {

void gemm(Index rows, Index depth, const float* a, const float* b, float* tile) {
  with_rows<kTileRows>(rows, [&]<int kRows>() {
    auto product = zero_tile<kRows, kTileVecs>();
    const float* next = a;
    for (const float *row = b, *end = b + depth * kTileColumns; row != end; row += kTileColumns) {
      product.add_product(next, row);
      next += kRows;
    }
    store_tile(product, tile);
  });
}

}  // namespace convgrad::kernels
