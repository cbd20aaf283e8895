// Arrays to compute with, and how a benchmark that cannot run says so.
#pragma once

#include <cstddef>
#include <random>
#include <vector>

#include "convgrad/convgrad.h"

namespace convgrad::bench {

// Uniform in [-1, 1), the same at each call.
inline std::vector<float> uniform(Index size) {
  std::mt19937 engine(1);
  std::uniform_real_distribution<float> distribution(-1.0f, 1.0f);
  std::vector<float> values(static_cast<std::size_t>(size));
  for (float& value : values) value = distribution(engine);
  return values;
}

inline std::vector<float> zeros(Index size) {
  return std::vector<float>(static_cast<std::size_t>(size));
}

}  // namespace convgrad::bench
