// The walks of a pooling kernel over windows, a window a lane. Over those of some output rows each
// input row is reduced along the windows first, then a window's rows are reduced, of which those
// that the next output row has in common with this one stay where they are.
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
  const float* source;   // the first tap of the first window
  Index pitch = 0;       // floats of a row of source
  Index rows = 0;        // of windows; for walk_windows() of taps in a window
  Index columns = 0;     // of windows, at least a vector; all windows for walk_windows()
  Index y_pitch = 0;     // of the results
  Index oh = 0, ow = 0;  // the first window
  // For walk_square() alone: whether the first row of taps is above the plane, the first column
  // left of it, where nothing is.
  bool above = false, left = false;
  // For vectors that are to be loaded: V8 makes a number into a vector again and again.
  std::int32_t width[simd::kLanes] = {};  // W
  // Where the windows' first taps stand in the plane, h*W + w, as if that had the padding.
  std::int32_t firsts[simd::kLanes] = {};
  // For walk_windows() alone: the arrays of WindowPlan, and its taps.
  const std::int32_t* offsets = nullptr;
  const std::int32_t* starts = nullptr;
  const std::int32_t* row_offsets = nullptr;
  const std::int32_t* row_distances = nullptr;
  Index taps = 0;

  // What stores the results of these windows, of what stores a plane's.
  template <typename Op>
  [[nodiscard]] Op part_of(const Op& op) const {
    return op.from(oh, ow, oh * y_pitch + ow);
  }
};

// Whether windows are walked over one a lane, wherever they are: because they do not fill a vector
// of a row, or lie far apart; or as single taps two apart, of which walk_any() reads behind the
// last.
inline bool scattered(const Pool2dShape& s) {
  return s.ow < simd::kLanes || s.stride_w > 2 || (s.stride_w == 2 && s.kernel_w == 1);
}

// Tap `s` of the windows from `p` on. At a stride of 2 nothing is read but what the taps from 0 to
// `s` span, of which there are at least two.
template <int kStride>
inline simd::Vec load_tap(const float* p, Index s) {
  if constexpr (kStride == 1) {
    return simd::load(p + s);
  } else {
    if (s == 0) return simd::even_elements(simd::load(p), simd::load(p + simd::kLanes));
    p += s - 1;
    return simd::odd_elements(simd::load(p), simd::load(p + simd::kLanes));
  }
}

// taps[s] = tap s of the windows from `p` on.
template <int kStride, int kTaps>
inline void load_taps(const float* p, simd::Vec (&taps)[kTaps]) {
  taps[0] = load_tap<kStride>(p, 0);
  taps[1] = load_tap<kStride>(p, 1);
  if constexpr (kTaps == 3) {
    // At a stride of 2 the first taps of the windows one further.
    taps[2] = kStride == 2 ? simd::shift_in(taps[0], simd::broadcast(p[2 * simd::kLanes]))
                           : load_tap<kStride>(p, 2);
  }
}

// The windows that walk_square() knows.
inline bool square_windows(const Pool2dShape& s) {
  const bool square =
      s.kernel_h == s.kernel_w && s.stride_h == s.stride_w && (s.dilation_h | s.dilation_w) == 1;
  return square && !scattered(s) && s.kernel_w >= 2 && s.kernel_w <= 3 && s.stride_w < s.kernel_w;
}

// Whether it does without the numbers of the padding above and on the left.
inline bool pads_in_walk(const Pool2dShape& s) {
  return square_windows(s) && s.pad_top <= 1 && s.pad_left <= 1;
}

// Windows of kTaps x kTaps, a vector of them at a time from the top down: of the rows of one the
// next has the last kTaps - kStride in common with it.
template <typename Op, int kTaps, int kStride>
void walk_square(const PoolBand& given_band, const void* given_op, float*) {
  const PoolBand band = given_band;
  const Op op = band.part_of(*static_cast<const Op*>(given_op));
  constexpr int kShared = kTaps - kStride;
  // At a stride of 2 the rows of a window are slots of a ring, whose two turns are written out, and
  // nothing moves.
  constexpr int kSlots = kStride == 2 ? 4 : kTaps;
  for_each_vector(band.columns, [&](Index ow) {
    const float* p = band.source + ow * kStride;
    typename Op::Column column(op, band, ow * kStride + kTaps - 1, ow);
    typename Op::Value slots[kSlots];
    const auto along = [&](int slot) __attribute__((always_inline)) {
      simd::Vec taps[kTaps];
      load_taps<kStride>(p, taps);
      taps[0] = column.inside(taps[0]);
      slots[slot] = column.along(taps);
      p += band.pitch;
    };
    CONVGRAD_UNROLL
    for (int r = 0; r < kShared; ++r) {
      if (r == 0 && band.above) {
        slots[0] = column.outside();
        p += band.pitch;
      } else {
        along(r);
      }
    }
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
    while (window(0) && (kStride == 1 || window(2))) {
      if constexpr (kStride == 1) {
        // Not as a loop, which would become a move of memory.
        slots[0] = slots[1];
        if constexpr (kTaps == 3) slots[1] = slots[2];
      }
    }
  });
}

// Any window, along its rows first: their results are kept, as many as the band has input rows.
template <typename Op, int kStride>
void walk_any(const PoolBand& given_band, const void* given_op, float* kept) {
  const PoolBand band = given_band;
  const Pool2dShape shape = band.shape;
  const Op op = band.part_of(*static_cast<const Op*>(given_op));
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

// Floats that a lane of walk_windows() reads at once: of what is behind its window too.
inline constexpr Index kSquare = 4;

// Any windows, one a lane: each lane reads some floats of a row of its own, and their square is
// transposed.
template <typename Op>
void walk_windows(const PoolBand& given_band, const void* given_op, float*) {
  const PoolBand band = given_band;
  const Op op = band.part_of(*static_cast<const Op*>(given_op));
  for_each_vector(band.columns, [&](Index i) {
    const float* window_at[simd::kLanes];
    CONVGRAD_UNROLL
    for (Index lane = 0; lane < simd::kLanes; ++lane) {
      window_at[lane] = band.source + band.offsets[i + lane];
    }
    typename Op::Window window(op, band, i);
    for (Index r = 0; r < band.rows; ++r) {
      window.begin_row(band.row_distances + r);
      Index s = band.row_offsets[r];
      for (Index left = band.taps; left > 0; left -= kSquare, s += kSquare) {
        const float* p[simd::kLanes];
        CONVGRAD_UNROLL
        for (Index lane = 0; lane < simd::kLanes; ++lane) p[lane] = window_at[lane] + s;
        simd::Vec taps[kSquare];
        simd::load_transposed(p, taps);
        window.take(taps[0]);
        if (left > 1) window.take(taps[1]);
        if (left > 2) window.take(taps[2]);
        if (left > 3) window.take(taps[3]);
      }
      window.end_row();
    }
    window.store(i, band.columns - i);
  });
}

// Stores everything that an Op has to for a band; the memory has 2 vectors for each input row.
using Walk = void (*)(const PoolBand& band, const void* op, float* kept);

// Answers by a pointer so that each walk stays a function of its own, with registers for its loops.
template <typename Op>
Walk choose_walk(const Pool2dShape& shape) {
  if (scattered(shape)) return walk_windows<Op>;
  const Index taps = shape.kernel_w, stride = shape.stride_w;
  if (square_windows(shape)) {
    if (taps == 2) return walk_square<Op, 2, 1>;
    return stride == 1 ? walk_square<Op, 3, 1> : walk_square<Op, 3, 2>;
  }
  return Op::any_walk(stride);
}

}  // namespace convgrad::kernels
