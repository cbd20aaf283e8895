// The 3x3 correlation that Winograd's algorithms compute: y, or dx with the parts of x and y
// exchanged.
#pragma once

#include "convgrad/shape.h"

namespace convgrad::kernels {

// What forward and dx have in common: out[n,k,:,:] = sum over c of in[n,c,:,:] * w[k,c,3,3], where
// channels are those of a group, and padding may be negative: rows and columns left out.
struct Correlation {
  Index n, groups, in_channels, out_channels;
  Index in_h, in_w, out_h, out_w;
  Index pad_top, pad_left;
  Index w_in_pitch, w_out_pitch;  // from channel to channel of w
  bool rotated;                   // by 180 degrees: w[2-r][2-s]

  static Correlation forward(const Conv2dShape& shape) {
    return {.n = shape.n,
            .groups = shape.groups,
            .in_channels = shape.group_c(),
            .out_channels = shape.group_k(),
            .in_h = shape.h,
            .in_w = shape.w,
            .out_h = shape.oh,
            .out_w = shape.ow,
            .pad_top = shape.pad_top,
            .pad_left = shape.pad_left,
            .w_in_pitch = 9,
            .w_out_pitch = shape.group_c() * 9,
            .rotated = false};
  }
  static Correlation dx(const Conv2dShape& shape) {
    return {.n = shape.n,
            .groups = shape.groups,
            .in_channels = shape.group_k(),
            .out_channels = shape.group_c(),
            .in_h = shape.oh,
            .in_w = shape.ow,
            .out_h = shape.h,
            .out_w = shape.w,
            .pad_top = 2 - shape.pad_top,
            .pad_left = 2 - shape.pad_left,
            .w_in_pitch = shape.group_c() * 9,
            .w_out_pitch = 9,
            .rotated = true};
  }
};

}  // namespace convgrad::kernels
