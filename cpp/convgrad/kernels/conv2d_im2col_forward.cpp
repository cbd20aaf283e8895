// Convolution forward by img2col and a matrix product, method 2 of the chapter: y = col_w * col_x.
// The columns are made in tiles that fit the cache, straight into the panels that gemm reads.
#include <algorithm>

#include "convgrad/kernels/columns.h"
#include "convgrad/kernels/conv2d_im2col_whole.h"
#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/gemm.h"
#include "convgrad/kernels/pack_panel.h"
#include "convgrad/kernels/parallel.h"
#include "convgrad/kernels/tile_output.h"
#include "convgrad/kernels/workspace_layout.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

// Columns whose panels stay in the first-level cache while a tile's weights are used on them.
constexpr Index kPanelColumns = 3 * kTileColumns;

// Columns lowered at a time: kBlockTerms x 256 floats are 256 KiB, half of a typical L2 cache.
constexpr Index kMostPanels = 256 / kTileColumns;

struct ForwardPlan {
  Index taps;   // R * S
  Index depth;  // C/g * R * S
  WindowBand window;
  Index channels;      // input channels lowered at a time
  EvenSplit tiles;     // of a group's output channels
  EvenSplit shares;    // of the tiles
  EvenSplit panels;    // of an image; a part of them and a share are a task
  Index part_columns;  // at most
  Index band_pitch;    // floats of one channel's band
  WorkspaceLayout layout;
  std::int64_t offsets, weights, bands, columns;
  Index bands_size, columns_size;  // of one worker

  ForwardPlan(const Conv2dShape& shape, int threads)
      : taps(shape.r * shape.s),
        depth(shape.group_c() * taps),
        window(shape),
        channels(
            window.fitting_channels(std::clamp<Index>(kBlockTerms / taps, 1, shape.group_c()))),
        tiles(shape.group_k(), kTileRows),
        shares(split_tiles(tiles.parts(), panel_count(shape) <= kMostPanels,
                           shape.h * shape.w < shape.k * taps, shape.n * shape.groups, threads)),
        panels(split_rows(panel_count(shape), kMostPanels, shape.n * shape.groups,
                          shares.parts() > 1 ? 1 : threads)) {
    part_columns = panels.size(0) * kTileColumns;
    // A part may begin and end in the middle of a row.
    const Index rows = std::min((part_columns + shape.ow - 2) / shape.ow + 1, shape.oh);
    band_pitch = window.plane_pitch(rows);
    bands_size = channels * band_pitch + kBandSlack;
    columns_size = part_columns * std::min(channels * taps, kBlockTerms) + kBandSlack;
    offsets = layout.reserve<Index>(channels * taps);
    weights = layout.reserve<float>(shape.k * depth);
    bands = layout.reserve<float>(bands_size * threads);
    columns = layout.reserve<float>(columns_size * threads);
  }

  [[nodiscard]] static Index panel_count(const Conv2dShape& shape) {
    return (shape.oh * shape.ow + kTileColumns - 1) / kTileColumns;
  }
};

}  // namespace

std::int64_t conv2d_forward_im2col_workspace(const Conv2dShape& shape, int threads) {
  if (conv2d_im2col_is_whole(shape)) return conv2d_im2col_whole_workspace(shape, threads);
  return ForwardPlan(shape, threads).layout.bytes();
}

// x[N,C,H,W] w[K,C/g,R,S] b[K] -> y[N,K,OH,OW]
bool conv2d_forward_im2col(const Conv2dShape& shape, const float* x, const float* w, const float* b,
                           float* y, const Workspace& workspace) {
  if (shape.padded() && !all_finite(w, shape.w_size())) return false;
  if (conv2d_im2col_is_whole(shape)) {
    return conv2d_im2col_whole_forward(shape, x, w, b, y, workspace);
  }
  const ForwardPlan plan(shape, worker_count(workspace));
  auto* offsets = WorkspaceLayout::at<Index>(workspace.data, plan.offsets);
  auto* weights = WorkspaceLayout::at<float>(workspace.data, plan.weights);
  const Index group_c = shape.group_c(), group_k = shape.group_k(), plane = shape.oh * shape.ow;

  parallel_for(workspace, shape.groups * plan.tiles.parts(), [&](Index task, int worker) {
    const PhaseTimer timer(workspace, Phase::kPack, worker);
    const Index g = task / plan.tiles.parts(), tile = task % plan.tiles.parts();
    const Index k = g * group_k + plan.tiles.begin(tile);
    pack_panel(plan.tiles.size(tile), plan.depth, w + k * plan.depth, plan.depth,
               weights + k * plan.depth, plan.tiles.size(tile));
  });
  plan.window.tap_offsets(shape, plan.channels, plan.band_pitch, offsets);

  const Index shares = plan.shares.parts(), parts = plan.panels.parts();
  parallel_for(workspace, shape.n * shape.groups * parts * shares, [&](Index task, int worker) {
    const Index share = task % shares, part = task / shares % parts;
    const Index image = task / shares / parts;
    const Index n = image / shape.groups, g = image % shape.groups;
    const Index begin = plan.panels.begin(part) * kTileColumns;
    const Index count = std::min(plan.panels.begin(part + 1) * kTileColumns, plane) - begin;
    const Index oh = begin / shape.ow, oh_end = (begin + count - 1) / shape.ow + 1;
    auto* bands = WorkspaceLayout::at<float>(workspace.data, plan.bands) + worker * plan.bands_size;
    auto* columns =
        WorkspaceLayout::at<float>(workspace.data, plan.columns) + worker * plan.columns_size;

    for (Index c = 0; c < group_c; c += plan.channels) {
      const Index channels = std::min(plan.channels, group_c - c);
      PhaseTimer timer(workspace, Phase::kPad, worker);
      plan.window.copy(shape, x + (n * shape.c + g * group_c + c) * shape.h * shape.w, channels, oh,
                       oh_end - oh, plan.band_pitch, bands);
      const LoweringSource source{
          .first_row = bands, .oh_begin = oh, .row_step = plan.window.output_row()};
      for (Index t = 0; t < plan.taps; t += kBlockTerms) {
        // Several channels only where all their taps are one block.
        const Index depth = std::min(channels * plan.taps - t, kBlockTerms);
        timer.enter(Phase::kLower);
        for (Index j = 0; j < count; j += kTileColumns) {
          lower_panel(shape, source, begin + j, std::min(kTileColumns, count - j), offsets + t,
                      depth, columns + j * depth);
        }
        timer.enter(Phase::kMultiply);
        const Index first_term = c * plan.taps + t;
        for (Index first = 0; first < count; first += kPanelColumns) {
          const Index last = std::min(first + kPanelColumns, count);
          for (Index tile = plan.shares.begin(share); tile < plan.shares.begin(share + 1); ++tile) {
            const Index k = g * group_k + plan.tiles.begin(tile);
            const Index rows = plan.tiles.size(tile);
            for (Index j = first; j < last; j += kTileColumns) {
              alignas(64) float sums[kTileRows * kTileColumns];
              float* out = y + (n * shape.k + k) * plane + begin + j;
              const bool accumulate = first_term > 0, whole = count - j >= kTileColumns;
              gemm(rows, depth, weights + k * plan.depth + first_term * rows, columns + j * depth,
                   b != nullptr && !accumulate ? b + k : nullptr, whole && accumulate,
                   whole ? out : sums, whole ? plane : kTileColumns);
              if (!whole) {
                store_part(
                    {.out = out, .pitch = plane, .accumulate = accumulate},
                    {.first_line = 0, .lines = rows, .first_column = 0, .columns = count - j},
                    sums);
              }
            }
          }
        }
      }
    }
  });
  return true;
}

}  // namespace convgrad::kernels
