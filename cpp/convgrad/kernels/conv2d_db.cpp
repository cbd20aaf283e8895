// db[k] = sum of dy[n,k,:,:]: lanes in float over blocks, blocks in double.
#include <algorithm>

#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/tile.h"

namespace convgrad::kernels {
namespace {

double sum_floats(const float* p, Index count) {
  constexpr Index kBlock = kBlockTerms * simd::kLanes;
  double total = 0.0;
  Index i = 0;
  while (count - i >= simd::kLanes) {
    const Index end = std::min(i + kBlock, count);
    simd::Vec lanes = simd::broadcast(0.0f);
    for (; i + simd::kLanes <= end; i += simd::kLanes) lanes += simd::load(p + i);
    total += static_cast<double>(simd::sum(lanes));
  }
  for (; i < count; ++i) total += static_cast<double>(p[i]);
  return total;
}

}  // namespace

// dy[N,K,OH,OW] -> db[K]
void conv2d_db(const Conv2dShape& shape, Reduction reduction, const float* dy, float* db) {
  const Index plane = shape.oh * shape.ow;
  const double scale = reduction == Reduction::kMean ? static_cast<double>(shape.n) : 1.0;
  for (Index k = 0; k < shape.k; ++k) {
    double total = 0.0;
    for (Index n = 0; n < shape.n; ++n) total += sum_floats(dy + (n * shape.k + k) * plane, plane);
    db[k] = static_cast<float>(total / scale);
  }
}

}  // namespace convgrad::kernels
