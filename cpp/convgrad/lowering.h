// The chapter's building blocks: img2col, col2img, Rotate180 and expand_delta_map, whole and by
// themselves. The im2col algorithm of conv2d.h lowers in tiles instead, but for few windows.
#pragma once

#include "convgrad/shape.h"

namespace convgrad {

// col[N*OH*OW, C*R*S] from x[N, C, H, W]: row (n, oh, ow) holds the window under that output,
// channel by channel; taps in the padding are 0. Only the window parameters of the shape are read
// (K and groups do not matter). kTooLarge when col cannot be addressed.
[[nodiscard]] Status im2col(const Conv2dShape& shape, const float* x, float* col);

// The adjoint: dx[N, C, H, W] from dcol[N*OH*OW, C*R*S]; what falls on the same pixel adds up, what
// falls on the padding is dropped.
[[nodiscard]] Status col2im(const Conv2dShape& shape, const float* col, float* dx);

// out[k, c, R-1-r, S-1-s] = w[k, c, r, s]; `planes` = K*C planes of r*s. In place is not allowed.
[[nodiscard]] Status rot180(Index planes, Index r, Index s, const float* w, float* out);

// out[p, oh*stride_h, ow*stride_w] = dy[p, oh, ow], zeros between: the stride-1 equivalent of dy.
//   dy[planes, OH, OW] -> out[planes, (OH-1)*stride_h + 1, (OW-1)*stride_w + 1]
[[nodiscard]] Status zero_insert(Index planes, Index oh, Index ow, Index stride_h, Index stride_w,
                                 const float* dy, float* out);

}  // namespace convgrad
