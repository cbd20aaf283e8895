// 2-D max and mean pooling, forward and backward. The rules of conv2d.h on pointers hold here too.
#pragma once

#include <cstdint>

#include "convgrad/algorithm.h"
#include "convgrad/shape.h"

namespace convgrad {

// Bytes of workspace that suffice for each of the four functions below with this shape and
// algorithm on `threads` threads.
[[nodiscard]] Status pool2d_workspace(const Pool2dShape& shape, Algorithm algorithm,
                                      std::size_t* bytes, int threads = 1);

// y = the maximum of each window, indices = where in the input plane it stood (h*W + w).
// The first maximum in row-major order wins; the first NaN wins over everything; padding never
// wins.
[[nodiscard]] Status max_pool2d_forward(const Pool2dShape& shape, Algorithm algorithm,
                                        const float* x, float* y, std::int32_t* indices,
                                        Workspace workspace);

// dx[indices[i]] += dy[i], plane by plane, from zero. kBadArgument, with nothing written, when an
// index lies outside its input plane.
[[nodiscard]] Status max_pool2d_backward(const Pool2dShape& shape, Algorithm algorithm,
                                         const float* dy, const std::int32_t* indices, float* dx,
                                         Workspace workspace);

// y = the sum of each window / the number of its taps inside the input (inside the padded input
// with count_include_pad).
[[nodiscard]] Status avg_pool2d_forward(const Pool2dShape& shape, Algorithm algorithm,
                                        const float* x, float* y, Workspace workspace);

// Each dy spread evenly over its window; overlapping windows add.
[[nodiscard]] Status avg_pool2d_backward(const Pool2dShape& shape, Algorithm algorithm,
                                         const float* dy, float* dx, Workspace workspace);

}  // namespace convgrad
