// What is benchmarked: each file registers its own for every shape and algorithm.
#pragma once

#include "convgrad/algorithm.h"

namespace convgrad::bench {

struct NamedAlgorithm {
  const char* name;
  Algorithm algorithm;
};

inline constexpr NamedAlgorithm kAlgorithms[] = {
    {"direct", Algorithm::kDirect},
    {"im2col", Algorithm::kIm2col},
    {"auto", Algorithm::kAuto},
};

// Convolution has these besides, where they apply.
inline constexpr NamedAlgorithm kWinogradAlgorithms[] = {
    {"winograd", Algorithm::kWinograd},
    {"winograd4", Algorithm::kWinograd4},
};

void register_convolutions();
void register_poolings();

}  // namespace convgrad::bench
