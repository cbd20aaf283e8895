// Pooling forward by direct loops over the window, method 1 of the chapter; output columns across
// the lanes.
//
// A window is reduced down its rows first, all columns of the input alike, then along them; between
// the two lies one row, with the neutral number in the padding.
#include <limits>

#include "convgrad/kernels/pool2d_kernels.h"
#include "convgrad/kernels/pool_rows.h"
#include "convgrad/kernels/pool_window.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

struct RowPlan {
  Index pitch;  // floats of a padded row, with room for the last vectors
  WorkspaceLayout layout;
  std::int64_t values;      // [2, pitch]: the maxima or sums down a window's rows
  std::int64_t keys;        // [2, pitch]: and where in the plane the maxima stand
  std::int64_t divisors;    // [OW rounded up]
  std::int64_t row_starts;  // [kernel_h]: where the rows of a window begin in the plane

  explicit RowPlan(const Pool2dShape& shape)
      : pitch(simd::round_up(
            std::max(shape.pad_left + shape.w, simd::round_up(shape.ow) * shape.stride_w +
                                                   (shape.kernel_w - 1) * shape.dilation_w) +
            2 * simd::kLanes)) {
    values = layout.reserve<float>(std::int64_t{2} * pitch);
    keys = layout.reserve<std::int32_t>(std::int64_t{2} * pitch);
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

simd::Vec load_column(const float* p, Index width) {
  return width >= simd::kLanes ? simd::load(p) : simd::load_first(p, width);
}

// Calls down(oh), then along(oh) for every output row, the next row's down() before a row's
// along(): what the one stores the other does not load before it has left the store queue.
template <typename Down, typename Along>
void pipeline(Index rows, Down down, Along along) {
  for (Index oh = 0; oh <= rows; ++oh) {
    if (oh < rows) down(oh);
    if (oh > 0) along(oh - 1);
  }
}

// Calls run.template operator()<stride>() for the usual strides, <0> for all others.
template <typename Run>
void with_stride(Index stride, Run run) {
  if (stride == 1) return run.template operator()<1>();
  if (stride == 2) return run.template operator()<2>();
  run.template operator()<0>();
}

// The maximum of each column down `count` rows; `keys` tells where it stands: cells of the plane -
// its index. A later row takes over only when it is larger: the first maximum wins. The answer is a
// sum of all that was read: NaN if there was one (and also where infinities of both signs meet).
simd::Vec max_down(const Pool2dShape& shape, const float* plane, const Index* row_starts,
                   Index count, float* values, std::int32_t* keys) {
  simd::Vec sum = simd::broadcast(0.0f);
  const simd::IntVec first_key =
      simd::broadcast(static_cast<std::int32_t>(shape.h * shape.w)) - simd::lane_numbers();
  with_taps(count, [&]<int kTaps>() {
    for_each_vector(shape.w, [&](Index iw) {
      const float* column = plane + iw;
      simd::Vec best = load_column(column + row_starts[0], shape.w);
      simd::IntVec start = simd::broadcast(static_cast<std::int32_t>(row_starts[0]));
      sum += best;
      for (Index r = 1; r < (kTaps > 0 ? kTaps : count); ++r) {
        const simd::Vec value = load_column(column + row_starts[r], shape.w);
        const auto here = simd::broadcast(static_cast<std::int32_t>(row_starts[r]));
        start = simd::larger(start, simd::keep_where(value > best, here));
        best = simd::larger(best, value);
        sum += value;
      }
      const simd::IntVec key = first_key - simd::broadcast(static_cast<std::int32_t>(iw)) - start;
      store_columns(values + iw, best, shape.w);
      store_columns(keys + iw, key, shape.w);
    });
  });
  return sum;
}

// The maximum of each window along what max_down left; among equals the largest key, which is the
// smallest index, wins, and padding, -inf with a key of 0, never does.
void max_along(const Pool2dShape& shape, const float* values, const std::int32_t* keys, float* y,
               std::int32_t* indices) {
  const auto cells = simd::broadcast(static_cast<std::int32_t>(shape.h * shape.w));
  with_stride(shape.stride_w, [&]<int kStride>() {
    for_each_vector(shape.ow, [&](Index ow) {
      const float* value = values + ow * shape.stride_w;
      const std::int32_t* key = keys + ow * shape.stride_w;
      simd::Vec best = simd::load_strided<kStride>(value, shape.stride_w);
      simd::IntVec at = simd::load_strided<kStride>(key, shape.stride_w);
      for (Index s = 1; s < shape.kernel_w; ++s) {
        value += shape.dilation_w;
        key += shape.dilation_w;
        const simd::Vec v = simd::load_strided<kStride>(value, shape.stride_w);
        const simd::IntVec k = simd::load_strided<kStride>(key, shape.stride_w);
        at = simd::larger(simd::keep_where(best >= v, at), simd::keep_where(v >= best, k));
        best = simd::larger(best, v);
      }
      store_columns(y + ow, best, shape.ow - ow);
      store_columns(indices + ow, cells - at, shape.ow - ow);
    });
  });
}

// The sum of each column down `count` rows.
void sum_down(const Pool2dShape& shape, const float* plane, const Index* row_starts, Index count,
              float* values) {
  with_taps(count, [&]<int kTaps>() {
    for_each_vector(shape.w, [&](Index iw) {
      const float* column = plane + iw;
      simd::Vec total = load_column(column + row_starts[0], shape.w);
      for (Index r = 1; r < (kTaps > 0 ? kTaps : count); ++r) {
        total += load_column(column + row_starts[r], shape.w);
      }
      store_columns(values + iw, total, shape.w);
    });
  });
}

// The mean of each window along what sum_down left.
void mean_along(const Pool2dShape& shape, const float* values, const float* divisors,
                float row_divisor, float* y) {
  with_stride(shape.stride_w, [&]<int kStride>() {
    for_each_vector(shape.ow, [&](Index ow) {
      const float* value = values + ow * shape.stride_w;
      simd::Vec total = simd::load_strided<kStride>(value, shape.stride_w);
      for (Index s = 1; s < shape.kernel_w; ++s) {
        value += shape.dilation_w;
        total += simd::load_strided<kStride>(value, shape.stride_w);
      }
      const simd::Vec divisor = simd::load(divisors + ow) * simd::broadcast(row_divisor);
      store_columns(y + ow, total / divisor, shape.ow - ow);
    });
  });
}

// Whether the plane falls into whole windows of 2x2, the commonest pooling, at least a vector of
// them in a row: then nothing needs sorting or keeping.
bool tiles_2x2(const Pool2dShape& shape) {
  return shape.kernel_h == 2 && shape.kernel_w == 2 && shape.stride_h == 2 && shape.stride_w == 2 &&
         shape.dilation_h == 1 && shape.dilation_w == 1 && (shape.pad_top | shape.pad_left) == 0 &&
         2 * shape.oh <= shape.h && 2 * shape.ow <= shape.w && shape.ow >= simd::kLanes;
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
simd::Vec max_of_tiles_2x2(const Pool2dShape& shape, const float* plane, float* y,
                           std::int32_t* indices) {
  const auto width = static_cast<std::int32_t>(shape.w);
  const simd::IntVec right = simd::broadcast(1), below = simd::broadcast(width);
  const simd::IntVec columns = simd::lane_numbers() + simd::lane_numbers();
  simd::Vec sum = simd::broadcast(0.0f);
  for (Index oh = 0; oh < shape.oh; ++oh) {
    const Index top = 2 * oh * shape.w;
    for_each_vector(shape.ow, [&](Index ow) {
      const float* upper = plane + top + 2 * ow;
      const Tile2x2 tile(upper, upper + shape.w);
      sum += (tile.a + tile.b) + (tile.c + tile.d);
      const simd::Vec upper_max = simd::larger(tile.a, tile.b);
      const simd::Vec lower_max = simd::larger(tile.c, tile.d);
      const simd::IntVec upper_at = simd::keep_where(tile.b > tile.a, right);
      const simd::IntVec lower_at = simd::keep_where(tile.d > tile.c, right) + below;
      const simd::IntVec at =
          simd::larger(upper_at, simd::keep_where(lower_max > upper_max, lower_at));
      simd::store(y + ow, simd::larger(upper_max, lower_max));
      simd::store(indices + ow,
                  at + columns + simd::broadcast(static_cast<std::int32_t>(top + 2 * ow)));
    });
    y += shape.ow;
    indices += shape.ow;
  }
  return sum;
}

void mean_of_tiles_2x2(const Pool2dShape& shape, const float* plane, float* y) {
  for (Index oh = 0; oh < shape.oh; ++oh) {
    for_each_vector(shape.ow, [&](Index ow) {
      const float* upper = plane + 2 * (oh * shape.w + ow);
      const Tile2x2 tile(upper, upper + shape.w);
      simd::store(y + ow, ((tile.a + tile.b) + (tile.c + tile.d)) * simd::broadcast(0.25f));
    });
    y += shape.ow;
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
        std::fill_n(values, 2 * plan.pitch, -std::numeric_limits<float>::infinity());
        std::fill_n(keys, 2 * plan.pitch, 0);
        for (Index i = begin; i < end; ++i) {
          simd::Vec sum = simd::broadcast(0.0f);
          pipeline(
              shape.oh,
              [&](Index oh) {
                const Index count = find_rows(shape, oh, row_starts);
                const Index at = oh % 2 * plan.pitch + shape.pad_left;
                sum += max_down(shape, x + i * in_size, row_starts, count, values + at, keys + at);
              },
              [&](Index oh) {
                const Index out = i * out_size + oh * shape.ow, at = oh % 2 * plan.pitch;
                max_along(shape, values + at, keys + at, y + out, indices + out);
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
        std::fill_n(values, 2 * plan.pitch, 0.0f);
        fill_column_divisors(shape, simd::round_up(shape.ow), divisors);
        for (Index i = begin; i < end; ++i) {
          pipeline(
              shape.oh,
              [&](Index oh) {
                const Index count = find_rows(shape, oh, row_starts);
                sum_down(shape, x + i * in_size, row_starts, count,
                         values + oh % 2 * plan.pitch + shape.pad_left);
              },
              [&](Index oh) {
                const auto down = static_cast<float>(vertical.divisor(oh, shape.count_include_pad));
                mean_along(shape, values + oh % 2 * plan.pitch, divisors, down,
                           y + i * out_size + oh * shape.ow);
              });
        }
      });
}

}  // namespace convgrad::kernels
