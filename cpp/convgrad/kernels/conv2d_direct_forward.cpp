// Convolution forward by direct loops: no column matrix. Rows are padded once by copy instead of
// testing every tap, and strides are worked out there too, so the inner loop is the same for all.
#include <algorithm>

#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/correlate.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/parallel.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/kernels/workspace_layout.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

struct ForwardPlan {
  Index taps;
  WindowBand window;
  Index channels;  // input channels in a band at a time
  EvenSplit rows;  // of an image, divided into the bands that are tasks
  EvenSplit tiles;
  Index band_pitch;  // floats of one channel's band
  Index bands_size;  // of one worker
  WorkspaceLayout layout;
  std::int64_t offsets, weights, bands;

  ForwardPlan(const Conv2dShape& shape, int threads)
      : taps(shape.r * shape.s),
        window(shape),
        channels(
            window.fitting_channels(std::clamp<Index>(kBlockTerms / taps, 1, shape.group_c()))),
        rows(shape.oh,
             window.fitting_rows(
                 channels, divide_up(shape.oh, least_parts(shape.n * shape.groups, threads)))),
        tiles(shape.group_k(), kTileRows),
        band_pitch(window.plane_pitch(rows.size(0))),
        bands_size(channels * band_pitch + kBandSlack) {
    offsets = layout.reserve<Index>(channels * taps);
    weights = layout.reserve<float>(shape.w_size());
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
  const Index depth = group_c * plan.taps;
  const Index row_step = shape.stride_h * plan.window.band.row_pitch();

  plan.window.tap_offsets(shape, plan.channels, plan.band_pitch, offsets);
  // Of each tile of output channels: packed[C/g][R*S][rows].
  parallel_for(workspace, shape.groups * plan.tiles.parts(), [&](Index task, int worker) {
    const PhaseTimer timer(workspace, Phase::kPack, worker);
    const Index tile = task % plan.tiles.parts();
    const Index k = task / plan.tiles.parts() * group_k + plan.tiles.begin(tile);
    pack_panel(plan.tiles.size(tile), depth, w + k * depth, depth, weights + k * depth);
  });

  parallel_for(workspace, shape.n * shape.groups * plan.rows.parts(), [&](Index task, int worker) {
    const Index part = task % plan.rows.parts(), image = task / plan.rows.parts();
    const Index n = image / shape.groups, g = image % shape.groups;
    const Index oh_begin = plan.rows.begin(part), oh_end = plan.rows.begin(part + 1);
    auto* bands = WorkspaceLayout::at<float>(workspace.data, plan.bands) + worker * plan.bands_size;
    for (Index c = 0; c < group_c; c += plan.channels) {
      const Index channels = std::min(plan.channels, group_c - c);
      PhaseTimer timer(workspace, Phase::kPad, worker);
      plan.window.copy(shape, x + (n * shape.c + g * group_c + c) * shape.h * shape.w, channels,
                       oh_begin, oh_end - oh_begin, plan.band_pitch, bands);
      timer.enter(Phase::kMultiply);
      for (Index t = 0; t < plan.taps; t += kBlockTerms) {
        const Index first_term = c * plan.taps + t;
        for (Index tile = 0; tile < plan.tiles.parts(); ++tile) {
          const Index k = g * group_k + plan.tiles.begin(tile);
          Correlation job{.bands = bands,
                          .offsets = offsets + t,
                          // Several channels only where all their taps are one block.
                          .depth = std::min(channels * plan.taps - t, kBlockTerms),
                          .weights = weights + k * depth + first_term * plan.tiles.size(tile),
                          .bias = b != nullptr ? b + k : nullptr,
                          .accumulate = first_term > 0,
                          .out = y + ((n * shape.k + k) * shape.oh + oh_begin) * shape.ow,
                          .out_pitch = shape.oh * shape.ow,
                          .out_step = 1,
                          .columns = shape.ow};
          for (Index oh = oh_begin; oh < oh_end; ++oh) {
            correlate_row(job, plan.tiles.size(tile));
            job.bands += row_step;
            job.out += shape.ow;
          }
        }
      }
    }
  });
  return true;
}

}  // namespace convgrad::kernels
