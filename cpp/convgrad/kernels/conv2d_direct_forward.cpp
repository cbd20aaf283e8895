// Convolution forward by direct loops: no column matrix. Rows are padded once by copy instead of
// testing every tap, and strides are worked out there too, for the inner loops that read vectors.
#include <algorithm>

#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/direct_tiles.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/parallel.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/kernels/workspace_layout.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

struct ForwardPlan {
  DirectTiles tiles;  // of a group's output channels
  bool in_place;      // x is read where it stands
  Index taps;
  WindowBand window;
  Index channels;    // input channels in a band at a time
  EvenSplit rows;    // of an image, divided into the bands that are tasks
  Index band_pitch;  // floats of one channel's band
  Index bands_size;  // of one worker
  WorkspaceLayout layout;
  std::int64_t offsets, weights, bands;

  ForwardPlan(const Conv2dShape& shape, int threads)
      : tiles(shape.group_k(), shape.ow, shape.group_c() * shape.r * shape.s),
        in_place(!shape.padded() && (tiles.channel_lanes() || shape.stride_w == 1) &&
                 tiles.reads_windows_only(shape.ow)),
        taps(shape.r * shape.s),
        window(shape, in_place                ? BandUse::kNone
                      : tiles.channel_lanes() ? BandUse::kFloats
                                              : BandUse::kVectors),
        channels(
            window.fitting_channels(std::clamp<Index>(kBlockTerms / taps, 1, shape.group_c()))),
        rows(shape.oh,
             window.fitting_rows(
                 channels, divide_up(shape.oh, least_parts(shape.n * shape.groups, threads)))),
        band_pitch(in_place ? shape.h * shape.w : window.plane_pitch(rows.size(0))),
        bands_size(in_place ? 0 : channels * band_pitch + kBandSlack) {
    offsets = layout.reserve<Index>(channels * taps);
    weights = layout.reserve<float>(shape.groups * tiles.lanes() * shape.group_c() * taps);
    bands = layout.reserve<float>(bands_size * threads);
  }
};

}  // namespace

std::int64_t conv2d_forward_direct_workspace(const Conv2dShape& shape, int threads) {
  return ForwardPlan(shape, threads).layout.bytes();
}

// x[N,C,H,W] w[K,C/g,R,S] b[K] -> y[N,K,OH,OW]
bool conv2d_forward_direct(const Conv2dShape& shape, const float* x, const float* w, const float* b,
                           float* y, const Workspace& workspace) {
  if (shape.padded()) {
    FiniteCheck finite;
    finite.add(w, shape.w_size());
    if (!finite.passed()) return false;
  }
  const ForwardPlan plan(shape, worker_count(workspace));
  auto* offsets = WorkspaceLayout::at<Index>(workspace.data, plan.offsets);
  auto* weights = WorkspaceLayout::at<float>(workspace.data, plan.weights);
  const Index group_c = shape.group_c(), group_k = shape.group_k();
  const Index depth = group_c * plan.taps, group_lanes = plan.tiles.lanes();
  const Index row_step = shape.stride_h * plan.window.band.row_pitch();
  const Index plane = shape.oh * shape.ow;

  plan.window.tap_offsets(shape, plan.channels, plan.band_pitch, offsets);
  // Of each tile of output channels: packed[C/g][R*S][width].
  parallel_for(workspace, shape.groups * plan.tiles.parts(), [&](Index task, int worker) {
    const PhaseTimer timer(workspace, Phase::kPack, worker);
    const Index g = task / plan.tiles.parts(), tile = task % plan.tiles.parts();
    const Index first = plan.tiles.begin(tile);
    pack_panel(plan.tiles.size(tile), depth, w + (g * group_k + first) * depth, depth,
               weights + (g * group_lanes + first) * depth, plan.tiles.width(tile));
  });

  parallel_for(workspace, shape.n * shape.groups * plan.rows.parts(), [&](Index task, int worker) {
    const Index part = task % plan.rows.parts(), image = task / plan.rows.parts();
    const Index n = image / shape.groups, g = image % shape.groups;
    const Index oh = plan.rows.begin(part), rows = plan.rows.size(part);
    auto* bands = WorkspaceLayout::at<float>(workspace.data, plan.bands) + worker * plan.bands_size;
    for (Index c = 0; c < group_c; c += plan.channels) {
      const Index channels = std::min(plan.channels, group_c - c);
      const float* planes = x + (n * shape.c + g * group_c + c) * shape.h * shape.w;
      const float* source = planes + oh * row_step;
      PhaseTimer timer(workspace, Phase::kPad, worker);
      if (!plan.in_place) {
        plan.window.copy(shape, planes, channels, oh, rows, plan.band_pitch, bands);
        source = bands;
      }
      timer.enter(Phase::kMultiply);
      for (Index t = 0; t < plan.taps; t += kBlockTerms) {
        const Index first_term = c * plan.taps + t;
        // Several channels only where all their taps are one block.
        const Index block = std::min(channels * plan.taps - t, kBlockTerms);
        for (Index tile = 0; tile < plan.tiles.parts(); ++tile) {
          const Index first = plan.tiles.begin(tile), k = g * group_k + first;
          const float* panel =
              weights + (g * group_lanes + first) * depth + first_term * plan.tiles.width(tile);
          plan.tiles.correlate(tile, {.source = source,
                                      .source_row = row_step,
                                      .source_column = shape.stride_w / plan.window.band.phases,
                                      .offsets = offsets + t,
                                      .depth = block,
                                      .weights = panel,
                                      .bias = b != nullptr ? b + k : nullptr,
                                      .accumulate = first_term > 0,
                                      .out = y + (n * shape.k + k) * plane + oh * shape.ow,
                                      .out_pitch = plane,
                                      .out_row = shape.ow,
                                      .out_column = 1,
                                      .rows = rows,
                                      .columns = shape.ow});
        }
      }
    }
  });
  return true;
}

}  // namespace convgrad::kernels
