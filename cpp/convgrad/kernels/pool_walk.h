// The walk of a pooling kernel over the windows of some output rows, a window a lane: each input
// row is reduced along the windows first, then a window's rows are reduced, of which those that the
// next output row has in common with this one stay where they are.
#pragma once

#include <algorithm>
#include <utility>

#include "convgrad/kernels/pool_rows.h"
#include "convgrad/shape.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

// Windows that lie wholly inside `source`, whose padding is there as numbers.
struct PoolBand {
  const Pool2dShape& shape;
  const float* source;  // the first tap of the first window
  Index pitch;          // floats of a row of source
  Index rows, columns;  // of windows; at least a vector of columns
  Index y_pitch;        // of the results
  // For vectors that are to be loaded: V8 makes a number into a vector again and again.
  std::int32_t width[simd::kLanes];  // W
  // Where the windows' first taps stand in the plane, h*W + w, as if that had the padding.
  std::int32_t firsts[simd::kLanes];
};

// Tap `s` of the windows from `p` on. At a stride of 2 nothing is read but what the taps from 0 to
// `s` span, of which there are at least two.
template <int kStride>
inline simd::Vec load_tap(const float* p, Index s, Index stride) {
  if constexpr (kStride == 1) {
    return simd::load(p + s);
  } else if constexpr (kStride == 2) {
    if (s == 0) return simd::even_elements(simd::load(p), simd::load(p + simd::kLanes));
    p += s - 1;
    return simd::odd_elements(simd::load(p), simd::load(p + simd::kLanes));
  } else {
    return simd::load_lanes(p + s, stride, simd::LaneSequence{});
  }
}

// taps[s] = tap s of the windows from `p` on.
template <int kStride, int kTaps>
inline void load_taps(const float* p, Index stride, simd::Vec (&taps)[kTaps]) {
  taps[0] = load_tap<kStride>(p, 0, stride);
  taps[1] = load_tap<kStride>(p, 1, stride);
  if constexpr (kTaps == 3) {
    // At a stride of 2 the first taps of the windows one further.
    taps[2] = kStride == 2 ? simd::shift_in(taps[0], simd::broadcast(p[2 * simd::kLanes]))
                           : load_tap<kStride>(p, 2, stride);
  }
}

// Windows of kTaps x kTaps, a vector of them at a time from the top down: of the rows of one the
// next has the last kTaps - kStride in common with it.
template <typename Op, int kTaps, int kStride>
void walk_square(const PoolBand& given_band, const Op& given_op, float*) {
  const PoolBand band = given_band;
  const Op op = given_op;
  constexpr int kShared = kTaps - kStride;
  // The rows of a window are slots of a ring, whose turns are written out: nothing moves.
  constexpr int kSlots = kTaps == 3 && kStride == 2 ? 4 : kTaps;
  constexpr int kTurns = kSlots / kStride;
  for_each_vector(band.columns, [&](Index ow) {
    const float* p = band.source + ow * kStride;
    typename Op::Column column(op, band, ow * kStride + 1, ow);
    typename Op::Value slots[kSlots];
    const auto along = [&](int slot) __attribute__((always_inline)) {
      simd::Vec taps[kTaps];
      load_taps<kStride>(p, kStride, taps);
      slots[slot] = column.along(taps);
      p += band.pitch;
    };
    CONVGRAD_UNROLL
    for (int r = 0; r < kShared; ++r) along(r);
    Index out = ow, oh = 0;
    const auto window = [&](int top) __attribute__((always_inline)) {
      CONVGRAD_UNROLL
      for (int r = kShared; r < kTaps; ++r) along((top + r) % kSlots);
      typename Op::Value total = slots[top];
      CONVGRAD_UNROLL
      for (int r = 1; r < kTaps; ++r) op.down(total, slots[(top + r) % kSlots]);
      column.store(oh, out, total);
      out += band.y_pitch;
      return ++oh < band.rows;
    };
    while (window(0) && (kTurns < 2 || window(kStride % kSlots)) &&
           (kTurns < 3 || window(2 * kStride % kSlots))) {
    }
  });
}

// Any window: the rows' results are kept, as many as the band has input rows.
template <typename Op, int kStride>
void walk_any(const PoolBand& given_band, const Op& given_op, float* kept) {
  const PoolBand band = given_band;
  const Pool2dShape shape = band.shape;
  const Op op = given_op;
  const Index used = (band.rows - 1) * shape.stride_h + (shape.kernel_h - 1) * shape.dilation_h + 1;
  for_each_vector(band.columns, [&](Index ow) {
    typename Op::Column column(op, band, ow * shape.stride_w, ow);
    const float* p = band.source + ow * shape.stride_w;
    for (Index row = 0; row < used; ++row, p += band.pitch) {
      Op::keep(column.template along<kStride>(shape, p), kept + row * Op::kKeptFloats);
    }
    Index out = ow;
    for (Index oh = 0; oh < band.rows; ++oh, out += band.y_pitch) {
      const float* row = kept + oh * shape.stride_h * Op::kKeptFloats;
      typename Op::Value total = Op::kept(row);
      for (Index r = 1; r < shape.kernel_h; ++r) {
        row += shape.dilation_h * Op::kKeptFloats;
        op.down(total, Op::kept(row));
      }
      column.store(oh, out, total);
    }
  });
}

// Stores everything that Op has to for a band; the memory has Op::kKeptFloats for each input row.
template <typename Op>
using Walk = void (*)(const PoolBand& band, const Op& op, float* kept);

// Answers by a pointer so that each walk stays a function of its own, with registers for its loops.
template <typename Op>
Walk<Op> choose_walk(const Pool2dShape& shape) {
  const Index taps = shape.kernel_w, stride = shape.stride_w;
  if (shape.kernel_h == taps && shape.stride_h == stride &&
      (shape.dilation_h | shape.dilation_w) == 1) {
    if (taps == 3 && stride == 1) return walk_square<Op, 3, 1>;
    if (taps == 3 && stride == 2) return walk_square<Op, 3, 2>;
    if (taps == 2 && stride == 1) return walk_square<Op, 2, 1>;
  }
  if (stride == 1) return walk_any<Op, 1>;
  return stride == 2 && taps > 1 ? walk_any<Op, 2> : walk_any<Op, 0>;
}

}  // namespace convgrad::kernels
