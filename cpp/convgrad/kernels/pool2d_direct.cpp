// Pooling by direct loops over the window, method 1 of the chapter; output columns across the
// lanes.
//
// Rows of the input are copied once into bands (band.h), in which the taps of neighbouring windows
// are neighbours whatever the stride, and in which the padding holds the neutral number.
#include <algorithm>
#include <limits>

#include "convgrad/kernels/band.h"
#include "convgrad/kernels/pool2d_kernels.h"
#include "convgrad/kernels/pool_max.h"
#include "convgrad/kernels/pool_window.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

struct PoolPlan {
  Band band;
  WorkspaceLayout layout;
  std::int64_t rows;     // a band row for each tap of a column
  std::int64_t columns;  // [OW rounded up]: what forward or backward needs to know of each column

  PoolPlan(const Pool2dShape& shape, float padding)
      : band{.h = shape.h,
             .w = shape.w,
             .col_begin = -shape.pad_left,
             .phases = shape.stride_w,
             .phase_pitch = simd::round_up(shape.ow) +
                            (shape.kernel_w - 1) * shape.dilation_w / shape.stride_w,
             .padding = padding} {
    rows = layout.reserve<float>(shape.kernel_h * band.row_pitch());
    columns = layout.reserve<float>(simd::round_up(shape.ow));
  }

  // Where tap s of the first window lies in a row of a band.
  [[nodiscard]] Index column_offset(const Pool2dShape& shape, Index s) const {
    const Index column = s * shape.dilation_w;
    return column % band.phases * band.phase_pitch + column / band.phases;
  }
};

// Copies the rows under output row `oh` of a plane[H, W] into `rows`[kernel_h, row_pitch].
void copy_window_rows(const Pool2dShape& shape, const PoolPlan& plan, const float* plane, Index oh,
                      float* rows) {
  for (Index r = 0; r < shape.kernel_h; ++r) {
    plan.band.copy(plane, oh * shape.stride_h - shape.pad_top + r * shape.dilation_h, 1,
                   rows + r * plan.band.row_pitch());
  }
}

// The number of taps that count horizontally, [OW rounded up].
void fill_column_divisors(const Pool2dShape& shape, float* divisors) {
  const PoolAxis horizontal = horizontal_axis(shape);
  for (Index ow = 0; ow < simd::round_up(shape.ow); ++ow) {
    divisors[ow] =
        ow < shape.ow ? static_cast<float>(horizontal.divisor(ow, shape.count_include_pad)) : 1.0f;
  }
}

}  // namespace

std::int64_t pool2d_direct_workspace(const Pool2dShape& shape) {
  return PoolPlan(shape, 0.0f).layout.bytes();
}

// x[N,C,H,W] -> y[N,C,OH,OW], indices[N,C,OH,OW]
void max_pool2d_forward_direct(const Pool2dShape& shape, const float* x, float* y,
                               std::int32_t* indices, void* workspace) {
  const PoolPlan plan(shape, -std::numeric_limits<float>::infinity());
  auto* rows = WorkspaceLayout::at<float>(workspace, plan.rows);
  auto* first_columns = WorkspaceLayout::at<std::int32_t>(workspace, plan.columns);
  const PoolAxis vertical = vertical_axis(shape);
  fill_first_columns(shape, first_columns);
  for (Index plane = 0; plane < shape.planes(); ++plane) {
    for (Index oh = 0; oh < shape.oh; ++oh) {
      copy_window_rows(shape, plan, x + plane * shape.h * shape.w, oh, rows);
      const PoolAxis::Taps taps = vertical.taps(oh);
      const Index out = (plane * shape.oh + oh) * shape.ow;
      for (Index ow = 0; ow < shape.ow; ow += simd::kLanes) {
        RunningMax running(first_index(shape, taps, first_columns, ow));
        for (Index r = taps.first; r < taps.last; ++r) {
          const float* row = rows + r * plan.band.row_pitch() + ow;
          const Index ih = taps.start + r * shape.dilation_h;
          for (Index s = 0; s < shape.kernel_w; ++s) {
            running.take(simd::load(row + plan.column_offset(shape, s)),
                         tap_index(shape, ih, ow, s));
          }
        }
        running.store(y + out + ow, indices + out + ow, shape.ow - ow);
      }
    }
  }
}

// dy[N,C,OH,OW] indices[N,C,OH,OW] -> dx[N,C,H,W]. Overlapping windows may share a maximum: add.
void max_pool2d_backward_direct(const Pool2dShape& shape, const float* dy,
                                const std::int32_t* indices, float* dx) {
  const Index plane_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
  std::fill_n(dx, shape.x_size(), 0.0f);
  for (Index plane = 0; plane < shape.planes(); ++plane) {
    for (Index i = 0; i < out_size; ++i) dx[indices[i]] += dy[i];
    dx += plane_size;
    dy += out_size;
    indices += out_size;
  }
}

// x[N,C,H,W] -> y[N,C,OH,OW]
void avg_pool2d_forward_direct(const Pool2dShape& shape, const float* x, float* y,
                               void* workspace) {
  const PoolPlan plan(shape, 0.0f);
  auto* rows = WorkspaceLayout::at<float>(workspace, plan.rows);
  auto* divisors = WorkspaceLayout::at<float>(workspace, plan.columns);
  const PoolAxis vertical = vertical_axis(shape);
  fill_column_divisors(shape, divisors);
  for (Index plane = 0; plane < shape.planes(); ++plane) {
    for (Index oh = 0; oh < shape.oh; ++oh) {
      copy_window_rows(shape, plan, x + plane * shape.h * shape.w, oh, rows);
      const PoolAxis::Taps taps = vertical.taps(oh);
      const auto row_divisor = static_cast<float>(vertical.divisor(oh, shape.count_include_pad));
      float* out = y + (plane * shape.oh + oh) * shape.ow;
      for (Index ow = 0; ow < shape.ow; ow += simd::kLanes) {
        simd::Vec total = simd::broadcast(0.0f);
        for (Index r = taps.first; r < taps.last; ++r) {
          const float* row = rows + r * plan.band.row_pitch() + ow;
          // Rows are summed by themselves: sums of at most kernel_w terms, then of kernel_h.
          simd::Vec of_row = simd::broadcast(0.0f);
          for (Index s = 0; s < shape.kernel_w; ++s) {
            of_row += simd::load(row + plan.column_offset(shape, s));
          }
          total += of_row;
        }
        store_columns(out + ow, total / (simd::load(divisors + ow) * simd::broadcast(row_divisor)),
                      shape.ow - ow);
      }
    }
  }
}

// dy[N,C,OH,OW] -> dx[N,C,H,W]. An input row gathers from the output rows whose windows cover it,
// in a band whose columns are then put back in order.
void avg_pool2d_backward_direct(const Pool2dShape& shape, const float* dy, float* dx,
                                void* workspace) {
  const PoolPlan plan(shape, 0.0f);
  auto* band = WorkspaceLayout::at<float>(workspace, plan.rows);
  auto* divisors = WorkspaceLayout::at<float>(workspace, plan.columns);
  const PoolAxis vertical = vertical_axis(shape);
  fill_column_divisors(shape, divisors);
  for (Index plane = 0; plane < shape.planes(); ++plane) {
    for (Index ih = 0; ih < shape.h; ++ih) {
      std::fill_n(band, plan.band.row_pitch(), 0.0f);
      for (Index r = 0; r < shape.kernel_h; ++r) {
        const Index start = ih + shape.pad_top - r * shape.dilation_h;
        if (start < 0 || start % shape.stride_h != 0 || start / shape.stride_h >= shape.oh)
          continue;
        const Index oh = start / shape.stride_h;
        const simd::Vec row_divisor =
            simd::broadcast(static_cast<float>(vertical.divisor(oh, shape.count_include_pad)));
        const float* source = dy + (plane * shape.oh + oh) * shape.ow;
        for (Index ow = 0; ow < shape.ow; ow += simd::kLanes) {
          const simd::Vec share =
              load_columns(source + ow, shape.ow - ow) / (simd::load(divisors + ow) * row_divisor);
          for (Index s = 0; s < shape.kernel_w; ++s) {
            float* target = band + plan.column_offset(shape, s) + ow;
            simd::store(target, simd::load(target) + share);
          }
        }
      }
      float* out = dx + (plane * shape.h + ih) * shape.w;
      // Columns behind the last window are in no band.
      std::fill_n(out, shape.w, 0.0f);
      for (Index phase = 0; phase < plan.band.phases; ++phase) {
        const float* sorted = band + phase * plan.band.phase_pitch;
        for (Index j = 0; j < plan.band.phase_pitch; ++j) {
          const Index iw = plan.band.col_begin + phase + plan.band.phases * j;
          if (iw >= 0 && iw < shape.w) out[iw] = sorted[j];
        }
      }
    }
  }
}

}  // namespace convgrad::kernels
