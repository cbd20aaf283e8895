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

void register_convolutions();
void register_poolings();

}  // namespace convgrad::bench
