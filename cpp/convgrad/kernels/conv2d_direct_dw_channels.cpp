// dw by direct loops with output channels across the lanes: of four taps at a time, the sums over
// the cells of y of the tap's float of x times the channels of dy there, which are transposed for
// it. As in correlate_channels.h the lanes are full however narrow the map is, and strides cost
// nothing.
#include <algorithm>

#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/correlate_channels.h"
#include "convgrad/kernels/dw_tasks.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

// Taps of a block of channels: they share the transposed dy.
constexpr Index kMostTaps = 144;
// Blocks of channels at least, for the threads to share.
constexpr Index kLeastParts = 4;

struct DwPlan {
  bool in_place;  // x is read where it stands
  Index taps;     // R * S
  WindowBand window;
  Index images;    // in a step, where they are small; else 1
  EvenSplit rows;  // of an image, divided into steps
  DwTasks tasks;
  Index channels;
  Index cells;  // of y in a step
  Index band_pitch, image_pitch;
  Index bands_size, dy_size;  // of one worker
  WorkspaceLayout layout;
  std::int64_t windows, cell_offsets, bands, dy, sums;

  DwPlan(const Conv2dShape& shape, int threads)
      : in_place(!shape.padded()),
        taps(shape.r * shape.s),
        window(shape, in_place ? BandUse::kNone : BandUse::kRows),
        images(std::clamp<Index>(kBlockTerms / (shape.oh * shape.ow), 1, shape.n)),
        rows(shape.oh, std::clamp<Index>(kBlockTerms / shape.ow, 1, shape.oh)),
        tasks(shape,
              window.fitting_channels(std::clamp<Index>(
                  std::min(kMostTaps / taps, divide_up(shape.group_c(), kLeastParts)), 1,
                  shape.group_c())),
              divide_up(shape.n, images) * rows.parts()),
        channels(tasks.most_channels()),
        cells(images * rows.size(0) * shape.ow),
        band_pitch(in_place ? shape.h * shape.w : window.plane_pitch(rows.size(0))),
        image_pitch(in_place ? shape.c * shape.h * shape.w : channels * band_pitch),
        bands_size(in_place ? 0 : images * image_pitch),
        dy_size(cells * kChannelLanes) {
    windows = layout.reserve<Index>(channels * taps);
    cell_offsets = layout.reserve<Index>(cells);
    bands = layout.reserve<float>(bands_size * threads);
    dy = layout.reserve<float>(dy_size * threads);
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
  for (Index cell = 0; cell < plan.cells; ++cell) {
    const Index row = cell / shape.ow;
    cell_offsets[cell] = row / step_rows * plan.image_pitch + row % step_rows * row_step +
                         cell % shape.ow * column_step;
  }

  alignas(64) static constexpr float zeros[kChannelLanes] = {};
  const auto accumulate = [&](Index g, Index c, Index channels, Index step, Index last_step,
                              double* sums, int worker) {
    auto* bands = WorkspaceLayout::at<float>(workspace.data, plan.bands) + worker * plan.bands_size;
    auto* panel = WorkspaceLayout::at<float>(workspace.data, plan.dy) + worker * plan.dy_size;
    const Index taps = channels * plan.taps;
    for (; step < last_step; ++step) {
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
      for (Index k = 0; k < group_k; k += kChannelLanes) {
        const Index lanes = std::min(kChannelLanes, group_k - k);
        timer.enter(Phase::kPack);
        for (Index i = 0; i < images; ++i) {
          pack_panel(lanes, cells,
                     dy + ((first_image + i) * shape.k + g * group_k + k) * plane + oh * shape.ow,
                     plane, panel + i * cells * kChannelLanes, kChannelLanes);
        }
        timer.enter(Phase::kMultiply);
        for (Index t = 0; t < taps; t += kWindows) {
          const float* tile_windows[kWindows];
          for (Index i = 0; i < kWindows; ++i) {
            tile_windows[i] = source + windows[std::min(t + i, taps - 1)];
          }
          for (Index first = 0; first < images * cells; first += kBlockTerms) {
            alignas(64) float tile_sums[kWindows * kChannelLanes];
            const Index depth = std::min(kBlockTerms, images * cells - first);
            channel_tile({.offsets = cell_offsets + first,
                          .depth = depth,
                          .block = depth,
                          .block_step = 0,
                          .weights = panel + first * kChannelLanes},
                         lanes, zeros, tile_windows, tile_sums);
            for (Index m = 0; m < lanes; ++m) {
              double* out = sums + (k + m) * taps + t;
              for (Index i = 0; i < std::min<Index>(kWindows, taps - t); ++i) {
                out[i] += static_cast<double>(tile_sums[i * kChannelLanes + m]);
              }
            }
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
