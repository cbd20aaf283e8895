// dw by direct loops with output channels across the lanes: of some taps at a time, the sums over
// the cells of y of the tap's float of x times the channels of dy there, which are transposed for
// it. As in correlate_channels.h the lanes are full however narrow the map is, and strides cost
// nothing.
#include <algorithm>

#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/correlate_channels.h"
#include "convgrad/kernels/dw_tasks.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/pack_panel.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

// Taps of a block of channels: they share the transposed dy.
constexpr Index kMostTaps = 144;
// From so many taps of a block on it hardly matters whether they fill their tiles of kWindows.
constexpr Index kManyTaps = 8 * kWindows;
// Blocks of channels at least, for the threads to share.
constexpr Index kLeastParts = 4;
// Cells of y in a block of terms: of a sum without a second block the rarest errors are the
// largest, and dw has many sums.
constexpr Index kBlockCells = kBlockTerms / 2;
// Cells of y in a step, in such blocks: the panel of dy streams through the cache.
constexpr Index kMostCells = 1024;
// Floats of transposed dy that are kept for all blocks of channels, where they are no more: 4 MiB.
constexpr Index kMostKept = 1024 * 1024;

struct DwPlan {
  bool in_place;  // x is read where it stands
  Index taps;     // R * S
  WindowBand window;
  Index images;      // in a step, where they are small; else 1
  Index block_rows;  // of y in a block of terms
  EvenSplit rows;    // of an image, divided into steps
  Index fitting;     // channels of a block, about
  DwTasks tasks;
  Index channels;  // at most
  Index k_tiles;   // of a group's output channels
  Index cells;     // of y in a step
  Index block;     // cells of a block
  bool keeps_dy;   // transposed once, all of it
  Index band_pitch, image_pitch;
  Index bands_size;  // of one worker
  Index dy_size;     // of one worker, or of a tile of output channels
  WorkspaceLayout layout;
  std::int64_t windows, cell_offsets, bands, dy, sums;

  DwPlan(const Conv2dShape& shape, int threads)
      : in_place(!shape.padded()),
        taps(shape.r * shape.s),
        window(shape, in_place       ? BandUse::kNone
                      : shape.s == 1 ? BandUse::kRows
                                     : BandUse::kFloats),
        images(std::clamp<Index>(kBlockCells / (shape.oh * shape.ow), 1, shape.n)),
        block_rows(std::clamp<Index>(kBlockCells / shape.ow, 1, shape.oh)),
        rows(shape.oh, std::clamp<Index>(kMostCells / shape.ow, 1, shape.oh)),
        fitting(window.fitting_channels(
            std::clamp<Index>(std::min(kMostTaps / taps, divide_up(shape.group_c(), kLeastParts)),
                              1, shape.group_c()))),
        tasks(shape, fitting, divide_up(shape.n, images) * rows.parts(), kChannelLanes,
              shape.oh * shape.ow <= kMostCells, fitting * taps < kManyTaps ? kWindows : 1),
        channels(tasks.most_channels()),
        k_tiles(divide_up(shape.group_k(), kChannelLanes)),
        cells(images * rows.size(0) * shape.ow),
        block(images > 1 ? cells : std::min(block_rows * shape.ow, kBlockCells)),
        keeps_dy(shape.y_size() <= kMostKept),
        band_pitch(in_place ? shape.h * shape.w : window.plane_pitch(rows.size(0))),
        image_pitch(in_place ? shape.c * shape.h * shape.w : channels * band_pitch),
        bands_size(in_place ? 0 : images * image_pitch),
        dy_size((keeps_dy ? shape.n * shape.oh * shape.ow : cells) * kChannelLanes) {
    windows = layout.reserve<Index>(channels * taps);
    cell_offsets = layout.reserve<Index>(block);
    bands = layout.reserve<float>(bands_size * threads);
    dy = layout.reserve<float>(dy_size * (keeps_dy ? shape.groups * k_tiles : threads));
    sums = layout.reserve<double>(tasks.sums_size(shape, threads));
  }
};

}  // namespace

std::int64_t conv2d_dw_direct_channels_workspace(const Conv2dShape& shape, int threads) {
  return DwPlan(shape, threads).layout.bytes();
}

// dy[N,K,OH,OW] x[N,C,H,W] -> dw[K,C/g,R,S]
bool conv2d_dw_direct_channels(const Conv2dShape& shape, Reduction reduction, const float* dy,
                               const float* x, float* dw, const Workspace& workspace) {
  if (shape.padded() && !all_finite(dy, shape.y_size())) return false;
  const DwPlan plan(shape, worker_count(workspace));
  auto* windows = WorkspaceLayout::at<Index>(workspace.data, plan.windows);
  auto* cell_offsets = WorkspaceLayout::at<Index>(workspace.data, plan.cell_offsets);
  const Index group_k = shape.group_k(), plane = shape.oh * shape.ow;
  const Index row_step = plan.window.output_row();
  const Index column_step = shape.stride_w / plan.window.band.phases;
  const Index step_rows = plan.rows.size(0);

  plan.window.tap_offsets(shape, plan.channels, plan.band_pitch, windows);
  for (Index cell = 0; cell < plan.block; ++cell) {
    const Index row = cell / shape.ow;
    cell_offsets[cell] = row / step_rows * plan.image_pitch + row % step_rows * row_step +
                         cell % shape.ow * column_step;
  }

  // The cells of a block lie in x as those of the one before it: some rows, or part of one,
  // further.
  const Index block_step =
      shape.ow > plan.block ? plan.block * column_step : plan.block_rows * row_step;
  alignas(64) static constexpr float zeros[kChannelLanes] = {};
  // [images][cells][kChannelLanes] of a tile of output channels.
  const auto pack = [&](Index g, Index k_tile, Index first_image, Index images, Index first_cell,
                        Index cells, float* panel) {
    const Index k = k_tile * kChannelLanes;
    for (Index n = first_image; n < first_image + images; ++n, panel += cells * kChannelLanes) {
      pack_panel(std::min(kChannelLanes, group_k - k), cells,
                 dy + (n * shape.k + g * group_k + k) * plane + first_cell, plane, panel,
                 kChannelLanes);
    }
  };
  auto* panels = WorkspaceLayout::at<float>(workspace.data, plan.dy);
  if (plan.keeps_dy) {
    parallel_for(workspace, shape.groups * plan.k_tiles, [&](Index task, int worker) {
      const PhaseTimer timer(workspace, Phase::kPack, worker);
      pack(task / plan.k_tiles, task % plan.k_tiles, 0, shape.n, 0, plane,
           panels + task * plan.dy_size);
    });
  }

  const auto accumulate = [&](const DwTask& task, int worker) {
    const Index g = task.g, c = task.c, channels = task.channels;
    auto* bands = WorkspaceLayout::at<float>(workspace.data, plan.bands) + worker * plan.bands_size;
    const Index taps = channels * plan.taps;
    for (Index step = task.step; step < task.last_step; ++step) {
      const Index part = step % plan.rows.parts();
      const Index first_image = step / plan.rows.parts() * plan.images;
      const Index images = std::min(plan.images, shape.n - first_image);
      const Index oh = plan.rows.begin(part), rows = plan.rows.size(part);
      const Index cells = rows * shape.ow;
      const float* planes =
          x + (first_image * shape.c + g * shape.group_c() + c) * shape.h * shape.w;
      const float* source = planes + oh * row_step;
      PhaseTimer timer(workspace, Phase::kPad, worker);
      if (!plan.in_place) {
        source = bands;
        for (Index i = 0; i < images; ++i) {
          plan.window.copy(shape, planes + i * shape.c * shape.h * shape.w, channels, oh, rows,
                           plan.band_pitch, bands + i * plan.image_pitch);
        }
      }
      for (Index k_tile = 0; k_tile < plan.k_tiles; ++k_tile) {
        const Index k = k_tile * kChannelLanes, lanes = std::min(kChannelLanes, group_k - k);
        float* panel = panels + (plan.keeps_dy ? g * plan.k_tiles + k_tile : worker) * plan.dy_size;
        if (plan.keeps_dy) {
          panel += (first_image * plane + oh * shape.ow) * kChannelLanes;
        } else {
          timer.enter(Phase::kPack);
          pack(g, k_tile, first_image, images, oh * shape.ow, cells, panel);
        }
        timer.enter(Phase::kMultiply);
        for (Index t = 0; t < taps; t += kWindows) {
          const float* tile_windows[kWindows];
          for (Index i = 0; i < kWindows; ++i) {
            tile_windows[i] = source + windows[std::min(t + i, taps - 1)];
          }
          alignas(64) float tile_sums[kWindows * kChannelLanes];
          channel_tile({.offsets = cell_offsets,
                        .depth = images * cells,
                        .block = plan.block,
                        .block_step = block_step,
                        .weights = panel},
                       zeros, tile_windows, tile_sums);
          const Index count = std::min<Index>(kWindows, taps - t);
          if (task.sums.sums != nullptr) {
            simd::add_to_doubles(tile_sums, count * kChannelLanes,
                                 task.sums.sums + (k_tile * taps + t) * kChannelLanes);
            continue;
          }
          float* out = task.sums.dw + k * task.sums.pitch + t;
          for (Index m = 0; m < lanes; ++m, out += task.sums.pitch) {
            for (Index i = 0; i < count; ++i) out[i] = tile_sums[i * kChannelLanes + m];
          }
        }
      }
    }
  };
  plan.tasks.run(shape, reduction, WorkspaceLayout::at<double>(workspace.data, plan.sums), dw,
                 workspace, accumulate);
  return true;
}

}  // namespace convgrad::kernels
