// Method 2 of the chapter as it stands there, with the whole column matrix, where that is small:
// convolutions of few windows. Tiles of columns would not be full, and their weights would be
// packed for too few windows.
#pragma once

#include <cstdint>

#include "convgrad/conv2d.h"

namespace convgrad::kernels {

// Whether these kernels know the shape.
[[nodiscard]] bool conv2d_im2col_is_whole(const Conv2dShape& shape);

// As conv2d_kernels.h says; the bytes suffice for all three.
[[nodiscard]] std::int64_t conv2d_im2col_whole_workspace(const Conv2dShape& shape, int threads);
[[nodiscard]] bool conv2d_im2col_whole_forward(const Conv2dShape& shape, const float* x,
                                               const float* w, const float* b, float* y,
                                               const Workspace& workspace);
void conv2d_im2col_whole_dx(const Conv2dShape& shape, const float* dy, const float* w, float* dx,
                            const Workspace& workspace);
[[nodiscard]] bool conv2d_im2col_whole_dw(const Conv2dShape& shape, Reduction reduction,
                                          const float* dy, const float* x, float* dw,
                                          const Workspace& workspace);

}  // namespace convgrad::kernels
