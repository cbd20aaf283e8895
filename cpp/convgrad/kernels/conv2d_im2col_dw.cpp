// dw by img2col and a matrix product, method 2 of the chapter: dW = delta_in_2d^T * col_x, summed
// over blocks of 256 windows in float, then in double.
#include <algorithm>

#include "convgrad/kernels/columns.h"
#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/gemm.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

struct DwPlan {
  Index taps_all;  // C/g * R * S: columns of dw
  Index windows;   // N * OH * OW: what is summed over
  Index block;     // windows at a time
  WorkspaceLayout layout;
  std::int64_t panel_dy, panel_x, sums;

  explicit DwPlan(const Conv2dShape& shape)
      : taps_all(shape.group_c() * shape.r * shape.s),
        windows(shape.n * shape.oh * shape.ow),
        block(std::min(windows, kBlockTerms)) {
    panel_dy = layout.reserve<float>(shape.group_k() * block);
    panel_x = layout.reserve<float>(kTileColumns * block);
    sums = layout.reserve<double>(shape.group_k() * taps_all);
  }
};

// dy of windows [begin, begin + count), the output channels of one tile -> panel[count][rows].
void pack_dy(const Conv2dShape& shape, const float* dy, Index first_k, Index rows, Index begin,
             Index count, float* panel) {
  const Index plane = shape.oh * shape.ow;
  for_each_run(shape, begin, count, [&](const ColumnRun& run) {
    pack_panel(rows, run.count,
               dy + (run.n * shape.k + first_k) * plane + run.oh * shape.ow + run.ow, plane, 1,
               panel + run.first * rows);
  });
}

// Taps [first, first + count) of windows [begin, begin + windows) -> panel[windows][kTileColumns].
void lower_taps(const Conv2dShape& shape, const float* x, Index group, Index first, Index count,
                Index begin, Index windows, float* panel) {
  if (count < kTileColumns) std::fill_n(panel, windows * kTileColumns, 0.0f);
  for_each_run(shape, begin, windows, [&](const ColumnRun& run) {
    Tap tap(shape, first);
    for (Index lane = 0; lane < count; ++lane, tap.advance(shape)) {
      float* out = panel + run.first * kTileColumns + lane;
      const TapRun inside(shape, run, group, tap);
      for (Index i = 0; i < inside.first; ++i) out[i * kTileColumns] = 0.0f;
      for (Index i = inside.first; i < inside.last; ++i) {
        out[i * kTileColumns] = x[inside.offset + i * shape.stride_w];
      }
      for (Index i = inside.last; i < run.count; ++i) out[i * kTileColumns] = 0.0f;
    }
  });
}

// sums[rows][taps_all] += tile, its first `count` columns.
template <int kRows>
void add_tile(const GemmTile<kRows>& tile, Index count, Index pitch, double* sums) {
  for (int m = 0; m < kRows; ++m) {
    alignas(64) float lanes[kTileColumns];
    for (int v = 0; v < kTileVecs; ++v) simd::store(lanes + v * simd::kLanes, tile.sums[m][v]);
    for (Index i = 0; i < count; ++i) sums[m * pitch + i] += static_cast<double>(lanes[i]);
  }
}

}  // namespace

std::int64_t conv2d_dw_im2col_workspace(const Conv2dShape& shape, int) {
  return DwPlan(shape).layout.bytes();
}

// dy[N,K,OH,OW] x[N,C,H,W] -> dw[K,C/g,R,S]
bool conv2d_dw_im2col(const Conv2dShape& shape, Reduction reduction, const float* dy,
                      const float* x, float* dw, const Workspace& workspace) {
  if (shape.padded()) {
    FiniteCheck finite;
    finite.add(dy, shape.y_size());
    if (!finite.passed()) return false;
  }
  const DwPlan plan(shape);
  auto* panel_dy = WorkspaceLayout::at<float>(workspace.data, plan.panel_dy);
  auto* panel_x = WorkspaceLayout::at<float>(workspace.data, plan.panel_x);
  auto* sums = WorkspaceLayout::at<double>(workspace.data, plan.sums);
  const Index group_k = shape.group_k(), group_size = group_k * plan.taps_all;
  const EvenSplit tiles(group_k, kTileRows);
  const double scale = reduction == Reduction::kMean ? static_cast<double>(shape.n) : 1.0;

  for (Index g = 0; g < shape.groups; ++g) {
    std::fill_n(sums, group_size, 0.0);
    for (Index begin = 0; begin < plan.windows; begin += plan.block) {
      const Index windows = std::min(plan.block, plan.windows - begin);
      for (Index tile = 0; tile < tiles.parts(); ++tile) {
        const Index m = tiles.begin(tile);
        pack_dy(shape, dy, g * group_k + m, tiles.size(tile), begin, windows,
                panel_dy + m * windows);
      }
      for (Index first = 0; first < plan.taps_all; first += kTileColumns) {
        const Index count = std::min(kTileColumns, plan.taps_all - first);
        lower_taps(shape, x, g * shape.group_c(), first, count, begin, windows, panel_x);
        for (Index tile = 0; tile < tiles.parts(); ++tile) {
          const Index m = tiles.begin(tile);
          with_rows<kTileRows>(tiles.size(tile), [&]<int kRows>() {
            add_tile<kRows>(gemm_tile<kRows>(windows, panel_dy + m * windows, panel_x), count,
                            plan.taps_all, sums + m * plan.taps_all + first);
          });
        }
      }
    }
    float* group_dw = dw + g * group_size;
    for (Index i = 0; i < group_size; ++i) group_dw[i] = static_cast<float>(sums[i] / scale);
  }
  return true;
}

}  // namespace convgrad::kernels
