// 2-D convolution, forward and backward.
//
// Each function takes a validated shape, raw pointers and a workspace. Pointers must not be null
// unless said so, inputs and outputs must not overlap. Outputs are overwritten. With N = 0 y and dx
// are empty, dw and db become zero.
#pragma once

#include "convgrad/algorithm.h"
#include "convgrad/shape.h"

namespace convgrad {

// Bytes of workspace for conv2d_forward on `threads` threads; kTooLarge where they cannot be
// addressed.
[[nodiscard]] Status conv2d_forward_workspace(const Conv2dShape& shape, Algorithm algorithm,
                                              std::size_t* bytes, int threads = 1);

// y[n,k,oh,ow] = b[k] + sum_{c,r,s} x[n, c, oh*stride_h + r*dilation_h - pad_top, ...] * w[k,c,r,s]
// (the chapter's formulas 0-4). b may be null: no bias.
[[nodiscard]] Status conv2d_forward(const Conv2dShape& shape, Algorithm algorithm, const float* x,
                                    const float* w, const float* b, float* y, Workspace workspace);

// Where the gradients go. A null pointer means: not wanted, not computed.
struct Conv2dGradients {
  float* dx = nullptr;  // [N, C, H, W]
  float* dw = nullptr;  // [K, C/groups, R, S]
  float* db = nullptr;  // [K]
};

// Bytes of workspace for conv2d_backward with the same gradients wanted (only null or not counts).
[[nodiscard]] Status conv2d_backward_workspace(const Conv2dShape& shape, Algorithm algorithm,
                                               const Conv2dGradients& gradients, std::size_t* bytes,
                                               int threads = 1);

// Gradients of a loss J given dy = dJ/dy [N, K, OH, OW]:
//   dx = zero-inserted, padded dy * rot180(w)   (the chapter's formula 8; never divided by N)
//   dw = x * dy, db = sum dy, both divided by N when reduction is kMean.
// x may be null when dw is not wanted, w when dx is not wanted.
[[nodiscard]] Status conv2d_backward(const Conv2dShape& shape, Algorithm algorithm,
                                     Reduction reduction, const float* dy, const float* x,
                                     const float* w, const Conv2dGradients& gradients,
                                     Workspace workspace);

}  // namespace convgrad
