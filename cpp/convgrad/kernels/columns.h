// The columns of the lowered image, OH*OW of them for an image, each the C/g*R*S taps of one
// window; never the whole matrix, only panels of it. (The chapter's col_x is the transpose: a
// window a row.)
#pragma once

#include <algorithm>

#include "convgrad/kernels/tile.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/shape.h"

namespace convgrad::kernels {

// Consecutive columns of one output row.
struct ColumnRun {
  Index first;  // position among the columns asked for
  Index count;
  Index oh, ow;
};

// Calls visit(run) for the runs that make up columns [begin, begin + count) of an image.
template <typename Visit>
inline void for_each_run(const Conv2dShape& shape, Index begin, Index count, Visit visit) {
  Index oh = begin / shape.ow, ow = begin % shape.ow;
  for (Index done = 0; done < count; ++oh, ow = 0) {
    const Index length = std::min(shape.ow - ow, count - done);
    visit(ColumnRun{done, length, oh, ow});
    done += length;
  }
}

// The input rows under some columns, as window_band.h lays them out (or, where that is the same, x
// itself): column (oh, ow) of tap d stands at first_row + (oh - oh_begin)*row_step + ow +
// offsets[d].
struct LoweringSource {
  const float* first_row;
  Index oh_begin;
  Index row_step;  // floats from one output row to the next

  [[nodiscard]] const float* at(const ColumnRun& run) const {
    return first_row + (run.oh - oh_begin) * row_step + run.ow;
  }
};

// Columns [begin, begin + count) of an image, count <= kTileColumns -> panel[depth][kTileColumns].
// Columns past the end hold anything. Whole vectors are copied: up to kTileColumns floats behind
// the last run are read, and as many behind the panel written.
inline void lower_panel(const Conv2dShape& shape, const LoweringSource& source, Index begin,
                        Index count, const Index* offsets, Index depth, float* panel) {
  const float* from[kTileColumns];
  Index to[kTileColumns];
  int runs = 0;
  for_each_run(shape, begin, count, [&](const ColumnRun& run) {
    from[runs] = source.at(run);
    to[runs++] = run.first;
  });
  const auto copy = [](const float* in, float* out) {
    for (int v = 0; v < kTileVecs; ++v) {
      simd::store(out + v * simd::kLanes, simd::load(in + v * simd::kLanes));
    }
  };
  if (runs == 1) {
    const float* in = from[0];
    for (Index d = 0; d < depth; ++d) copy(in + offsets[d], panel + d * kTileColumns);
    return;
  }
  // A later run overwrites what the one before it copied too much, the next row the last one's.
  for (Index d = 0; d < depth; ++d) {
    float* row = panel + d * kTileColumns;
    const Index offset = offsets[d];
    for (int i = 0; i < runs; ++i) copy(from[i] + offset, row + to[i]);
  }
}

// Counts through the taps (c, r, s) of a window in the order of w, from tap `index` on.
struct Tap {
  Index c, r, s;

  Tap(const Conv2dShape& shape, Index index)
      : c(index / (shape.r * shape.s)), r(index / shape.s % shape.r), s(index % shape.s) {}
  void advance(const Conv2dShape& shape) {
    if (++s < shape.s) return;
    s = 0;
    if (++r < shape.r) return;
    r = 0;
    ++c;
  }
};

// Where one tap of a run of windows lies in the planes of a group: the columns [first, last) of the
// run are inside, at offset + i * stride_w.
struct TapRun {
  Index first, last;
  Index offset;  // of the run's column 0; may point outside, then first > 0

  TapRun(const Conv2dShape& shape, const ColumnRun& run, const Tap& tap) {
    const Index ih = run.oh * shape.stride_h - shape.pad_top + tap.r * shape.dilation_h;
    const Index iw = run.ow * shape.stride_w - shape.pad_left + tap.s * shape.dilation_w;
    offset = (tap.c * shape.h + ih) * shape.w + iw;
    if (ih < 0 || ih >= shape.h) {
      first = last = 0;
      return;
    }
    const Index stride = shape.stride_w;
    first = iw < 0 ? std::min(run.count, (-iw + stride - 1) / stride) : 0;
    // Division only where the run may leave the row: it is slow, and this runs for every tap.
    last = iw + (run.count - 1) * stride < shape.w
               ? run.count
               : std::clamp((shape.w - iw + stride - 1) / stride, first, run.count);
  }
};

}  // namespace convgrad::kernels
