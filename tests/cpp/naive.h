// Convolution and pooling once more, written for the tests alone, in double: what the library's own
// reference is held against. Every result comes with the sum of the magnitudes of its terms, which
// is what a float32 sum's error is proportional to.
#pragma once

#include <cmath>
#include <vector>

#include "convgrad/convgrad.h"

namespace convgrad::test {

struct Terms {
  std::vector<double> sum, magnitude;

  explicit Terms(Index count = 0) : sum(count, 0.0), magnitude(count, 0.0) {}
  void add(Index i, double term) {
    sum[i] += term;
    magnitude[i] += std::fabs(term);
  }
};

struct NaiveConv {
  Terms y, dx, dw, db;
};
NaiveConv naive_conv(const Conv2dParams& params, const Conv2dShape& shape,
                     const std::vector<float>& x, const std::vector<float>& w,
                     const std::vector<float>& b, const std::vector<float>& dy,
                     Reduction reduction);

struct NaivePool {
  std::vector<double> max;
  std::vector<std::int32_t> indices;
  Terms dx_max, mean, dx_mean;
};
NaivePool naive_pool(const Pool2dParams& params, const Pool2dShape& shape,
                     const std::vector<float>& x, const std::vector<float>& dy);

}  // namespace convgrad::test
