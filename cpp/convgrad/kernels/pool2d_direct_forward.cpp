// Pooling forward by direct loops over the window, method 1 of the chapter; output columns across
// the lanes.
//
// A window is reduced down its rows first, all columns of the input alike, then along them; between
// the two lie a few rows, with the neutral number in the padding.
#include <limits>

#include "convgrad/kernels/pool2d_kernels.h"
#include "convgrad/kernels/pool_rows.h"
#include "convgrad/kernels/pool_window.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

struct RowPlan {
  Index pitch;  // floats of a padded row, with room for the last vectors
  Index kept;   // rows between the two steps
  WorkspaceLayout layout;
  std::int64_t values;      // [kept, pitch]: the maxima or sums down a window's rows
  std::int64_t keys;        // [kept, pitch]: and where in the plane the maxima stand
  std::int64_t divisors;    // [OW rounded up]
  std::int64_t row_starts;  // [kernel_h]: where the rows of a window begin in the plane

  explicit RowPlan(const Pool2dShape& shape)
      : pitch(simd::round_up(
            std::max(shape.pad_left + shape.w, simd::round_up(shape.ow) * shape.stride_w +
                                                   (shape.kernel_w - 1) * shape.dilation_w) +
            2 * simd::kLanes)),
        kept(rows_kept(shape.oh, pitch)) {
    values = layout.reserve<float>(std::int64_t{kept} * pitch);
    keys = layout.reserve<std::int32_t>(std::int64_t{kept} * pitch);
    divisors = layout.reserve<float>(simd::round_up(shape.ow));
    row_starts = layout.reserve<Index>(shape.kernel_h);
  }
};

// Fills row_starts with where the rows of a window that lie inside begin in the plane, and answers
// how many they are.
Index find_rows(const Pool2dShape& shape, Index oh, Index* row_starts) {
  const PoolAxis::Taps taps = vertical_axis(shape).taps(oh);
  for (Index r = taps.first; r < taps.last; ++r) {
    row_starts[r - taps.first] = (taps.start + r * shape.dilation_h) * shape.w;
  }
  return taps.last - taps.first;
}

// The maximum of each column down `count` rows; `keys` tells where it stands: cells of the plane -
// its index. A later row takes over only when it is larger: the first maximum wins. The answer is a
// sum of all that was read: NaN if there was one (and also where infinities of both signs meet).
[[gnu::noinline]] simd::Vec max_down(const float* plane, Index cells, Index width,
                                     const Index* row_starts, Index count, float* values,
                                     std::int32_t* keys) {
  simd::Vec sum = simd::broadcast(0.0f);
  const simd::IntVec first_key =
      simd::broadcast(static_cast<std::int32_t>(cells)) - simd::lane_numbers();
  with_taps(count, [&]<int kTaps>() {
    const Rows<kTaps> rows(plane, row_starts, count);
    simd::Vec partial = simd::broadcast(0.0f);
    for_each_block(width, [&]<int kVecs>(Index block) {
      for (Index v = 0; v < kVecs; ++v) {
        const Index iw = block + v * simd::kLanes;
        simd::Vec best = load_block<kVecs>(rows.at(0, block) + v * simd::kLanes, width);
        simd::IntVec start = simd::broadcast(static_cast<std::int32_t>(rows.start(0)));
        partial += best;
        for (Index r = 1; r < rows.count(); ++r) {
          const simd::Vec value = load_block<kVecs>(rows.at(r, block) + v * simd::kLanes, width);
          const auto here = simd::broadcast(static_cast<std::int32_t>(rows.start(r)));
          start = simd::larger(start, simd::keep_where(value > best, here));
          best = simd::larger(best, value);
          partial += value;
        }
        const simd::IntVec key = first_key - simd::broadcast(static_cast<std::int32_t>(iw)) - start;
        store_block<kVecs>(values + iw, best, width);
        store_block<kVecs>(keys + iw, key, width);
      }
    });
    sum = partial;
  });
  return sum;
}

// One axis of a window in max_down's and sum_down's row.
struct Window {
  Index count, kernel, stride, dilation;

  explicit Window(const Pool2dShape& shape)
      : count(shape.ow),
        kernel(shape.kernel_w),
        stride(shape.stride_w),
        dilation(shape.dilation_w) {}
};

// Calls run.template operator()<stride, taps>() for the usual windows along a row, with 0 for what
// is not known when compiling.
template <typename Run>
void with_window(const Window& window, Run run) {
  const bool three = window.kernel == 3 && window.dilation == 1;
  if (window.stride == 1) {
    return three ? run.template operator()<1, 3>() : run.template operator()<1, 0>();
  }
  if (window.stride == 2) {
    return three ? run.template operator()<2, 3>() : run.template operator()<2, 0>();
  }
  run.template operator()<0, 0>();
}

// The maximum of each window along what max_down left; among equals the largest key, which is the
// smallest index, wins, and padding, -inf with a key of 0, never does.
[[gnu::noinline]] void max_along(Window window, Index cells, const float* values,
                                 const std::int32_t* keys, float* y, std::int32_t* indices) {
  const auto end = simd::broadcast(static_cast<std::int32_t>(cells));
  with_window(window, [&]<int kStride, int kTaps>() {
    const Index columns = window.count;
    const Index stride = kStride > 0 ? kStride : window.stride;
    const Index kernel = kTaps > 0 ? kTaps : window.kernel;
    const Index dilation = kTaps > 0 ? 1 : window.dilation;
    for (Index to = 0; to < columns; to += simd::kLanes) {
      const Index ow = std::min(to, std::max<Index>(columns - simd::kLanes, 0));
      const float* value = values + ow * stride;
      const std::int32_t* key = keys + ow * stride;
      simd::Vec best = simd::load_strided<kStride>(value, stride);
      simd::IntVec at = simd::load_strided<kStride>(key, stride);
      for (Index s = 1; s < kernel; ++s) {
        value += dilation;
        key += dilation;
        const simd::Vec v = simd::load_strided<kStride>(value, stride);
        const simd::IntVec k = simd::load_strided<kStride>(key, stride);
        at = simd::larger(simd::keep_where(best >= v, at), simd::keep_where(v >= best, k));
        // Not the larger: of two zeros the one that `at` stands for.
        best = simd::select_equal(at, k, v, best);
      }
      store_columns(y + ow, best, columns);
      store_columns(indices + ow, end - at, columns);
    }
  });
}

// The mean of each window along what sum_down left.
[[gnu::noinline]] void mean_along(Window window, const float* values, const float* divisors,
                                  float row_divisor, float* y) {
  with_window(window, [&]<int kStride, int kTaps>() {
    const Index columns = window.count;
    const Index stride = kStride > 0 ? kStride : window.stride;
    const Index kernel = kTaps > 0 ? kTaps : window.kernel;
    const Index dilation = kTaps > 0 ? 1 : window.dilation;
    for (Index to = 0; to < columns; to += simd::kLanes) {
      const Index ow = std::min(to, std::max<Index>(columns - simd::kLanes, 0));
      const float* value = values + ow * stride;
      simd::Vec total = simd::load_strided<kStride>(value, stride);
      for (Index s = 1; s < kernel; ++s) {
        value += dilation;
        total += simd::load_strided<kStride>(value, stride);
      }
      const simd::Vec divisor = simd::load(divisors + ow) * simd::broadcast(row_divisor);
      store_columns(y + ow, total / divisor, columns);
    }
  });
}

// The taps of a vector of windows of 2x2, row by row.
struct Tile2x2 {
  simd::Vec a, b, c, d;

  Tile2x2(const float* upper, const float* lower) {
    const simd::Vec u0 = simd::load(upper), u1 = simd::load(upper + simd::kLanes);
    const simd::Vec l0 = simd::load(lower), l1 = simd::load(lower + simd::kLanes);
    a = simd::even_elements(u0, u1);
    b = simd::odd_elements(u0, u1);
    c = simd::even_elements(l0, l1);
    d = simd::odd_elements(l0, l1);
  }
};

// plane[H,W] -> y[OH,OW], indices[OH,OW]; the answer is NaN if the plane has a NaN in some window.
[[gnu::noinline]] simd::Vec max_of_tiles_2x2(const Pool2dShape& shape, const float* plane, float* y,
                                             std::int32_t* indices) {
  const Index rows = shape.oh, columns = shape.ow, width = shape.w;
  const simd::IntVec right = simd::broadcast(1),
                     below = simd::broadcast(static_cast<std::int32_t>(width));
  const simd::IntVec lanes = simd::lane_numbers() + simd::lane_numbers();
  simd::Vec sum = simd::broadcast(0.0f);
  for (Index oh = 0; oh < rows; ++oh) {
    const Index top = 2 * oh * width;
    for_each_vector(columns, [&](Index ow) {
      const float* upper = plane + top + 2 * ow;
      const Tile2x2 tile(upper, upper + width);
      sum += (tile.a + tile.b) + (tile.c + tile.d);
      const simd::Vec upper_max = simd::larger(tile.a, tile.b);
      const simd::Vec lower_max = simd::larger(tile.c, tile.d);
      const simd::IntVec upper_at = simd::keep_where(tile.b > tile.a, right);
      const simd::IntVec lower_at = simd::keep_where(tile.d > tile.c, right) + below;
      const simd::IntVec at =
          simd::larger(upper_at, simd::keep_where(lower_max > upper_max, lower_at));
      simd::store(y + ow, simd::larger(upper_max, lower_max));
      simd::store(indices + ow,
                  at + lanes + simd::broadcast(static_cast<std::int32_t>(top + 2 * ow)));
    });
    y += columns;
    indices += columns;
  }
  return sum;
}

[[gnu::noinline]] void mean_of_tiles_2x2(const Pool2dShape& shape, const float* plane, float* y) {
  const Index rows = shape.oh, columns = shape.ow, width = shape.w;
  for (Index oh = 0; oh < rows; ++oh) {
    for_each_vector(columns, [&](Index ow) {
      const float* upper = plane + 2 * (oh * width + ow);
      const Tile2x2 tile(upper, upper + width);
      simd::store(y + ow, ((tile.a + tile.b) + (tile.c + tile.d)) * simd::broadcast(0.25f));
    });
    y += columns;
  }
}

}  // namespace

std::int64_t pool2d_forward_direct_workspace(const Pool2dShape& shape, int threads) {
  return tiles_2x2(shape) ? 0 : RowPlan(shape).layout.bytes() * threads;
}

// x[N,C,H,W] -> y[N,C,OH,OW], indices[N,C,OH,OW]
void max_pool2d_forward_direct(const Pool2dShape& shape, const float* x, float* y,
                               std::int32_t* indices, const Workspace& workspace) {
  const RowPlan plan(shape);
  const bool tiles = tiles_2x2(shape);
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
  // In a plane with a NaN the comparisons above cannot be relied on.
  const auto finish = [&](Index i, simd::Vec sum) {
    if (!simd::has_nan(sum)) return;
    Pool2dShape single = shape;
    single.n = single.c = 1;
    max_pool2d_forward_reference(single, x + i * in_size, y + i * out_size, indices + i * out_size);
  };
  for_each_plane_group(
      shape, workspace, tiles ? 0 : plan.layout.bytes(),
      [&](Index begin, Index end, void* scratch) {
        if (tiles) {
          for (Index i = begin; i < end; ++i) {
            finish(i, max_of_tiles_2x2(shape, x + i * in_size, y + i * out_size,
                                       indices + i * out_size));
          }
          return;
        }
        auto* values = WorkspaceLayout::at<float>(scratch, plan.values);
        auto* keys = WorkspaceLayout::at<std::int32_t>(scratch, plan.keys);
        auto* row_starts = WorkspaceLayout::at<Index>(scratch, plan.row_starts);
        std::fill_n(values, plan.kept * plan.pitch, -std::numeric_limits<float>::infinity());
        std::fill_n(keys, plan.kept * plan.pitch, 0);
        for (Index i = begin; i < end; ++i) {
          simd::Vec sum = simd::broadcast(0.0f);
          for_each_kept(
              shape.oh, plan.kept,
              [&](Index oh) {
                const Index count = find_rows(shape, oh, row_starts);
                const Index at = oh % plan.kept * plan.pitch + shape.pad_left;
                sum += max_down(x + i * in_size, in_size, shape.w, row_starts, count, values + at,
                                keys + at);
              },
              [&](Index oh) {
                const Index out = i * out_size + oh * shape.ow, at = oh % plan.kept * plan.pitch;
                max_along(Window(shape), in_size, values + at, keys + at, y + out, indices + out);
              });
          finish(i, sum);
        }
      });
}

// x[N,C,H,W] -> y[N,C,OH,OW]
void avg_pool2d_forward_direct(const Pool2dShape& shape, const float* x, float* y,
                               const Workspace& workspace) {
  const RowPlan plan(shape);
  const bool tiles = tiles_2x2(shape);
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
  const PoolAxis vertical = vertical_axis(shape);
  for_each_plane_group(
      shape, workspace, tiles ? 0 : plan.layout.bytes(),
      [&](Index begin, Index end, void* scratch) {
        if (tiles) {
          for (Index i = begin; i < end; ++i) {
            mean_of_tiles_2x2(shape, x + i * in_size, y + i * out_size);
          }
          return;
        }
        auto* values = WorkspaceLayout::at<float>(scratch, plan.values);
        auto* divisors = WorkspaceLayout::at<float>(scratch, plan.divisors);
        auto* row_starts = WorkspaceLayout::at<Index>(scratch, plan.row_starts);
        std::fill_n(values, plan.kept * plan.pitch, 0.0f);
        fill_column_divisors(shape, simd::round_up(shape.ow), divisors);
        for (Index i = begin; i < end; ++i) {
          for_each_kept(
              shape.oh, plan.kept,
              [&](Index oh) {
                const Index count = find_rows(shape, oh, row_starts);
                sum_down(x + i * in_size, shape.w, row_starts, count,
                         values + oh % plan.kept * plan.pitch + shape.pad_left);
              },
              [&](Index oh) {
                const auto down = static_cast<float>(vertical.divisor(oh, shape.count_include_pad));
                mean_along(Window(shape), values + oh % plan.kept * plan.pitch, divisors, down,
                           y + i * out_size + oh * shape.ow);
              });
        }
      });
}

}  // namespace convgrad::kernels
