// The one table of shapes that every test loops over.
#pragma once

#include <string>
#include <vector>

#include "convgrad/convgrad.h"

namespace convgrad::test {

struct ConvCase {
  std::string name;
  Conv2dParams params;
};

struct PoolCase {
  std::string name;
  Pool2dParams params;
};

// Planned shapes, then generated families: every output width and channel count from 1 to 33 (each
// tail of each vector width up to 16, and one more), and reductions longer than the blocks of a
// sum.
const std::vector<ConvCase>& conv_cases();
const std::vector<PoolCase>& pool_cases();

// Every algorithm a caller can name for every shape; for convolution conv_algorithms() of
// conv_run.h has more.
inline constexpr Algorithm kAlgorithms[] = {Algorithm::kReference, Algorithm::kDirect,
                                            Algorithm::kIm2col, Algorithm::kAuto};

// The same with `by` rows and columns of padding on every side.
template <typename Params>
Params padded(std::int32_t by, Params params) {
  params.pad_top = params.pad_left = params.pad_bottom = params.pad_right = by;
  return params;
}

// The same with windows of `kernel` x `kernel`, `stride` apart in both directions.
inline Pool2dParams windows(std::int32_t kernel, std::int32_t stride, Pool2dParams params) {
  params.kernel_h = params.kernel_w = kernel;
  params.stride_h = params.stride_w = stride;
  return params;
}

// "name 7": the name of a member of a generated family.
std::string numbered(std::string name, std::int32_t number);

std::string to_string(Algorithm algorithm);
std::string to_string(const Conv2dParams& params);
std::string to_string(const Pool2dParams& params);

// The shape of a case of the table; fails the test where the validator refuses it.
Conv2dShape shape_of(const Conv2dParams& params);
Pool2dShape shape_of(const Pool2dParams& params);

}  // namespace convgrad::test
