// Pooling backward by direct loops, method 1 of the chapter: max scatters, mean spreads.
#include "convgrad/kernels/pool2d_kernels.h"
#include "convgrad/kernels/pool_rows.h"
#include "convgrad/kernels/pool_window.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

struct SpreadPlan {
  Index reach;  // columns of dy to the left of its own that a cell of dx gathers from
  Index pitch;  // floats of a row with zeros around
  Index kept;   // rows between the two steps
  WorkspaceLayout layout;
  std::int64_t shares;      // [OH, OW]: a plane of dy, divided
  std::int64_t sums;        // [kept, pitch]: sums of the rows that cover an input row
  std::int64_t spread;      // a row of the padded input
  std::int64_t divisors;    // [OW rounded up]
  std::int64_t row_starts;  // [kernel_h]: where the rows that cover an input row begin

  explicit SpreadPlan(const Pool2dShape& shape)
      : reach((shape.kernel_w - 1) * shape.dilation_w / shape.stride_w),
        pitch(reach +
              simd::round_up(
                  std::max(shape.ow + reach, (shape.pad_left + shape.w) / shape.stride_w + 1)) +
              simd::kLanes),
        kept(rows_kept(shape.h, pitch)) {
    shares = layout.reserve<float>(shape.oh * shape.ow + simd::kLanes);
    sums = layout.reserve<float>(std::int64_t{kept} * pitch);
    spread = layout.reserve<float>(std::int64_t{shape.stride_w} * pitch);
    divisors = layout.reserve<float>(simd::round_up(shape.ow));
    row_starts = layout.reserve<Index>(shape.kernel_h);
  }
};

// dy[OH, OW] -> shares[OH, OW], each divided by the taps of its window.
void divide(const Pool2dShape& shape, const float* dy, const float* divisors, float* shares) {
  const PoolAxis vertical = vertical_axis(shape);
  const Index columns = shape.ow;
  for (Index oh = 0; oh < shape.oh; ++oh) {
    const simd::Vec down =
        simd::broadcast(static_cast<float>(vertical.divisor(oh, shape.count_include_pad)));
    const Index row = oh * columns;
    for_each_vector(columns, [&](Index ow) {
      const simd::Vec share =
          load_columns(dy + row + ow, columns) / (simd::load(divisors + ow) * down);
      store_columns(shares + row + ow, share, columns);
    });
  }
}

// The rows of dy whose windows cover input row `ih`: fills row_starts and answers how many.
Index find_covering_rows(const Pool2dShape& shape, Index ih, Index* row_starts) {
  Index count = 0;
  for (Index r = 0; r < shape.kernel_h; ++r) {
    const Index start = ih + shape.pad_top - r * shape.dilation_h;
    if (start < 0) break;
    const Index oh = start / shape.stride_h;
    if (oh * shape.stride_h == start && oh < shape.oh) row_starts[count++] = oh * shape.ow;
  }
  return count;
}

// sums[OW] with zeros around -> dx[W] at stride 1: a cell gathers its taps from the right to the
// left.
[[gnu::noinline]] void spread_dense(const float* sums, Index pad, Index kernel, Index dilation,
                                    Index width, float* dx) {
  for_each_vector(width, [&](Index iw) {
    const float* from = sums + pad + iw;
    simd::Vec total = simd::load(from);
    for (Index s = 1; s < kernel; ++s) {
      from -= dilation;
      total += simd::load(from);
    }
    store_columns(dx + iw, total, width);
  });
}

// The same at stride 2 without dilation: even cells of the padded row gather the even taps, odd
// cells the odd ones. Writes whole vectors of row[2 * columns rounded up].
[[gnu::noinline]] void spread_by_two(const float* sums, Index kernel, Index columns, float* row) {
  for (Index j = 0; j < columns; j += simd::kLanes) {
    simd::Vec even = simd::load(sums + j), odd = simd::broadcast(0.0f);
    for (Index s = 1; s < kernel; s += 2) odd += simd::load(sums + j - s / 2);
    for (Index s = 2; s < kernel; s += 2) even += simd::load(sums + j - s / 2);
    simd::store(row + 2 * j, simd::interleave_low(even, odd));
    simd::store(row + 2 * j + simd::kLanes, simd::interleave_high(even, odd));
  }
}

void spread(const Pool2dShape& shape, const float* sums, float* row, float* dx) {
  const Index stride = shape.stride_w, padded = shape.pad_left + shape.w;
  if (stride == 1) {
    return spread_dense(sums, shape.pad_left, shape.kernel_w, shape.dilation_w, shape.w, dx);
  }
  if (stride == 2 && shape.dilation_w == 1) {
    if (shape.pad_left == 0 && shape.w % (2 * simd::kLanes) == 0) row = dx;
    spread_by_two(sums, shape.kernel_w, (padded + 1) / 2, row);
    if (row == dx) return;
  } else {
    std::fill_n(row, padded, 0.0f);
    for (Index s = 0; s < shape.kernel_w; ++s) {
      float* to = row + s * shape.dilation_w;
      for (Index ow = 0; ow < shape.ow; ++ow) to[ow * stride] += sums[ow];
    }
  }
  std::copy_n(row + shape.pad_left, shape.w, dx);
}

// dy[OH, OW] -> dx[H, W] where tiles_2x2().
[[gnu::noinline]] void spread_tiles_2x2(const float* dy, Index rows, Index columns, Index height,
                                        Index width, float* dx) {
  for (Index oh = 0; oh < rows; ++oh) {
    float* upper = dx + 2 * oh * width;
    float* lower = upper + width;
    for_each_vector(columns, [&](Index ow) {
      const simd::Vec share = simd::load(dy + ow) * simd::broadcast(0.25f);
      const simd::Vec left = simd::interleave_low(share, share);
      const simd::Vec right = simd::interleave_high(share, share);
      simd::store(upper + 2 * ow, left);
      simd::store(upper + 2 * ow + simd::kLanes, right);
      simd::store(lower + 2 * ow, left);
      simd::store(lower + 2 * ow + simd::kLanes, right);
    });
    std::fill(upper + 2 * columns, lower, 0.0f);
    std::fill(lower + 2 * columns, lower + width, 0.0f);
    dy += columns;
  }
  std::fill(dx + 2 * rows * width, dx + height * width, 0.0f);
}

}  // namespace

// dy[N,C,OH,OW] indices[N,C,OH,OW] -> dx[N,C,H,W]. Overlapping windows may share a maximum: add.
void max_pool2d_backward_direct(const Pool2dShape& shape, const float* dy,
                                const std::int32_t* indices, float* dx,
                                const Workspace& workspace) {
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
  for_each_plane_group(shape, workspace, 0, [&](Index begin, Index end, void*) {
    for (Index i = begin; i < end; ++i) {
      float* plane = dx + i * in_size;
      const float* from = dy + i * out_size;
      const std::int32_t* to = indices + i * out_size;
      std::fill_n(plane, in_size, 0.0f);
      for (Index j = 0; j < out_size; ++j) plane[to[j]] += from[j];
    }
  });
}

std::int64_t pool2d_backward_direct_workspace(const Pool2dShape& shape, int threads) {
  return tiles_2x2(shape) ? 0 : SpreadPlan(shape).layout.bytes() * threads;
}

// dy[N,C,OH,OW] -> dx[N,C,H,W]. An input row is the sum of the rows of dy whose windows cover it,
// spread over the columns.
void avg_pool2d_backward_direct(const Pool2dShape& shape, const float* dy, float* dx,
                                const Workspace& workspace) {
  const SpreadPlan plan(shape);
  const bool tiles = tiles_2x2(shape);
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
  for_each_plane_group(shape, workspace, tiles ? 0 : plan.layout.bytes(),
                       [&](Index begin, Index end, void* scratch) {
                         if (tiles) {
                           for (Index i = begin; i < end; ++i) {
                             spread_tiles_2x2(dy + i * out_size, shape.oh, shape.ow, shape.h,
                                              shape.w, dx + i * in_size);
                           }
                           return;
                         }
                         auto* shares = WorkspaceLayout::at<float>(scratch, plan.shares);
                         auto* sums = WorkspaceLayout::at<float>(scratch, plan.sums);
                         auto* row = WorkspaceLayout::at<float>(scratch, plan.spread);
                         auto* divisors = WorkspaceLayout::at<float>(scratch, plan.divisors);
                         auto* row_starts = WorkspaceLayout::at<Index>(scratch, plan.row_starts);
                         fill_column_divisors(shape, simd::round_up(shape.ow), divisors);
                         std::fill_n(sums, plan.kept * plan.pitch, 0.0f);
                         for (Index i = begin; i < end; ++i) {
                           divide(shape, dy + i * out_size, divisors, shares);
                           for_each_kept(
                               shape.h, plan.kept,
                               [&](Index ih) {
                                 float* sum = sums + ih % plan.kept * plan.pitch + plan.reach;
                                 const Index count = find_covering_rows(shape, ih, row_starts);
                                 if (count > 0) {
                                   sum_down(shares, shape.ow, row_starts, count, sum);
                                 } else {
                                   std::fill_n(sum, shape.ow, 0.0f);
                                 }
                               },
                               [&](Index ih) {
                                 spread(shape, sums + ih % plan.kept * plan.pitch + plan.reach, row,
                                        dx + i * in_size + ih * shape.w);
                               });
                         }
                       });
}

}  // namespace convgrad::kernels
