// The geometry that the direct forward pass and the direct dw share: bands of x, in which the
// window of output column ow begins at column ow of phase 0, whatever the stride.
#pragma once

#include <algorithm>

#include "convgrad/kernels/band.h"
#include "convgrad/shape.h"

namespace convgrad::kernels {

// Floats of input that one step of a kernel works on: a quarter of a typical 512 KiB L2 cache.
inline constexpr Index kBandFloats = 32 * 1024;

struct WindowBand {
  Band band;
  Index kernel_rows;    // input rows under one output row
  Index rows_per_band;  // output rows
  Index channels;       // input channels in a band at a time

  // At most `most_channels` channels at a time, fewer where even one output row of them is large.
  WindowBand(const Conv2dShape& shape, Index most_channels)
      : band{.h = shape.h,
             .w = shape.w,
             .col_begin = -shape.pad_left,
             .phases = shape.stride_w,
             .phase_pitch =
                 simd::round_up(shape.ow) + (shape.s - 1) * shape.dilation_w / shape.stride_w,
             .padding = 0.0f},
        kernel_rows((shape.r - 1) * shape.dilation_h + 1) {
    const Index pitch = band.row_pitch();
    channels = std::clamp<Index>(kBandFloats / (kernel_rows * pitch), 1, most_channels);
    const Index rows = kBandFloats / (channels * pitch);
    rows_per_band = std::clamp<Index>((rows - kernel_rows) / shape.stride_h + 1, 1, shape.oh);
  }

  // Input rows under `output_rows` rows of output.
  [[nodiscard]] Index input_rows(const Conv2dShape& shape, Index output_rows) const {
    return (output_rows - 1) * shape.stride_h + kernel_rows;
  }
  [[nodiscard]] Index plane_pitch(const Conv2dShape& shape) const {
    return input_rows(shape, rows_per_band) * band.row_pitch();
  }
  // offsets[R*S]: where tap (r, s) of a window lies, from the window's first column.
  void tap_offsets(const Conv2dShape& shape, Index* offsets) const {
    for (Index r = 0; r < shape.r; ++r) {
      for (Index s = 0; s < shape.s; ++s) {
        const Index column = s * shape.dilation_w;
        *offsets++ = r * shape.dilation_h * band.row_pitch() +
                     column % band.phases * band.phase_pitch + column / band.phases;
      }
    }
  }
};

}  // namespace convgrad::kernels
