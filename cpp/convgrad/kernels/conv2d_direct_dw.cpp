// dw by direct loops, method 1 of the chapter: x * dy, as dot products along the rows of bands of x
// and rows of dy that end in zeros.
#include <algorithm>

#include "convgrad/kernels/conv2d_depthwise.h"
#include "convgrad/kernels/conv2d_fully_connected.h"
#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/correlation.h"
#include "convgrad/kernels/dot_product.h"
#include "convgrad/kernels/dw_tasks.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

// More would not fit the cache together with their rows of dy.
constexpr Index kMostChannels = 16;
// Parts of the channels and, where that makes too few tasks, of an image at least.
constexpr Index kLeastParts = 4;

struct DwPlan {
  bool in_place;  // x is read where it stands
  Index taps;
  WindowBand window;
  Index channels;  // at most, at a time
  EvenSplit rows;  // of an image, divided into bands: the steps
  DwTasks tasks;
  Index band_pitch;
  Index dy_pitch;             // a row of dy, filled up with zeros to whole vectors
  Index bands_size, dy_size;  // of one worker
  WorkspaceLayout layout;
  std::int64_t positions, bands, dy, sums;

  DwPlan(const Conv2dShape& shape, int threads)
      : in_place(!shape.padded() && shape.stride_w == 1 && shape.ow % simd::kLanes == 0),
        taps(shape.r * shape.s),
        window(shape, in_place ? BandUse::kNone : BandUse::kVectors),
        channels(window.fitting_channels(
            std::clamp<Index>(divide_up(shape.group_c(), kLeastParts), 1, kMostChannels))),
        rows(shape.oh, window.fitting_rows(channels, most_rows(shape))),
        tasks(shape, channels, shape.n * rows.parts()),
        band_pitch(in_place ? shape.h * shape.w : window.plane_pitch(rows.size(0))),
        dy_pitch(simd::round_up(shape.ow)),
        bands_size(in_place ? 0 : channels * band_pitch + kBandSlack),
        dy_size(dy_pitch == shape.ow ? 0 : shape.group_k() * rows.size(0) * dy_pitch + kLineGap) {
    positions = layout.reserve<Index>(channels * taps);
    bands = layout.reserve<float>(bands_size * threads);
    dy = layout.reserve<float>(dy_size * threads);
    sums = layout.reserve<double>(tasks.sums_size(shape, threads));
  }

 private:
  // The more, the longer the dot products.
  [[nodiscard]] Index most_rows(const Conv2dShape& shape) const {
    const Index blocks = shape.groups * divide_up(shape.group_c(), channels);
    return blocks > kLeastParts ? shape.oh : divide_up(shape.oh, kLeastParts);
  }
};

// Dot products do well along rows of whole vectors, of few taps or where output channels would
// leave lanes unused; strided rows of 1x1 kernels would be copied with every column between.
bool channels_fill_lanes(const Conv2dShape& shape) {
  const Index group_k = shape.group_k(), taps = shape.group_c() * shape.r * shape.s;
  if (group_k < 6) return false;
  if (shape.ow < 28 || shape.ow % simd::kLanes != 0) return true;
  if (shape.r * shape.s == 1 && shape.stride_w > 1) return true;
  const Index lanes = divide_up(group_k, kChannelLanes) * kChannelLanes;
  return taps >= 32 && 5 * group_k >= 4 * lanes;
}

}  // namespace

std::int64_t conv2d_dw_direct_workspace(const Conv2dShape& shape, int threads) {
  if (conv2d_depthwise_applies(shape)) return conv2d_depthwise_workspace(shape, threads);
  if (conv2d_is_fully_connected(shape)) return conv2d_fully_connected_workspace(shape, threads);
  if (channels_fill_lanes(shape)) return conv2d_dw_direct_channels_workspace(shape, threads);
  return DwPlan(shape, threads).layout.bytes();
}

// dy[N,K,OH,OW] x[N,C,H,W] -> dw[K,C/g,R,S]
bool conv2d_dw_direct(const Conv2dShape& shape, Reduction reduction, const float* dy,
                      const float* x, float* dw, const Workspace& workspace) {
  if (conv2d_depthwise_applies(shape)) {
    return conv2d_depthwise_dw(shape, reduction, dy, x, dw, workspace);
  }
  if (conv2d_is_fully_connected(shape)) {
    return conv2d_fully_connected_dw(shape, reduction, shape.n, dy, x, dw, workspace);
  }
  if (channels_fill_lanes(shape)) {
    return conv2d_dw_direct_channels(shape, reduction, dy, x, dw, workspace);
  }
  const DwPlan plan(shape, worker_count(workspace));
  // Both operands meet zeros: x the ends of the rows of dy, dy the padding of x.
  const bool zeros = !plan.in_place || plan.dy_size > 0;
  if (zeros && !(all_finite(x, shape.x_size()) && all_finite(dy, shape.y_size()))) return false;
  auto* positions = WorkspaceLayout::at<Index>(workspace.data, plan.positions);
  const Index group_k = shape.group_k(), plane = shape.oh * shape.ow;
  const Band dy_band{.h = shape.oh,
                     .w = shape.ow,
                     .col_begin = 0,
                     .phases = 1,
                     .phase_pitch = plan.dy_pitch,
                     .padding = 0.0f};
  const Index x_row = plan.window.output_row();
  plan.window.tap_offsets(shape, plan.channels, plan.band_pitch, positions);

  const auto accumulate = [&](const DwTask& task, int worker) {
    const Index g = task.g, c = task.c, channels = task.channels;
    auto* bands = WorkspaceLayout::at<float>(workspace.data, plan.bands) + worker * plan.bands_size;
    auto* dy_rows = WorkspaceLayout::at<float>(workspace.data, plan.dy) + worker * plan.dy_size;
    for (Index step = task.step; step < task.last_step; ++step) {
      const Index n = step / plan.rows.parts(), part = step % plan.rows.parts();
      const Index oh = plan.rows.begin(part), rows = plan.rows.size(part);
      const float* dy_planes = dy + (n * shape.k + g * group_k) * plane;
      const float* x_planes = x + (n * shape.c + g * shape.group_c() + c) * shape.h * shape.w;
      PhaseTimer timer(workspace, Phase::kPad, worker);
      if (!plan.in_place) {
        plan.window.copy(shape, x_planes, channels, oh, rows, plan.band_pitch, bands);
      }
      DotJob job{.dy = dy_planes + oh * shape.ow,
                 .dy_plane = plane,
                 .dy_row = shape.ow,
                 .x = plan.in_place ? x_planes + oh * x_row : bands,
                 .positions = positions,
                 .x_row = x_row,
                 .rows = rows,
                 .columns = plan.dy_pitch,
                 .sums = task.sums.sums,
                 .sums_pitch = task.sums.pitch};
      if (plan.dy_pitch != shape.ow) {
        job.dy = dy_rows;
        job.dy_plane = rows * plan.dy_pitch;
        job.dy_row = plan.dy_pitch;
        for (Index k = 0; k < group_k; ++k) {
          dy_band.copy(dy_planes + k * plane, oh, rows, dy_rows + k * job.dy_plane);
        }
      }
      timer.enter(Phase::kMultiply);
      dot_product(job, group_k, channels * plan.taps);
    }
  };
  plan.tasks.run(shape, reduction, WorkspaceLayout::at<double>(workspace.data, plan.sums), dw,
                 workspace, accumulate);
  return true;
}

}  // namespace convgrad::kernels
