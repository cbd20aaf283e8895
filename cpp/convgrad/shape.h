// Shapes: what a caller says (…Params), and what the validator makes of it (…Shape).
//
// Only make() fills a Shape, so a kernel that receives one need not check anything; one that is
// default-constructed is empty, and every function does nothing with it.
// Layout is NCHW float32, contiguous; see the field comments for each tensor.
#pragma once

#include <cstdint>

#include "convgrad/status.h"

namespace convgrad {

// Parameters of a 2-D convolution (cross-correlation, as in every CNN library).
//   x[N, C, H, W]   w[K, C/groups, R, S]   b[K]   y[N, K, OH, OW]
//   OH = floor((H + pad_top + pad_bottom - dilation_h*(R-1) - 1) / stride_h) + 1, OW likewise.
// N may be 0; everything else is at least 1, paddings at least 0.
struct Conv2dParams {
  std::int32_t n = 1, c = 1, h = 1, w = 1;
  std::int32_t k = 1, r = 1, s = 1;
  std::int32_t stride_h = 1, stride_w = 1;
  std::int32_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  std::int32_t dilation_h = 1, dilation_w = 1;
  std::int32_t groups = 1;
};

struct Conv2dShape {
  // Fills *shape from params, or leaves it untouched and says why not:
  //   kBadArgument   an extent, stride, dilation or group count < 1 (N < 0), a padding < 0,
  //                  C or K not divisible by groups
  //   kEmptyOutput   OH or OW < 1
  //   kTooLarge      x, w, y or their padded plane exceed what can be addressed
  [[nodiscard]] static Status make(const Conv2dParams& params, Conv2dShape* shape);

  Index n = 0, c = 0, h = 0, w = 0;
  Index k = 0, r = 0, s = 0;
  Index oh = 0, ow = 0;
  Index stride_h = 1, stride_w = 1;  // 1 where there is a single position: it means nothing then
  Index pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  Index dilation_h = 1, dilation_w = 1;
  Index groups = 1;

  // Channels of one group.
  [[nodiscard]] Index group_c() const { return c / groups; }
  [[nodiscard]] Index group_k() const { return k / groups; }
  // Elements of each tensor.
  [[nodiscard]] Index x_size() const { return n * c * h * w; }
  [[nodiscard]] Index w_size() const { return k * group_c() * r * s; }
  [[nodiscard]] Index y_size() const { return n * k * oh * ow; }
  [[nodiscard]] bool padded() const { return (pad_top | pad_left | pad_bottom | pad_right) != 0; }
};

// Parameters of 2-D pooling.
//   x[N, C, H, W]   y[N, C, OH, OW]   indices[N, C, OH, OW] (int32, h*W + w in the input plane)
// OH as for convolution with R = kernel_h; with ceil_mode rounded up instead of down, except that
// the last window must start inside the input or the padding before it (the rule of PyTorch and
// ONNX).
struct Pool2dParams {
  std::int32_t n = 1, c = 1, h = 1, w = 1;
  std::int32_t kernel_h = 1, kernel_w = 1;
  std::int32_t stride_h = 1, stride_w = 1;
  std::int32_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  std::int32_t dilation_h = 1, dilation_w = 1;
  bool ceil_mode = false;
  // Mean pooling only: divide by the number of taps inside the padded input instead of the input.
  bool count_include_pad = false;
};

struct Pool2dShape {
  // As Conv2dShape::make; kBadArgument also for a padding >= kernel (in its own direction), and for
  // a dilated window that would see nothing but padding.
  [[nodiscard]] static Status make(const Pool2dParams& params, Pool2dShape* shape);

  Index n = 0, c = 0, h = 0, w = 0;
  Index oh = 0, ow = 0;
  Index kernel_h = 1, kernel_w = 1;
  Index stride_h = 1, stride_w = 1;  // 1 where there is a single position: it means nothing then
  Index pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  Index dilation_h = 1, dilation_w = 1;
  bool count_include_pad = false;

  [[nodiscard]] Index planes() const { return n * c; }
  [[nodiscard]] Index x_size() const { return n * c * h * w; }
  [[nodiscard]] Index y_size() const { return n * c * oh * ow; }
};

}  // namespace convgrad
