#include "convgrad/kernels/strided_columns.h"

namespace convgrad::kernels {

void clear_columns(float* out, Index count) {
  Index i = 0;
  for (; i + simd::kLanes <= count; i += simd::kLanes) {
    simd::store(out + i, simd::broadcast(0.0f));
  }
  for (; i < count; ++i) out[i] = 0.0f;
}

}  // namespace convgrad::kernels
