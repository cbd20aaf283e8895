// The geometry that the kernels which read x share: bands of x, in which the window of output
// column ow begins at column ow of phase 0, whatever the stride.
#pragma once

#include <algorithm>
#include <utility>

#include "convgrad/kernels/band.h"
#include "convgrad/kernels/tile.h"
#include "convgrad/kernels/workspace_layout.h"
#include "convgrad/shape.h"

namespace convgrad::kernels {

// Floats of input that one step of a kernel works on: half of a typical 512 KiB L2 cache.
inline constexpr Index kBandFloats = 64 * 1024;

// Whole vectors are read where a row ends: what has to be readable behind the last band, of which
// each thread has its own.
inline constexpr Index kBandSlack = kTileColumns + kLineGap;

// Whether the same cell of many planes, `pitch` floats apart, is in few sets of the first-level
// cache, which hold some eight: at the powers of two that maps often are.
inline bool share_sets(Index pitch, Index planes = 16) { return pitch % 512 == 0 && planes > 8; }

// Of `rows` rows of output, those whose bands are made at a time at least. Fewer would mostly be
// copies of what the band before has, too; and all rows of a lone image need its weights once,
// which are the larger where a channel of output has fewer `cells` than its sums have `terms`.
inline Index least_band_rows(Index rows, Index images, Index cells, Index terms) {
  return images == 1 && cells < terms ? rows : std::min<Index>(rows, 4);
}

// How a kernel reads x: by whole vectors of output columns, with zeros behind a row for the last
// one; without them, so that rows of windows of a single column follow one another like those of
// y; float by float, so that columns need not be sorted; or where it stands.
enum class BandUse { kVectors, kRows, kFloats, kNone };

struct WindowBand {
  Band band;
  Index kernel_rows;  // input rows under one output row
  Index stride_h;     // rows of the band from one output row to the next

  explicit WindowBand(const Conv2dShape& shape, BandUse use = BandUse::kVectors)
      : band{.h = shape.h,
             .w = shape.w,
             .col_begin = -shape.pad_left,
             .phases = use >= BandUse::kFloats ? 1 : shape.stride_w,
             .phase_pitch = row_floats(shape, use),
             .padding = 0.0f,
             // Only what the taps see.
             .copied_phases =
                 use >= BandUse::kFloats ? 1 : std::min(shape.stride_w, reach(shape) + 1)},
        kernel_rows((shape.r - 1) * shape.dilation_h + 1),
        stride_h(shape.stride_h) {
    if (use != BandUse::kNone && shape.r == 1) std::swap(band.row_step, stride_h);
  }

  // Columns from the first tap of a window to its last.
  [[nodiscard]] static Index reach(const Conv2dShape& shape) {
    return (shape.s - 1) * shape.dilation_w;
  }
  [[nodiscard]] static Index row_floats(const Conv2dShape& shape, BandUse use) {
    if (use == BandUse::kNone) return shape.w;
    if (use == BandUse::kFloats) return (shape.ow - 1) * shape.stride_w + reach(shape) + 1;
    return (use == BandUse::kVectors ? simd::round_up(shape.ow) : shape.ow) +
           reach(shape) / shape.stride_w;
  }
  // Floats from the windows of one output row to those of the next.
  [[nodiscard]] Index output_row() const { return stride_h * band.row_pitch(); }
  // Rows of a band under `output_rows` rows of output.
  [[nodiscard]] Index input_rows(Index output_rows) const {
    return (output_rows - 1) * stride_h + kernel_rows;
  }
  // Floats from one channel's band under that many rows to the next one's.
  [[nodiscard]] Index plane_pitch(Index output_rows) const {
    const Index floats = input_rows(output_rows) * band.row_pitch();
    return share_sets(floats) ? floats + kLineGap : floats;
  }
  // Channels whose bands of some output rows fit into kBandFloats, at most `most`.
  [[nodiscard]] Index fitting_channels(Index most, Index output_rows = 1) const {
    return std::clamp<Index>(kBandFloats / plane_pitch(output_rows), 1, most);
  }
  // Output rows whose bands of `channels` channels fit, at most `most`.
  [[nodiscard]] Index fitting_rows(Index channels, Index most) const {
    const Index rows = kBandFloats / (channels * band.row_pitch());
    return std::clamp<Index>((rows - kernel_rows) / stride_h + 1, 1, most);
  }
  // offsets[channels][R*S]: where tap (r, s) of a window lies, from the window's first column in
  // the first channel's band.
  void tap_offsets(const Conv2dShape& shape, Index channels, Index pitch, Index* offsets) const {
    for (Index q = 0; q < channels; ++q) {
      for (Index r = 0; r < shape.r; ++r) {
        for (Index s = 0; s < shape.s; ++s) {
          const Index column = s * shape.dilation_w;
          *offsets++ = q * pitch + r * shape.dilation_h * band.row_pitch() +
                       column % band.phases * band.phase_pitch + column / band.phases;
        }
      }
    }
  }
  // Bands [channels][pitch] under output rows [oh, oh + output_rows) from the planes at x.
  void copy(const Conv2dShape& shape, const float* x, Index channels, Index oh, Index output_rows,
            Index pitch, float* bands) const {
    for (Index q = 0; q < channels; ++q) {
      band.copy(x + q * shape.h * shape.w, oh * shape.stride_h - shape.pad_top,
                input_rows(output_rows), bands + q * pitch);
    }
  }
};

}  // namespace convgrad::kernels
