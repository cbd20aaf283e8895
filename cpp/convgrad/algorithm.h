// The algorithms a caller can choose from, and the scratch memory they ask for.
#pragma once

#include <cstddef>

#include "convgrad/status.h"

namespace convgrad {

class Profile;
class ThreadPool;

enum class Algorithm {
  kAuto,       // the fastest for the shape; see the dispatch in conv2d.cpp and pool2d.cpp
  kDirect,     // the chapter's method 1: loops over the window, register-blocked, no column matrix
  kIm2col,     // the chapter's method 2: img2col / col2img and a matrix product
  kReference,  // plain loops with double accumulators: the executable specification
  // Convolution of 3x3, stride 1, dilation 1 alone, kBadArgument elsewhere: fewer multiplications
  // by Winograd's minimal filtering. y and dx; dw and db are then those of kDirect.
  kWinograd,   // F(2x2, 3x3): 2.25 times fewer, as exact as kDirect
  kWinograd4,  // F(4x4, 3x3): 4 times fewer, some 10 times less exact
};

// Gradients of w and b over a batch: summed (PyTorch, ONNX, TensorFlow) or divided by N (the
// chapter).
enum class Reduction { kSum, kMean };

// Memory for intermediate results. The caller asks the matching *_workspace() for its size in
// bytes, owns it, may reuse it for any later call, and need not clear it. Alignment: that of a
// double. With a pool, whose number of threads the size was asked for, its threads share the work;
// the results are the same to the bit. With a profile, the time of the call is added to it by phase
// (profile.h).
struct Workspace {
  void* data = nullptr;
  std::size_t bytes = 0;
  ThreadPool* pool = nullptr;
  Profile* profile = nullptr;
};

}  // namespace convgrad
