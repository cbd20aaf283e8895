// The columns of the lowered image, N*OH*OW of them, each the C/g*R*S taps of one window; never the
// whole matrix, only runs of it. (The chapter's col_x is the transpose: a window a row.)
#pragma once

#include <algorithm>

#include "convgrad/kernels/tile.h"
#include "convgrad/shape.h"

namespace convgrad::kernels {

// Consecutive columns in the same row of the same output map.
struct ColumnRun {
  Index first;  // position among the columns asked for
  Index count;
  Index n, oh, ow;
};

// Calls visit(run) for the runs that make up columns [begin, begin + count).
template <typename Visit>
inline void for_each_run(const Conv2dShape& shape, Index begin, Index count, Visit visit) {
  const Index plane = shape.oh * shape.ow;
  for (Index done = 0; done < count;) {
    const Index column = begin + done, cell = column % plane, ow = cell % shape.ow;
    const Index length = std::min(shape.ow - ow, count - done);
    visit(ColumnRun{done, length, column / plane, cell / shape.ow, ow});
    done += length;
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

// Where one tap of a run of windows lies in x: the columns [first, last) of the run are inside the
// input, at source[i * stride_w].
struct TapRun {
  Index first, last;
  Index offset;  // in x, of the run's column 0; may point outside, then first > 0

  // `group` is the first channel of the group.
  TapRun(const Conv2dShape& shape, const ColumnRun& run, Index group, const Tap& tap) {
    const Index ih = run.oh * shape.stride_h - shape.pad_top + tap.r * shape.dilation_h;
    const Index iw = run.ow * shape.stride_w - shape.pad_left + tap.s * shape.dilation_w;
    offset = ((run.n * shape.c + group + tap.c) * shape.h + ih) * shape.w + iw;
    if (ih < 0 || ih >= shape.h) {
      first = last = 0;
      return;
    }
    const Index stride = shape.stride_w;
    first = iw < 0 ? std::min(run.count, (-iw + stride - 1) / stride) : 0;
    last =
        iw >= shape.w ? first : std::clamp((shape.w - iw + stride - 1) / stride, first, run.count);
  }
};

}  // namespace convgrad::kernels
