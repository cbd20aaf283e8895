// Direct convolution of depthwise 3x3 kernels, each of which sees one channel.
#pragma once

#include <cstdint>

#include "convgrad/conv2d.h"

namespace convgrad::kernels {

// Whether these kernels know the shape; dx has to be the one of a stride of 1.
[[nodiscard]] bool conv2d_depthwise_applies(const Conv2dShape& shape);
[[nodiscard]] bool conv2d_depthwise_dx_applies(const Conv2dShape& shape);

// As conv2d_kernels.h says.
[[nodiscard]] std::int64_t conv2d_depthwise_workspace(const Conv2dShape& shape, int threads);
[[nodiscard]] std::int64_t conv2d_depthwise_dx_workspace(const Conv2dShape& shape, int threads);
[[nodiscard]] bool conv2d_depthwise_forward(const Conv2dShape& shape, const float* x,
                                            const float* w, const float* b, float* y,
                                            const Workspace& workspace);
[[nodiscard]] bool conv2d_depthwise_dx(const Conv2dShape& shape, const float* dy, const float* w,
                                       float* dx, const Workspace& workspace);
[[nodiscard]] bool conv2d_depthwise_dw(const Conv2dShape& shape, Reduction reduction,
                                       const float* dy, const float* x, float* dw,
                                       const Workspace& workspace);

}  // namespace convgrad::kernels
