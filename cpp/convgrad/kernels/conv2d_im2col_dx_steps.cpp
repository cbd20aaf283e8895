#include "convgrad/kernels/conv2d_im2col_dx_steps.h"

#include "convgrad/kernels/columns.h"
#include "convgrad/kernels/strided_columns.h"

namespace convgrad::kernels {

void pack_dy_panel(const Conv2dShape& shape, const float* dy, Index count, float* panel) {
  const Index plane = shape.oh * shape.ow;
  for (Index k = 0; k < shape.group_k(); ++k) {
    const float* source = dy + k * plane;
    float* row = panel + k * kTileColumns;
    if (count == kTileColumns) {
      for (int v = 0; v < kTileVecs; ++v) {
        simd::store(row + v * simd::kLanes, simd::load(source + v * simd::kLanes));
      }
    } else {
      for (Index i = 0; i < kTileColumns; ++i) row[i] = i < count ? source[i] : 0.0f;
    }
  }
}

void scatter_dcol(const Conv2dShape& shape, Index begin, Index count, Index row, Index rows,
                  Index pitch, const float* dcol, float* dx) {
  Tap tap(shape, row);
  for (Index i = 0; i < rows; ++i, tap.advance(shape)) {
    for_each_run(shape, begin, count, [&](const ColumnRun& run) {
      const float* source = dcol + i * pitch + run.first;
      const TapRun inside(shape, run, tap);
      add_columns(source + inside.first, shape.stride_w, inside.last - inside.first,
                  dx + inside.offset + inside.first * shape.stride_w);
    });
  }
}

}  // namespace convgrad::kernels
