// dx by a matrix product and col2img, method 2 of the chapter: dcol = col_w^T * dy, then col2img.
// dcol is made in tiles that fit the cache and added to dx at once.
#include <algorithm>

#include "convgrad/kernels/columns.h"
#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/gemm.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

constexpr Index kMostColumns = 128;
// Floats of dy in panels, and of dcol: at most 1 MiB and a quarter of that.
constexpr Index kPanelFloats = 256 * 1024;
constexpr Index kDcolFloats = 64 * 1024;

struct DxPlan {
  Index taps_all;      // C/g * R * S: rows of dcol
  Index columns;       // N * OH * OW
  Index tile_columns;  // columns of dcol at a time
  Index tile_rows;     // rows of dcol at a time
  WorkspaceLayout layout;
  std::int64_t weights, panels, dcol;

  explicit DxPlan(const Conv2dShape& shape)
      : taps_all(shape.group_c() * shape.r * shape.s), columns(shape.n * shape.oh * shape.ow) {
    const Index whole = (columns + kTileColumns - 1) / kTileColumns * kTileColumns;
    const Index fitting = kPanelFloats / shape.group_k() / kTileColumns * kTileColumns;
    tile_columns = std::clamp(fitting, kTileColumns, std::min(kMostColumns, whole));
    tile_rows = std::min(taps_all, kDcolFloats / tile_columns);
    weights = layout.reserve<float>(shape.group_k() * taps_all);
    panels = layout.reserve<float>(tile_columns * shape.group_k());
    dcol = layout.reserve<float>(tile_rows * tile_columns);
  }
};

// dy of columns [begin, begin + count), all K/g channels -> panel[K/g][kTileColumns].
void pack_dy(const Conv2dShape& shape, const float* dy, Index first_k, Index begin, Index count,
             float* panel) {
  const Index plane = shape.oh * shape.ow;
  if (count < kTileColumns) std::fill_n(panel, shape.group_k() * kTileColumns, 0.0f);
  for_each_run(shape, begin, count, [&](const ColumnRun& run) {
    const float* source = dy + (run.n * shape.k + first_k) * plane + run.oh * shape.ow + run.ow;
    for (Index k = 0; k < shape.group_k(); ++k) {
      std::copy_n(source + k * plane, run.count, panel + k * kTileColumns + run.first);
    }
  });
}

// Adds rows [row, row + rows) of dcol[rows][tile_columns] to where their taps came from.
void scatter(const Conv2dShape& shape, Index group, Index begin, Index count, Index row, Index rows,
             Index tile_columns, const float* dcol, float* dx) {
  for_each_run(shape, begin, count, [&](const ColumnRun& run) {
    Tap tap(shape, row);
    for (Index i = 0; i < rows; ++i, tap.advance(shape)) {
      const float* source = dcol + i * tile_columns + run.first;
      const TapRun inside(shape, run, group, tap);
      Index j = inside.first;
      if (shape.stride_w == 1) {
        for (; j + simd::kLanes <= inside.last; j += simd::kLanes) {
          float* target = dx + inside.offset + j;
          simd::store(target, simd::load(target) + simd::load(source + j));
        }
      }
      for (; j < inside.last; ++j) dx[inside.offset + j * shape.stride_w] += source[j];
    }
  });
}

}  // namespace

std::int64_t conv2d_dx_im2col_workspace(const Conv2dShape& shape, int) {
  return DxPlan(shape).layout.bytes();
}

// dy[N,K,OH,OW] w[K,C/g,R,S] -> dx[N,C,H,W]
void conv2d_dx_im2col(const Conv2dShape& shape, const float* dy, const float* w, float* dx,
                      const Workspace& workspace) {
  const DxPlan plan(shape);
  auto* weights = WorkspaceLayout::at<float>(workspace.data, plan.weights);
  auto* panels = WorkspaceLayout::at<float>(workspace.data, plan.panels);
  auto* dcol = WorkspaceLayout::at<float>(workspace.data, plan.dcol);
  const Index group_k = shape.group_k();
  const EvenSplit tiles(plan.taps_all, kTileRows);

  // Rows of dcol [row, row_end) by tiles, from the panels of dy.
  const auto multiply = [&](Index tile_begin, Index tile_end, Index count) {
    const Index row = tiles.begin(tile_begin);
    for (Index j = 0; j < count; j += kTileColumns) {
      for (Index tile = tile_begin; tile < tile_end; ++tile) {
        const Index m = tiles.begin(tile);
        with_rows<kTileRows>(tiles.size(tile), [&]<int kRows>() {
          for (Index k = 0; k < group_k; k += kBlockTerms) {
            const auto product = gemm_tile<kRows>(std::min(kBlockTerms, group_k - k),
                                                  weights + m * group_k + k * kRows,
                                                  panels + j * group_k + k * kTileColumns);
            for (int i = 0; i < kRows; ++i) {
              float* out = dcol + (m - row + i) * plan.tile_columns + j;
              for (int v = 0; v < kTileVecs; ++v, out += simd::kLanes) {
                const simd::Vec sum = product.sums[i][v];
                simd::store(out, k > 0 ? simd::load(out) + sum : sum);
              }
            }
          }
        });
      }
    }
  };

  std::fill_n(dx, shape.x_size(), 0.0f);
  for (Index g = 0; g < shape.groups; ++g) {
    const float* group_w = w + g * group_k * plan.taps_all;
    for (Index tile = 0; tile < tiles.parts(); ++tile) {
      const Index m = tiles.begin(tile);
      pack_panel(tiles.size(tile), group_k, group_w + m, 1, plan.taps_all, weights + m * group_k);
    }
    for (Index begin = 0; begin < plan.columns; begin += plan.tile_columns) {
      const Index count = std::min(plan.tile_columns, plan.columns - begin);
      for (Index j = 0; j < count; j += kTileColumns) {
        pack_dy(shape, dy, g * group_k, begin + j, std::min(kTileColumns, count - j),
                panels + j * group_k);
      }
      for (Index tile = 0; tile < tiles.parts();) {
        Index tile_end = tile + 1;
        while (tile_end < tiles.parts() &&
               tiles.begin(tile_end + 1) - tiles.begin(tile) <= plan.tile_rows) {
          ++tile_end;
        }
        multiply(tile, tile_end, count);
        scatter(shape, g * shape.group_c(), begin, count, tiles.begin(tile),
                tiles.begin(tile_end) - tiles.begin(tile), plan.tile_columns, dcol, dx);
        tile = tile_end;
      }
    }
  }
}

}  // namespace convgrad::kernels
