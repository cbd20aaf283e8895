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
  const float* source;  // the first tap of the first window
  Index pitch;          // floats of a row of source
  Index first;          // where that tap stands in the plane: h*W + w, as if that had the padding
  Index width;          // W
  Index row_begin;      // the output row of the first window
  Index rows, columns;  // of windows; at least a vector of columns
  Index kernel_h, kernel_w, stride_h, stride_w, dilation_h, dilation_w;
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
// next has the last kShared in common with it.
template <typename Op, int kTaps, int kShared, int kStride>
void walk_square(const PoolBand& given_band, const Op& given_op, float*) {
  static_assert(kShared == 1 || kShared == 2);
  const PoolBand band = given_band;
  const Op op = given_op;
  constexpr int kNew = kTaps - kShared;
  const simd::IntVec lanes = simd::lane_numbers() * simd::broadcast(std::int32_t{kStride});
  const Index next_source = kStride * band.pitch, next_first = kStride * band.width;
  for_each_vector(band.columns, [&](Index ow) {
    const float* p = band.source + ow * kStride;
    simd::IntVec first =
        lanes + simd::broadcast(static_cast<std::int32_t>(band.first + ow * kStride));
    typename Op::Value rows[kTaps];
    const auto along = [&](Index r) {
      simd::Vec taps[kTaps];
      load_taps<kStride>(p + r * band.pitch, kStride, taps);
      rows[r] = op.along(taps, first + simd::broadcast(static_cast<std::int32_t>(r * band.width)));
    };
    CONVGRAD_UNROLL
    for (Index r = 0; r < kShared; ++r) along(r);
    Index out = ow;
    for (Index oh = 0; oh < band.rows; ++oh, out += band.columns) {
      CONVGRAD_UNROLL
      for (Index r = kShared; r < kTaps; ++r) along(r);
      typename Op::Value total = rows[0];
      CONVGRAD_UNROLL
      for (Index r = 1; r < kTaps; ++r) op.down(total, rows[r]);
      op.store(oh, ow, out, total);
      // Not as a loop, which would become a move of memory.
      rows[0] = rows[kNew];
      if constexpr (kShared > 1) rows[1] = rows[kNew + 1];
      p += next_source;
      first = first + simd::broadcast(static_cast<std::int32_t>(next_first));
    }
  });
}

// Any window: the rows' results are kept, as many as the band has input rows.
template <typename Op, int kStride>
void walk_any(const PoolBand& given_band, const Op& given_op, float* kept) {
  const PoolBand band = given_band;
  const Op op = given_op;
  const Index used = (band.rows - 1) * band.stride_h + (band.kernel_h - 1) * band.dilation_h + 1;
  const simd::IntVec lanes =
      simd::lane_numbers() * simd::broadcast(static_cast<std::int32_t>(band.stride_w));
  for_each_vector(band.columns, [&](Index ow) {
    for (Index row = 0; row < used; ++row) {
      const Index first = band.first + ow * band.stride_w + row * band.width;
      Op::keep(
          op.template along<kStride>(band, band.source + ow * band.stride_w + row * band.pitch,
                                     lanes + simd::broadcast(static_cast<std::int32_t>(first))),
          kept + row * Op::kKeptFloats);
    }
    Index out = ow;
    for (Index oh = 0; oh < band.rows; ++oh, out += band.columns) {
      const float* row = kept + oh * band.stride_h * Op::kKeptFloats;
      typename Op::Value total = Op::kept(row);
      for (Index r = 1; r < band.kernel_h; ++r) {
        row += band.dilation_h * Op::kKeptFloats;
        op.down(total, Op::kept(row));
      }
      op.store(oh, ow, out, total);
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
    if (taps == 3 && stride == 1) return walk_square<Op, 3, 2, 1>;
    if (taps == 3 && stride == 2) return walk_square<Op, 3, 1, 2>;
    if (taps == 2 && stride == 1) return walk_square<Op, 2, 1, 1>;
  }
  if (stride == 1) return walk_any<Op, 1>;
  return stride == 2 && taps > 1 ? walk_any<Op, 2> : walk_any<Op, 0>;
}

}  // namespace convgrad::kernels
