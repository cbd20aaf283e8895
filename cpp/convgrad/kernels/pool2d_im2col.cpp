// Pooling by img2col, method 2 of the chapter: lower a run of windows to a small matrix, reduce
// each column of it; backward, fill such a matrix with gradients and add it back by col2img.
//
// The matrix holds the taps of a window one below the other, a window a column, so that the
// reduction goes along the lanes; a run is a part of one output row that keeps the matrix in the L1
// cache.
#include <algorithm>
#include <limits>

#include "convgrad/kernels/pool2d_kernels.h"
#include "convgrad/kernels/pool_max.h"
#include "convgrad/kernels/pool_window.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

// Floats of the matrix: half of a 32 KiB L1 cache.
constexpr Index kMatrixFloats = 4 * 1024;

struct PoolPlan {
  Index taps;
  Index run;  // windows in a matrix: whole vectors
  WorkspaceLayout layout;
  std::int64_t matrix, columns;

  explicit PoolPlan(const Pool2dShape& shape) : taps(shape.kernel_h * shape.kernel_w) {
    const Index fitting = kMatrixFloats / taps / simd::kLanes * simd::kLanes;
    run = std::clamp(fitting, simd::kLanes, simd::round_up(shape.ow));
    matrix = layout.reserve<float>(taps * run);
    columns = layout.reserve<float>(simd::round_up(shape.ow));
  }
};

// The windows [ow, ow + count) of one output row.
struct PoolRun {
  Index plane, oh, ow, count;
};

template <typename Visit>
void for_each_run(const Pool2dShape& shape, Index run, Visit visit) {
  for (Index plane = 0; plane < shape.planes(); ++plane) {
    for (Index oh = 0; oh < shape.oh; ++oh) {
      for (Index ow = 0; ow < shape.ow; ow += run) {
        visit(PoolRun{plane, oh, ow, std::min(run, shape.ow - ow)});
      }
    }
  }
}

// Calls visit(row of the matrix, first, last, offset) for every tap: for the windows [first, last)
// of the run it lies inside the plane, at offset + i*stride_w; first = last where it does for none.
template <typename Visit>
void for_each_tap(const Pool2dShape& shape, const PoolRun& run, Visit visit) {
  for (Index r = 0; r < shape.kernel_h; ++r) {
    const Index ih = run.oh * shape.stride_h - shape.pad_top + r * shape.dilation_h;
    for (Index s = 0; s < shape.kernel_w; ++s) {
      const Index iw = run.ow * shape.stride_w - shape.pad_left + s * shape.dilation_w;
      Index first = 0, last = 0;
      if (ih >= 0 && ih < shape.h) {
        first = iw < 0 ? std::min(run.count, (-iw + shape.stride_w - 1) / shape.stride_w) : 0;
        last = iw >= shape.w ? first
                             : std::clamp((shape.w - iw + shape.stride_w - 1) / shape.stride_w,
                                          first, run.count);
      }
      visit(r * shape.kernel_w + s, first, last, ih * shape.w + iw);
    }
  }
}

// img2col: matrix[taps][run] of plane[H, W], `padding` where a tap lies outside.
void lower(const Pool2dShape& shape, const PoolPlan& plan, const PoolRun& run, const float* plane,
           float padding, float* matrix) {
  for_each_tap(shape, run, [&](Index row, Index first, Index last, Index offset) {
    float* out = matrix + row * plan.run;
    std::fill_n(out, first, padding);
    for (Index i = first; i < last; ++i) out[i] = plane[offset + i * shape.stride_w];
    // To the end of the run's last vector: lanes that are computed and thrown away.
    std::fill(out + last, out + simd::round_up(run.count), padding);
  });
}

// col2img: plane[H, W] += matrix[taps][run], tap by tap.
void scatter(const Pool2dShape& shape, const PoolPlan& plan, const PoolRun& run,
             const float* matrix, float* plane) {
  for_each_tap(shape, run, [&](Index row, Index first, Index last, Index offset) {
    const float* in = matrix + row * plan.run;
    for (Index i = first; i < last; ++i) plane[offset + i * shape.stride_w] += in[i];
  });
}

// Position of a run's first window among the outputs.
Index out_offset(const Pool2dShape& shape, const PoolRun& run) {
  return (run.plane * shape.oh + run.oh) * shape.ow + run.ow;
}

float divisor_of(const Pool2dShape& shape, const PoolRun& run, Index i) {
  return static_cast<float>(vertical_axis(shape).divisor(run.oh, shape.count_include_pad) *
                            horizontal_axis(shape).divisor(run.ow + i, shape.count_include_pad));
}

}  // namespace

std::int64_t pool2d_im2col_workspace(const Pool2dShape& shape) {
  return PoolPlan(shape).layout.bytes();
}

// x[N,C,H,W] -> y[N,C,OH,OW], indices[N,C,OH,OW]
void max_pool2d_forward_im2col(const Pool2dShape& shape, const float* x, float* y,
                               std::int32_t* indices, void* workspace) {
  const PoolPlan plan(shape);
  auto* matrix = WorkspaceLayout::at<float>(workspace, plan.matrix);
  auto* first_columns = WorkspaceLayout::at<std::int32_t>(workspace, plan.columns);
  const PoolAxis vertical = vertical_axis(shape);
  fill_first_columns(shape, first_columns);
  for_each_run(shape, plan.run, [&](const PoolRun& run) {
    lower(shape, plan, run, x + run.plane * shape.h * shape.w,
          -std::numeric_limits<float>::infinity(), matrix);
    const PoolAxis::Taps rows = vertical.taps(run.oh);
    const Index out = out_offset(shape, run);
    for (Index i = 0; i < run.count; i += simd::kLanes) {
      RunningMax running(first_index(shape, rows, first_columns, run.ow + i));
      for (Index tap = 0; tap < plan.taps; ++tap) {
        const Index ih = rows.start + tap / shape.kernel_w * shape.dilation_h;
        running.take(simd::load(matrix + tap * plan.run + i),
                     tap_index(shape, ih, run.ow + i, tap % shape.kernel_w));
      }
      running.store(y + out + i, indices + out + i, run.count - i);
    }
  });
}

// dy[N,C,OH,OW] indices[N,C,OH,OW] -> dx[N,C,H,W]
void max_pool2d_backward_im2col(const Pool2dShape& shape, const float* dy,
                                const std::int32_t* indices, float* dx, void* workspace) {
  const PoolPlan plan(shape);
  auto* matrix = WorkspaceLayout::at<float>(workspace, plan.matrix);
  std::fill_n(dx, shape.x_size(), 0.0f);
  for_each_run(shape, plan.run, [&](const PoolRun& run) {
    float* plane = dx + run.plane * shape.h * shape.w;
    const Index out = out_offset(shape, run);
    std::fill_n(matrix, plan.taps * plan.run, 0.0f);
    for (Index i = 0; i < run.count; ++i) {
      const Index index = indices[out + i];
      const Index tap = tap_of_index(shape, run.oh, run.ow + i, index);
      if (tap >= 0) {
        matrix[tap * plan.run + i] = dy[out + i];
      } else {
        // Not in its own window: an index of the caller's making, which has no row in the matrix.
        plane[index] += dy[out + i];
      }
    }
    scatter(shape, plan, run, matrix, plane);
  });
}

// x[N,C,H,W] -> y[N,C,OH,OW]
void avg_pool2d_forward_im2col(const Pool2dShape& shape, const float* x, float* y,
                               void* workspace) {
  const PoolPlan plan(shape);
  auto* matrix = WorkspaceLayout::at<float>(workspace, plan.matrix);
  for_each_run(shape, plan.run, [&](const PoolRun& run) {
    lower(shape, plan, run, x + run.plane * shape.h * shape.w, 0.0f, matrix);
    float* out = y + out_offset(shape, run);
    for (Index i = 0; i < run.count; i += simd::kLanes) {
      simd::Vec total = simd::broadcast(0.0f);
      for (Index r = 0; r < shape.kernel_h; ++r) {
        // Rows are summed by themselves: sums of at most kernel_w terms, then of kernel_h.
        simd::Vec of_row = simd::broadcast(0.0f);
        for (Index s = 0; s < shape.kernel_w; ++s) {
          of_row += simd::load(matrix + (r * shape.kernel_w + s) * plan.run + i);
        }
        total += of_row;
      }
      store_columns(out + i, total, run.count - i);
    }
    for (Index i = 0; i < run.count; ++i) out[i] /= divisor_of(shape, run, i);
  });
}

// dy[N,C,OH,OW] -> dx[N,C,H,W]
void avg_pool2d_backward_im2col(const Pool2dShape& shape, const float* dy, float* dx,
                                void* workspace) {
  const PoolPlan plan(shape);
  auto* matrix = WorkspaceLayout::at<float>(workspace, plan.matrix);
  std::fill_n(dx, shape.x_size(), 0.0f);
  for_each_run(shape, plan.run, [&](const PoolRun& run) {
    const float* source = dy + out_offset(shape, run);
    for (Index i = 0; i < run.count; ++i) matrix[i] = source[i] / divisor_of(shape, run, i);
    for (Index tap = 1; tap < plan.taps; ++tap) {
      std::copy_n(matrix, run.count, matrix + tap * plan.run);
    }
    scatter(shape, plan, run, matrix, dx + run.plane * shape.h * shape.w);
  });
}

}  // namespace convgrad::kernels
