// dx by a matrix product and col2img, method 2 of the chapter: dcol = col_w^T * dy, then col2img.
// dcol is made in tiles that fit the cache and added to dx at once.
#include <algorithm>

#include "convgrad/kernels/conv2d_im2col_dx_steps.h"
#include "convgrad/kernels/conv2d_im2col_whole.h"
#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/gemm.h"
#include "convgrad/kernels/pack_panel.h"
#include "convgrad/kernels/parallel.h"
#include "convgrad/kernels/strided_columns.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/kernels/workspace_layout.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

// Columns of dcol at a time, and floats of dy in their panels: at most 1 MiB.
constexpr Index kMostColumns = 128;
constexpr Index kPanelFloats = 256 * 1024;
// Rows of dcol in a task at least, to be worth the packing of dy: by one thread, and where others
// would have nothing to do.
constexpr Index kLeastRows = 144;
constexpr Index kLeastSharedRows = 36;
// Tasks at least, for the threads to share.
constexpr Index kLeastTasks = 4;

struct DxPlan {
  Index taps;                    // R * S
  EvenSplit blocks;              // of a group's input channels; each has tiles of its own
  Index tile_columns;            // columns of dcol at a time
  Index panels_size, dcol_size;  // of one worker
  WorkspaceLayout layout;
  std::int64_t weights, panels, dcol;

  DxPlan(const Conv2dShape& shape, int threads)
      : taps(shape.r * shape.s), blocks(shape.group_c(), block_channels(shape, threads)) {
    const Index columns = shape.oh * shape.ow;
    const Index whole = (columns + kTileColumns - 1) / kTileColumns * kTileColumns;
    const Index fitting = kPanelFloats / shape.group_k() / kTileColumns * kTileColumns;
    tile_columns = std::clamp(fitting, kTileColumns, std::min(kMostColumns, whole));
    panels_size = tile_columns * shape.group_k() + kBandSlack;
    dcol_size = kTileRows * tile_columns + kLineGap;
    weights = layout.reserve<float>(shape.w_size());
    panels = layout.reserve<float>(panels_size * threads);
    dcol = layout.reserve<float>(dcol_size * threads);
  }

  [[nodiscard]] static Index block_channels(const Conv2dShape& shape, int threads) {
    const Index taps = shape.r * shape.s, images = shape.n * shape.groups;
    const Index wanted = divide_up(kLeastTasks, images);
    const Index least = divide_up(threads == 1 ? kLeastRows : kLeastSharedRows, taps);
    return std::clamp<Index>(divide_up(shape.group_c(), wanted), std::min(least, shape.group_c()),
                             shape.group_c());
  }
};

}  // namespace

std::int64_t conv2d_dx_im2col_workspace(const Conv2dShape& shape, int threads) {
  if (conv2d_im2col_is_whole(shape)) return conv2d_im2col_whole_workspace(shape, threads);
  return DxPlan(shape, threads).layout.bytes();
}

// dy[N,K,OH,OW] w[K,C/g,R,S] -> dx[N,C,H,W]
void conv2d_dx_im2col(const Conv2dShape& shape, const float* dy, const float* w, float* dx,
                      const Workspace& workspace) {
  if (conv2d_im2col_is_whole(shape)) return conv2d_im2col_whole_dx(shape, dy, w, dx, workspace);
  const DxPlan plan(shape, worker_count(workspace));
  auto* weights = WorkspaceLayout::at<float>(workspace.data, plan.weights);
  const Index group_c = shape.group_c(), group_k = shape.group_k(), plane = shape.oh * shape.ow;
  const Index group_rows = group_c * plan.taps, blocks = plan.blocks.parts();

  // Rows of dcol from `begin` on, by the tiles of one block of channels.
  const auto row_begin = [&](Index block) { return plan.blocks.begin(block) * plan.taps; };
  const auto tiles_of = [&](Index block) {
    return EvenSplit(plan.blocks.size(block) * plan.taps, kTileRows);
  };
  parallel_for(workspace, shape.groups * blocks, [&](Index task, int worker) {
    const PhaseTimer timer(workspace, Phase::kPack, worker);
    const Index g = task / blocks, block = task % blocks;
    const EvenSplit tiles = tiles_of(block);
    for (Index tile = 0; tile < tiles.parts(); ++tile) {
      const Index row = row_begin(block) + tiles.begin(tile);
      pack_panel_transposed(tiles.size(tile), group_k, w + g * group_k * group_rows + row,
                            group_rows, weights + (g * group_rows + row) * group_k);
    }
  });

  parallel_for(workspace, shape.n * shape.groups * blocks, [&](Index task, int worker) {
    const Index block = task % blocks, g = task / blocks % shape.groups;
    const Index n = task / blocks / shape.groups;
    auto* panels =
        WorkspaceLayout::at<float>(workspace.data, plan.panels) + worker * plan.panels_size;
    auto* dcol = WorkspaceLayout::at<float>(workspace.data, plan.dcol) + worker * plan.dcol_size;
    const float* image_dy = dy + (n * shape.k + g * group_k) * plane;
    float* image_dx = dx + (n * shape.c + g * group_c) * shape.h * shape.w;
    const EvenSplit tiles = tiles_of(block);
    clear_columns(image_dx + plan.blocks.begin(block) * shape.h * shape.w,
                  plan.blocks.size(block) * shape.h * shape.w);
    for (Index begin = 0; begin < plane; begin += plan.tile_columns) {
      const Index count = std::min(plan.tile_columns, plane - begin);
      PhaseTimer timer(workspace, Phase::kPack, worker);
      for (Index j = 0; j < count; j += kTileColumns) {
        pack_dy_panel(shape, image_dy + begin + j, std::min(kTileColumns, count - j),
                      panels + j * group_k);
      }
      for (Index tile = 0; tile < tiles.parts(); ++tile) {
        const Index row = row_begin(block) + tiles.begin(tile);
        timer.enter(Phase::kMultiply);
        const Index rows = tiles.size(tile);
        const float* panel = weights + (g * group_rows + row) * group_k;
        for (Index j = 0; j < count; j += kTileColumns) {
          for (Index k = 0; k < group_k; k += kBlockTerms) {
            gemm(rows, std::min(kBlockTerms, group_k - k), panel + k * rows,
                 panels + j * group_k + k * kTileColumns, nullptr, k > 0, dcol + j,
                 plan.tile_columns);
          }
        }
        timer.enter(Phase::kScatter);
        scatter_dcol(shape, begin, count, row, tiles.size(tile), plan.tile_columns, dcol, image_dx);
      }
    }
  });
}

}  // namespace convgrad::kernels
