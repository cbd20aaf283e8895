// Pooling by img2col, method 2 of the chapter: lower a run of windows to a small matrix, reduce
// each column of it; backward, fill such a matrix with gradients and add it back by col2img.
//
// The matrix holds the taps of a window one below the other, a window a column, so that the
// reduction goes along the lanes, over the ends of the output rows; a run is as many rows, or as
// much of a row, as keep the matrix in the L1 cache.
#include <cmath>
#include <limits>

#include "convgrad/kernels/pool2d_kernels.h"
#include "convgrad/kernels/pool_max.h"
#include "convgrad/kernels/pool_rows.h"
#include "convgrad/kernels/pool_window.h"
#include "convgrad/kernels/strided_columns.h"
#include "convgrad/kernels/workspace_layout.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

// Floats of the matrix: half of a 32 KiB L1 cache.
constexpr Index kMatrixFloats = 4 * 1024;

struct PoolPlan {
  Index taps;
  Index rows, columns;  // of output, in a run: rows > 1 only where columns = OW
  Index pitch;          // windows in a run, rounded up to whole vectors
  WorkspaceLayout layout;
  std::int64_t matrix;  // [taps, pitch]
  // With room for a last, partly used vector:
  std::int64_t column_starts;    // [OW]: what each column adds to window_starts
  std::int64_t column_divisors;  // [OW]
  std::int64_t
      window_starts;       // [pitch]: index in the plane of each window's tap 0; or the divisors
  std::int64_t distances;  // [taps]

  explicit PoolPlan(const Pool2dShape& shape) : taps(shape.kernel_h * shape.kernel_w) {
    const Index fitting = std::max(kMatrixFloats / taps, simd::kLanes);
    columns = std::min(shape.ow, fitting);
    rows = std::clamp<Index>(fitting / shape.ow, 1, shape.oh);
    pitch = simd::round_up(rows * columns);
    matrix = layout.reserve<float>(std::int64_t{taps} * pitch);
    column_starts = layout.reserve<std::int32_t>(shape.ow + simd::kLanes);
    column_divisors = layout.reserve<float>(shape.ow + simd::kLanes);
    window_starts = layout.reserve<std::int32_t>(pitch + simd::kLanes);
    distances = layout.reserve<std::int32_t>(taps + kLineGap);
  }
};

// The windows of `columns` columns from ow on in `rows` output rows from oh on: neighbours in y.
struct PoolRun {
  Index oh, rows, ow, columns;

  [[nodiscard]] Index count() const { return rows * columns; }
  [[nodiscard]] bool is_first() const { return oh == 0 && ow == 0; }
  [[nodiscard]] bool is_last(const Pool2dShape& shape) const {
    return oh + rows == shape.oh && ow + columns == shape.ow;
  }
  [[nodiscard]] Index out(const Pool2dShape& shape) const { return oh * shape.ow + ow; }
};

template <typename Visit>
void for_each_run(const Pool2dShape& shape, const PoolPlan& plan, Visit visit) {
  for (Index oh = 0; oh < shape.oh; oh += plan.rows) {
    for (Index ow = 0; ow < shape.ow; ow += plan.columns) {
      visit(PoolRun{oh, std::min(plan.rows, shape.oh - oh), ow,
                    std::min(plan.columns, shape.ow - ow)});
    }
  }
}

// Calls visit(row of the matrix, first window, first, last, offset) for every tap and output row of
// the run: for its columns [first, last) the tap lies inside the plane, at offset + i*stride_w;
// first = last where it does for none.
template <typename Visit>
void for_each_tap_row(const Pool2dShape& given_shape, const PoolRun& given_run, Visit visit) {
  // Copies, which no vector's store can change.
  const Pool2dShape shape = given_shape;
  const PoolRun run = given_run;
  const Index stride = shape.stride_w;
  for (Index s = 0; s < shape.kernel_w; ++s) {
    const Index iw = run.ow * stride - shape.pad_left + s * shape.dilation_w;
    const Index first = iw < 0 ? std::min(run.columns, (-iw + stride - 1) / stride) : 0;
    const Index last = iw >= shape.w
                           ? first
                           : std::clamp((shape.w - iw + stride - 1) / stride, first, run.columns);
    for (Index r = 0; r < shape.kernel_h; ++r) {
      const Index tap = r * shape.kernel_w + s;
      Index ih = run.oh * shape.stride_h - shape.pad_top + r * shape.dilation_h;
      for (Index i = 0; i < run.rows; ++i, ih += shape.stride_h) {
        const bool inside = ih >= 0 && ih < shape.h;
        visit(tap, i * run.columns, first, inside ? last : first, ih * shape.w + iw);
      }
    }
  }
}

// img2col: matrix[taps][pitch] of plane[H, W], `padding` where a tap lies outside.
void lower(const Pool2dShape& shape, const PoolPlan& plan, const PoolRun& run, const float* plane,
           float padding, float* matrix) {
  const Index stride = shape.stride_w, columns = run.columns, pitch = plan.pitch;
  for_each_tap_row(shape, run, [=](Index tap, Index window, Index first, Index last, Index offset) {
    float* out = matrix + tap * pitch + window;
    if (first > 0) std::fill_n(out, first, padding);
    if (first < last) {
      gather_columns(plane + offset + first * stride, stride, last - first, out + first);
    }
    if (last < columns) std::fill_n(out + last, columns - last, padding);
  });
}

// col2img: plane[H, W] += matrix[taps][pitch], tap by tap.
void scatter(const Pool2dShape& shape, const PoolPlan& plan, const PoolRun& run,
             const float* matrix, float* plane) {
  const Index stride = shape.stride_w, pitch = plan.pitch;
  for_each_tap_row(shape, run, [=](Index tap, Index window, Index first, Index last, Index offset) {
    add_columns(matrix + tap * pitch + window + first, stride, last - first,
                plane + offset + first * stride);
  });
}

// The same for taps outside the plane, wherever in it their numbers are: those of a gradient.
void scatter_outside(const Pool2dShape& shape, const PoolPlan& plan, const PoolRun& run,
                     const float* matrix, float* plane) {
  for_each_tap_row(shape, run, [&](Index tap, Index window, Index first, Index last, Index offset) {
    const float* in = matrix + tap * plan.pitch + window;
    for (Index i = first > 0 ? 0 : last; i < run.columns; i = i + 1 == first ? last : i + 1) {
      if (in[i] != 0.0f) plane[offset + i * shape.stride_w] += in[i];
    }
  });
}

bool all_inside(const PoolAxis& axis, Index windows) {
  return axis.pad_before == 0 &&
         (windows - 1) * axis.stride + (axis.kernel - 1) * axis.dilation < axis.extent;
}

// The memory of one thread, and the indices of a run's windows.
class Windows {
 public:
  Windows(const Pool2dShape& shape, const PoolPlan& plan, void* workspace)
      : matrix(WorkspaceLayout::at<float>(workspace, plan.matrix)),
        starts(WorkspaceLayout::at<std::int32_t>(workspace, plan.window_starts)),
        divisors(WorkspaceLayout::at<float>(workspace, plan.window_starts)),
        distances(WorkspaceLayout::at<std::int32_t>(workspace, plan.distances)),
        shape_(shape),
        column_starts_(WorkspaceLayout::at<std::int32_t>(workspace, plan.column_starts)),
        column_divisors_(WorkspaceLayout::at<float>(workspace, plan.column_divisors)) {
    for (Index tap = 0; tap < plan.taps; ++tap) {
      const Index r = tap / shape.kernel_w, s = tap % shape.kernel_w;
      distances[tap] =
          static_cast<std::int32_t>(r * shape.dilation_h * shape.w + s * shape.dilation_w);
    }
    const PoolAxis horizontal = horizontal_axis(shape);
    kernels::fill_divisors(horizontal, shape.ow, shape.count_include_pad, column_divisors_);
    for (Index ow = 0; ow < shape.ow; ++ow) {
      column_starts_[ow] = static_cast<std::int32_t>(horizontal.taps(ow).start);
    }
  }

  // Whole vectors: what is too much of a row, the next one overwrites.
  void fill_indices(const PoolRun& run) {
    for (Index i = 0; i < run.rows; ++i) {
      const auto start = simd::broadcast(
          static_cast<std::int32_t>(((run.oh + i) * shape_.stride_h - shape_.pad_top) * shape_.w));
      std::int32_t* const to = starts + i * run.columns;
      for (Index j = 0; j < run.columns; j += simd::kLanes) {
        simd::store(to + j, start + simd::load(column_starts_ + run.ow + j));
      }
    }
  }

  void fill_divisors(const PoolRun& run) {
    const PoolAxis vertical = vertical_axis(shape_);
    for (Index i = 0; i < run.rows; ++i) {
      const auto down = simd::broadcast(
          static_cast<float>(vertical.divisor(run.oh + i, shape_.count_include_pad)));
      float* const to = divisors + i * run.columns;
      for (Index j = 0; j < run.columns; j += simd::kLanes) {
        simd::store(to + j, down * simd::load(column_divisors_ + run.ow + j));
      }
    }
  }

  float* matrix;
  std::int32_t* starts;     // [count of the run]
  float* divisors;          // [count of the run], in the memory of starts
  std::int32_t* distances;  // [taps]: how far each is behind its window's tap 0 in the plane

 private:
  const Pool2dShape& shape_;
  std::int32_t* column_starts_;
  float* column_divisors_;
};

// Does one run: of the plane whose input begins at cell `in`, with outputs from cell `out` on. The
// timer is at kReduce, and is left there.
using RunFunction = void (*)(const void* context, Windows& windows, const PoolRun& run, Index in,
                             Index out, PhaseTimer& timer);

void run_all_of(const Pool2dShape& shape, const Workspace& workspace, const PoolPlan& plan,
                RunFunction run_of, const void* context) {
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
  for_each_plane_group(shape, workspace, plan.layout.bytes(),
                       [&](Index begin, Index end, void* scratch, int worker) {
                         Windows windows(shape, plan, scratch);
                         PhaseTimer timer(workspace, Phase::kReduce, worker);
                         for (Index i = begin; i < end; ++i) {
                           for_each_run(shape, plan, [&](const PoolRun& run) {
                             run_of(context, windows, run, i * in_size,
                                    i * out_size + run.out(shape), timer);
                           });
                         }
                       });
}

// Calls run_of(windows, run, in, out, timer) for every run, those of a plane in their order.
template <typename Run>
void run_all(const Pool2dShape& shape, const Workspace& workspace, const PoolPlan& plan,
             const Run& run_of) {
  run_all_of(
      shape, workspace, plan,
      [](const void* context, Windows& windows, const PoolRun& run, Index in, Index out,
         PhaseTimer& timer) { (*static_cast<const Run*>(context))(windows, run, in, out, timer); },
      &run_of);
}

}  // namespace

std::int64_t pool2d_im2col_workspace(const Pool2dShape& shape, int threads) {
  return PoolPlan(shape).layout.bytes() * threads;
}

// x[N,C,H,W] -> y[N,C,OH,OW], indices[N,C,OH,OW]
void max_pool2d_forward_im2col(const Pool2dShape& shape, const float* x, float* y,
                               std::int32_t* indices, const Workspace& workspace) {
  const PoolPlan plan(shape);
  run_all(shape, workspace, plan,
          [&](Windows& windows, const PoolRun& run, Index in, Index out, PhaseTimer& timer) {
            timer.enter(Phase::kLower);
            lower(shape, plan, run, x + in, -std::numeric_limits<float>::infinity(),
                  windows.matrix);
            timer.enter(Phase::kReduce);
            windows.fill_indices(run);
            const Index taps = plan.taps, pitch = plan.pitch;
            const std::int32_t* const distances = windows.distances;
            for_each_vector(run.count(), [&](Index i) {
              const simd::IntVec starts = simd::load(windows.starts + i);
              const float* column = windows.matrix + i;
              RunningMax running{simd::load(column), starts};
              for (Index tap = 1; tap < taps; ++tap) {
                column += pitch;
                running.take(simd::load(column), starts + simd::broadcast(distances[tap]));
              }
              store_columns(y + out + i, running.max, run.count() - i);
              store_columns(indices + out + i, running.at, run.count() - i);
            });
            if (!run.is_last(shape)) return;
            if (std::isfinite(sum_of(x + in, shape.h * shape.w))) return;
            const Index first = out - run.out(shape);
            max_of_odd_planes(shape, 1, x + in, y + first, indices + first);
          });
}

// dy[N,C,OH,OW] indices[N,C,OH,OW] -> dx[N,C,H,W]
void max_pool2d_backward_im2col(const Pool2dShape& shape, const float* dy,
                                const std::int32_t* indices, float* dx,
                                const Workspace& workspace) {
  const PoolPlan plan(shape);
  const bool inside =
      all_inside(vertical_axis(shape), shape.oh) && all_inside(horizontal_axis(shape), shape.ow);
  run_all(shape, workspace, plan,
          [&](Windows& windows, const PoolRun& run, Index in, Index out, PhaseTimer& timer) {
            float* plane = dx + in;
            if (run.is_first()) clear_columns(plane, shape.h * shape.w);
            windows.fill_indices(run);
            const Index taps = plan.taps, pitch = plan.pitch, count = run.count();
            const std::int32_t* const distances = windows.distances;
            simd::IntVec all_spent = simd::broadcast(std::int32_t{-1});
            for_each_vector(count, [&](Index i) {
              // A gradient goes to the first tap with the number that its index names, and is spent
              // then.
              const simd::Vec gradient = load_columns(dy + out + i, count - i);
              const simd::IntVec index = load_columns(indices + out + i, count - i);
              const simd::IntVec starts = simd::load(windows.starts + i);
              simd::IntVec spent = simd::broadcast(std::int32_t{0});
              float* column = windows.matrix + i;
              for (Index tap = 0; tap < taps; ++tap, column += pitch) {
                const simd::IntVec named =
                    simd::minus_one_where_equal(index, starts + simd::broadcast(distances[tap]));
                simd::store(column, simd::keep(named & ~spent, gradient));
                spent = spent | named;
              }
              all_spent = all_spent & spent;
            });
            timer.enter(Phase::kScatter);
            scatter(shape, plan, run, windows.matrix, plane);
            timer.enter(Phase::kReduce);
            // A tap in the padding has the number of a cell elsewhere.
            if (!inside) scatter_outside(shape, plan, run, windows.matrix, plane);
            if (simd::all_equal(all_spent, simd::broadcast(std::int32_t{-1}))) return;
            // Not in its own window: an index of the caller's making, which has no row in the
            // matrix.
            for (Index i = 0; i < count; ++i) {
              const std::int32_t index = indices[out + i], distance = index - windows.starts[i];
              if (std::find(distances, distances + taps, distance) == distances + taps) {
                plane[index] += dy[out + i];
              }
            }
          });
}

// x[N,C,H,W] -> y[N,C,OH,OW]
void avg_pool2d_forward_im2col(const Pool2dShape& shape, const float* x, float* y,
                               const Workspace& workspace) {
  const PoolPlan plan(shape);
  run_all(shape, workspace, plan,
          [&](Windows& windows, const PoolRun& run, Index in, Index out, PhaseTimer& timer) {
            timer.enter(Phase::kLower);
            lower(shape, plan, run, x + in, 0.0f, windows.matrix);
            timer.enter(Phase::kReduce);
            windows.fill_divisors(run);
            for_each_vector(run.count(), [&](Index i) {
              const float* tap = windows.matrix + i;
              simd::Vec total = simd::broadcast(0.0f);
              for (Index r = 0; r < shape.kernel_h; ++r) {
                // Rows are summed by themselves: sums of at most kernel_w terms, then of kernel_h.
                simd::Vec of_row = simd::broadcast(0.0f);
                for (Index s = 0; s < shape.kernel_w; ++s, tap += plan.pitch)
                  of_row += simd::load(tap);
                total += of_row;
              }
              store_columns(y + out + i, total / simd::load(windows.divisors + i), run.count() - i);
            });
          });
}

// dy[N,C,OH,OW] -> dx[N,C,H,W]
void avg_pool2d_backward_im2col(const Pool2dShape& shape, const float* dy, float* dx,
                                const Workspace& workspace) {
  const PoolPlan plan(shape);
  run_all(shape, workspace, plan,
          [&](Windows& windows, const PoolRun& run, Index in, Index out, PhaseTimer& timer) {
            if (run.is_first()) clear_columns(dx + in, shape.h * shape.w);
            windows.fill_divisors(run);
            // Copies, which no vector's store can change.
            const Index taps = plan.taps, pitch = plan.pitch, count = run.count();
            const float *const divisors = windows.divisors, *const from = dy + out;
            float* const matrix = windows.matrix;
            for_each_vector(count, [=](Index i) {
              const simd::Vec share = load_columns(from + i, count - i) / simd::load(divisors + i);
              float* column = matrix + i;
              for (Index tap = 0; tap < taps; ++tap, column += pitch) simd::store(column, share);
            });
            timer.enter(Phase::kScatter);
            scatter(shape, plan, run, windows.matrix, dx + in);
            timer.enter(Phase::kReduce);
          });
}

}  // namespace convgrad::kernels
