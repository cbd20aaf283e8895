#include "convgrad/kernels/conv2d_im2col_dx_steps.h"

#include "convgrad/kernels/columns.h"
#include "convgrad/kernels/strided_columns.h"

namespace convgrad::kernels {

void pack_dy_panel(const Conv2dShape& shape, const float* dy, Index begin, Index count,
                   float* panel) {
  const Index plane = shape.oh * shape.ow;
  Index columns[kTileColumns];
  dy += begin / plane * shape.k * plane;
  for (Index i = 0, next = begin % plane, left = plane - next; i < count; ++i, ++next) {
    if (left-- == 0) {
      next += (shape.k - 1) * plane;
      left = plane - 1;
    }
    columns[i] = next;
  }
  const bool whole = count == kTileColumns && columns[count - 1] - columns[0] == count - 1;
  for (Index k = 0; k < shape.group_k(); ++k) {
    const float* source = dy + k * plane;
    float* row = panel + k * kTileColumns;
    if (whole) {
      for (int v = 0; v < kTileVecs; ++v) {
        simd::store(row + v * simd::kLanes, simd::load(source + columns[0] + v * simd::kLanes));
      }
    } else {
      for (Index i = 0; i < kTileColumns; ++i) row[i] = i < count ? source[columns[i]] : 0.0f;
    }
  }
}

void scatter_dcol(const Conv2dShape& shape, Index begin, Index count, Index row, Index rows,
                  Index pitch, const float* dcol, float* dx) {
  const Index plane = shape.oh * shape.ow;
  for (const Index end = begin + count; begin < end;) {
    const Index image = begin / plane, cell = begin % plane;
    const Index cells = std::min(plane - cell, end - begin);
    float* image_dx = dx + image * shape.c * shape.h * shape.w;
    Tap tap(shape, row);
    for (Index i = 0; i < rows; ++i, tap.advance(shape)) {
      for_each_run(shape, cell, cells, [&](const ColumnRun& run) {
        const float* source = dcol + i * pitch + run.first;
        const TapRun inside(shape, run, tap);
        add_columns(source + inside.first, shape.stride_w, inside.last - inside.first,
                    image_dx + inside.offset + inside.first * shape.stride_w);
      });
    }
    begin += cells;
    dcol += cells;
  }
}

}  // namespace convgrad::kernels
