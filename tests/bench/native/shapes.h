// The shapes of ../shapes.json, written as C++ by CMake.
#pragma once

#include <cstdint>
#include <span>

namespace convgrad::bench {

struct Convolution {
  const char* name;
  std::int32_t n, c, h, w;
  std::int32_t k, r, s;
  std::int32_t stride, padding, dilation, groups;
};

struct Pooling {
  const char* name;
  std::int32_t n, c, h, w;
  std::int32_t kernel, stride;
};

std::span<const Convolution> convolutions();
std::span<const Pooling> poolings();

}  // namespace convgrad::bench
