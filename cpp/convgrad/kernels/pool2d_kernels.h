// The pooling kernels. Internal: pool2d.cpp chooses among them. They assume a validated shape and
// write every output element; the *_workspace functions count bytes.
#pragma once

#include <cstdint>

#include "convgrad/pool2d.h"

namespace convgrad::kernels {

// --- reference: plain loops, double accumulators ---------------------------------------------
void max_pool2d_forward_reference(const Pool2dShape& shape, const float* x, float* y,
                                  std::int32_t* indices);
void max_pool2d_backward_reference(const Pool2dShape& shape, const float* dy,
                                   const std::int32_t* indices, float* dx);
void avg_pool2d_forward_reference(const Pool2dShape& shape, const float* x, float* y);
void avg_pool2d_backward_reference(const Pool2dShape& shape, const float* dy, float* dx);

// --- direct: method 1 of the chapter ----------------------------------------------------------
[[nodiscard]] std::int64_t pool2d_forward_direct_workspace(const Pool2dShape& shape, int threads);
[[nodiscard]] std::int64_t pool2d_backward_direct_workspace(const Pool2dShape& shape, int threads);
void max_pool2d_forward_direct(const Pool2dShape& shape, const float* x, float* y,
                               std::int32_t* indices, const Workspace& workspace);
void max_pool2d_backward_direct(const Pool2dShape& shape, const float* dy,
                                const std::int32_t* indices, float* dx, const Workspace& workspace);
void avg_pool2d_forward_direct(const Pool2dShape& shape, const float* x, float* y,
                               const Workspace& workspace);
void avg_pool2d_backward_direct(const Pool2dShape& shape, const float* dy, float* dx,
                                const Workspace& workspace);

// --- im2col: method 2 of the chapter ----------------------------------------------------------
[[nodiscard]] std::int64_t pool2d_im2col_workspace(const Pool2dShape& shape, int threads);
void max_pool2d_forward_im2col(const Pool2dShape& shape, const float* x, float* y,
                               std::int32_t* indices, const Workspace& workspace);
void max_pool2d_backward_im2col(const Pool2dShape& shape, const float* dy,
                                const std::int32_t* indices, float* dx, const Workspace& workspace);
void avg_pool2d_forward_im2col(const Pool2dShape& shape, const float* x, float* y,
                               const Workspace& workspace);
void avg_pool2d_backward_im2col(const Pool2dShape& shape, const float* dy, float* dx,
                                const Workspace& workspace);

}  // namespace convgrad::kernels
