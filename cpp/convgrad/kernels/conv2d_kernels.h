// The convolution kernels, one forward/backward pair for each algorithm. Internal: conv2d.cpp
// chooses among them. They assume a validated shape with N >= 1 and write every output element.
//
// Where a kernel multiplies zeros that stand for padding, infinite or NaN factors would leak into
// the result (0 * inf = NaN). Such a kernel looks at those factors while it packs them and answers
// false when one is not finite; its outputs are then unspecified, and the caller runs the
// reference.
#pragma once

#include <cstdint>

#include "convgrad/conv2d.h"

namespace convgrad::kernels {

// --- reference: plain loops, double accumulators ---------------------------------------------
void conv2d_forward_reference(const Conv2dShape& shape, const float* x, const float* w,
                              const float* b, float* y);
void conv2d_dx_reference(const Conv2dShape& shape, const float* dy, const float* w, float* dx);
void conv2d_dw_reference(const Conv2dShape& shape, Reduction reduction, const float* dy,
                         const float* x, float* dw);

// --- db = sum of dy over N, OH, OW: one kernel for all algorithms but the reference -----------
void conv2d_db(const Conv2dShape& shape, Reduction reduction, const float* dy, float* db);
void conv2d_db_reference(const Conv2dShape& shape, Reduction reduction, const float* dy, float* db);

// --- direct: method 1 of the chapter ----------------------------------------------------------
// The *_workspace functions count bytes, for a pool of that many threads.
[[nodiscard]] std::int64_t conv2d_forward_direct_workspace(const Conv2dShape& shape, int threads);
[[nodiscard]] bool conv2d_forward_direct(const Conv2dShape& shape, const float* x, const float* w,
                                         const float* b, float* y, const Workspace& workspace);
[[nodiscard]] std::int64_t conv2d_dx_direct_workspace(const Conv2dShape& shape, int threads);
[[nodiscard]] bool conv2d_dx_direct(const Conv2dShape& shape, const float* dy, const float* w,
                                    float* dx, const Workspace& workspace);
[[nodiscard]] std::int64_t conv2d_dw_direct_workspace(const Conv2dShape& shape, int threads);
[[nodiscard]] bool conv2d_dw_direct(const Conv2dShape& shape, Reduction reduction, const float* dy,
                                    const float* x, float* dw, const Workspace& workspace);
// dw with output channels across the lanes instead of columns: conv2d_dw_direct where they fill
// them better.
[[nodiscard]] std::int64_t conv2d_dw_direct_channels_workspace(const Conv2dShape& shape,
                                                               int threads);
[[nodiscard]] bool conv2d_dw_direct_channels(const Conv2dShape& shape, Reduction reduction,
                                             const float* dy, const float* x, float* dw,
                                             const Workspace& workspace);

// --- im2col: method 2 of the chapter ----------------------------------------------------------
[[nodiscard]] std::int64_t conv2d_forward_im2col_workspace(const Conv2dShape& shape, int threads);
[[nodiscard]] bool conv2d_forward_im2col(const Conv2dShape& shape, const float* x, const float* w,
                                         const float* b, float* y, const Workspace& workspace);
[[nodiscard]] std::int64_t conv2d_dx_im2col_workspace(const Conv2dShape& shape, int threads);
void conv2d_dx_im2col(const Conv2dShape& shape, const float* dy, const float* w, float* dx,
                      const Workspace& workspace);
[[nodiscard]] std::int64_t conv2d_dw_im2col_workspace(const Conv2dShape& shape, int threads);
[[nodiscard]] bool conv2d_dw_im2col(const Conv2dShape& shape, Reduction reduction, const float* dy,
                                    const float* x, float* dw, const Workspace& workspace);

// --- Winograd's minimal filtering, F(2x2, 3x3) and F(4x4, 3x3) --------------------------------
// `tile` is 2 or 4. Zeros and numbers of several windows are multiplied and summed, so that a sum
// that is not finite spreads: whenever one comes out, the answer is false.
[[nodiscard]] bool conv2d_winograd_applies(const Conv2dShape& shape);
[[nodiscard]] std::int64_t conv2d_forward_winograd_workspace(const Conv2dShape& shape, int tile,
                                                             int threads);
[[nodiscard]] bool conv2d_forward_winograd(const Conv2dShape& shape, int tile, const float* x,
                                           const float* w, const float* b, float* y,
                                           const Workspace& workspace);
[[nodiscard]] std::int64_t conv2d_dx_winograd_workspace(const Conv2dShape& shape, int tile,
                                                        int threads);
[[nodiscard]] bool conv2d_dx_winograd(const Conv2dShape& shape, int tile, const float* dy,
                                      const float* w, float* dx, const Workspace& workspace);

}  // namespace convgrad::kernels
