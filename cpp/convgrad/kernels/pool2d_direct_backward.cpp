// Pooling backward by direct loops, method 1 of the chapter: max scatters, mean spreads.
#include "convgrad/kernels/pool2d_kernels.h"
#include "convgrad/kernels/pool_bands.h"
#include "convgrad/kernels/pool_rows.h"
#include "convgrad/kernels/pool_window.h"
#include "convgrad/kernels/strided_columns.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

// Mean pooling backward is a sum over windows as well: those of the padded dy with zeros inserted,
// as for a convolution whose weights are 1.
Pool2dShape shape_of_spread(const Pool2dShape& shape) {
  Pool2dShape spread;
  spread.n = spread.c = 1;
  spread.h = shape.h + (shape.kernel_h - 1) * shape.dilation_h;
  spread.w = shape.w + (shape.kernel_w - 1) * shape.dilation_w;
  spread.oh = shape.h;
  spread.ow = shape.w;
  spread.kernel_h = shape.kernel_h;
  spread.kernel_w = shape.kernel_w;
  spread.dilation_h = shape.dilation_h;
  spread.dilation_w = shape.dilation_w;
  return spread;
}

struct SpreadPlan {
  Pool2dShape shape;
  WalkPlan walks;
  WorkspaceLayout layout;
  std::int64_t shares;    // [h, w] of that shape: dy, divided, between zeros; and room for a square
  std::int64_t divisors;  // [OW]

  explicit SpreadPlan(const Pool2dShape& given)
      : shape(shape_of_spread(given)),
        walks(shape),
        layout(walks.layout),
        shares(layout.reserve<float>(std::int64_t{shape.h} * shape.w + kSquare)),
        divisors(layout.reserve<float>(given.ow)) {}
};

// dy[OH, OW] -> shares, each divided by the taps of its window.
void share(const Pool2dShape& shape, const SpreadPlan& plan, const float* dy, const float* divisors,
           float* shares) {
  const PoolAxis vertical = vertical_axis(shape);
  shares += (plan.shape.h - shape.h - shape.pad_top) * plan.shape.w +
            (plan.shape.w - shape.w - shape.pad_left);
  for (Index oh = 0; oh < shape.oh; ++oh, dy += shape.ow) {
    const auto down = static_cast<float>(vertical.divisor(oh, shape.count_include_pad));
    float* row = shares + oh * shape.stride_h * plan.shape.w;
    Index ow = 0;
    if (shape.stride_w == 1) {
      for (; ow + simd::kLanes <= shape.ow; ow += simd::kLanes) {
        simd::store(row + ow,
                    simd::load(dy + ow) / (simd::load(divisors + ow) * simd::broadcast(down)));
      }
    }
    for (; ow < shape.ow; ++ow) row[ow * shape.stride_w] = dy[ow] / (divisors[ow] * down);
  }
}

// dy[OH, OW] -> dx[H, W] where tiles_2x2().
void spread_tiles_2x2(const float* dy, Index rows, Index columns, Index height, Index width,
                      float* dx) {
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
    clear_columns(upper + 2 * columns, width - 2 * columns);
    clear_columns(lower + 2 * columns, width - 2 * columns);
    dy += columns;
  }
  clear_columns(dx + 2 * rows * width, (height - 2 * rows) * width);
}

}  // namespace

// dy[N,C,OH,OW] indices[N,C,OH,OW] -> dx[N,C,H,W]. Overlapping windows may share a maximum: add.
void max_pool2d_backward_direct(const Pool2dShape& shape, const float* dy,
                                const std::int32_t* indices, float* dx,
                                const Workspace& workspace) {
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
  for_each_plane_group(shape, workspace, 0, [&](Index begin, Index end, void*, int) {
    for (Index i = begin; i < end; ++i) {
      float* plane = dx + i * in_size;
      const float* from = dy + i * out_size;
      const std::int32_t* to = indices + i * out_size;
      clear_columns(plane, in_size);
      for (Index j = 0; j < out_size; ++j) plane[to[j]] += from[j];
    }
  });
}

std::int64_t pool2d_backward_direct_workspace(const Pool2dShape& shape, int threads) {
  return tiles_2x2(shape) ? 0 : SpreadPlan(shape).layout.bytes() * threads;
}

// dy[N,C,OH,OW] -> dx[N,C,H,W]
void avg_pool2d_backward_direct(const Pool2dShape& shape, const float* dy, float* dx,
                                const Workspace& workspace) {
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
  if (tiles_2x2(shape)) {
    return for_each_plane_group(shape, workspace, 0, [&](Index begin, Index end, void*, int) {
      for (Index i = begin; i < end; ++i) {
        spread_tiles_2x2(dy + i * out_size, shape.oh, shape.ow, shape.h, shape.w, dx + i * in_size);
      }
    });
  }
  const SpreadPlan plan(shape);
  for_each_plane_group(
      shape, workspace, plan.layout.bytes(), [&](Index begin, Index end, void* scratch, int) {
        auto* shares = WorkspaceLayout::at<float>(scratch, plan.shares);
        auto* divisors = WorkspaceLayout::at<float>(scratch, plan.divisors);
        clear_columns(shares, plan.shape.h * plan.shape.w);
        fill_divisors(horizontal_axis(shape), shape.ow, shape.count_include_pad, divisors);
        const Walks walks(plan.shape, plan.walks, choose_walk<Mean>(plan.shape), Mean::kPadding,
                          scratch);
        const Mean sum = plan.walks.sum(plan.shape, scratch);
        for (Index i = begin; i < end; ++i) {
          share(shape, plan, dy + i * out_size, divisors, shares);
          const Mean mean = sum.to(dx + i * in_size);
          walks.walk(shares, 1, 0, kSquare, &mean);
        }
      });
}

}  // namespace convgrad::kernels
