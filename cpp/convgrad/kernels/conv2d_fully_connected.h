// Convolution whose windows are the images themselves, as of a fully connected layer: x[N,C],
// w[K,C] and y[N,K] are plain matrices.
#pragma once

#include <cstdint>

#include "convgrad/conv2d.h"

namespace convgrad::kernels {

// 1x1 kernels that neither pad nor stride: x[N,C,H,W] w[K,C] -> y[N,K,H,W].
[[nodiscard]] Conv2dShape pointwise_shape(Index n, Index c, Index h, Index w, Index k);

// Whether these kernels know the shape.
[[nodiscard]] bool conv2d_is_fully_connected(const Conv2dShape& shape);

// As conv2d_kernels.h says; the bytes suffice for all three.
[[nodiscard]] std::int64_t conv2d_fully_connected_workspace(const Conv2dShape& shape, int threads);
[[nodiscard]] bool conv2d_fully_connected_forward(const Conv2dShape& shape, const float* x,
                                                  const float* w, const float* b, float* y,
                                                  const Workspace& workspace);
[[nodiscard]] bool conv2d_fully_connected_dx(const Conv2dShape& shape, const float* dy,
                                             const float* w, float* dx, const Workspace& workspace);
// The mean is one of so many `images`.
[[nodiscard]] bool conv2d_fully_connected_dw(const Conv2dShape& shape, Reduction reduction,
                                             Index images, const float* dy, const float* x,
                                             float* dw, const Workspace& workspace);

}  // namespace convgrad::kernels
