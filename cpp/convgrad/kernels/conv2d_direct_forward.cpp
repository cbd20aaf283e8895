// Convolution forward by direct loops: no column matrix. Rows are padded once by copy instead of
// testing every tap, and strides are worked out there too, for the inner loops that read vectors.
#include <algorithm>
#include <atomic>

#include "convgrad/kernels/conv2d_depthwise.h"
#include "convgrad/kernels/conv2d_fully_connected.h"
#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/direct_tiles.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/pack_panel.h"
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
  Index block_channels;  // input channels of a block of terms
  Index channels;        // input channels in a band at a time
  EvenSplit shares;      // of a group's tiles
  EvenSplit rows;        // of an image; a band of them and a share are a task
  Index band_pitch;      // floats of one channel's band
  Index bands_size;      // of one worker
  WorkspaceLayout layout;
  std::int64_t offsets, weights, bands;

  ForwardPlan(const Conv2dShape& shape, int threads)
      : tiles(shape.r * shape.s == 1
                  ? DirectTiles(shape.group_k(), 1, shape.oh * shape.ow, shape.group_c(),
                                copy_cost(shape))
                  : DirectTiles(shape.group_k(), shape.oh, shape.ow,
                                shape.group_c() * shape.r * shape.s, copy_cost(shape))),
        in_place(readable(shape) && (tiles.channel_lanes() || shape.stride_w == 1) &&
                 tiles.reads_windows_only(shape.ow)),
        taps(shape.r * shape.s),
        window(shape, in_place                ? BandUse::kNone
                      : shape.s == 1          ? BandUse::kRows
                      : tiles.channel_lanes() ? BandUse::kFloats
                                              : BandUse::kVectors),
        block_channels(std::clamp<Index>(kBlockTerms / taps, 1, shape.group_c())),
        channels(band_channels(shape)),
        shares(split_tiles(tiles.parts(), window.fitting_rows(channels, shape.oh) == shape.oh,
                           shape.h * shape.w < shape.k * taps, shape.n * shape.groups, threads)),
        rows(split_rows(shape.oh, window.fitting_rows(channels, shape.oh), shape.n * shape.groups,
                        shares.parts() > 1 ? 1 : threads)),
        band_pitch(in_place ? shape.h * shape.w : window.plane_pitch(rows.size(0))),
        bands_size(in_place ? 0 : channels * band_pitch + kBandSlack) {
    offsets = layout.reserve<Index>(block_channels * taps);
    weights = layout.reserve<float>(shape.groups * tiles.lanes() * shape.group_c() * taps);
    bands = layout.reserve<float>(bands_size * threads);
  }

 private:
  // Whether x may as well be read where it stands. A tile's windows that are far apart leave
  // nothing in the cache for the next tile anyway.
  [[nodiscard]] static bool readable(const Conv2dShape& shape) {
    return !shape.padded() && (shape.stride_w > 2 || shape.group_k() <= kTileRows ||
                               !share_sets(shape.h * shape.w, shape.group_c()));
  }
  // Of vectors as DirectTiles counts it: strides are worked out in copies.
  [[nodiscard]] static Index copy_cost(const Conv2dShape& shape) {
    if (shape.stride_w == 1) return 0;
    const Index cells = (shape.r == 1 ? 1 : shape.stride_h) *
                        std::min(shape.stride_w, WindowBand::reach(shape) + 1);
    return (shape.stride_w == 2 ? 3 : 15) * cells / (shape.r * shape.s);
  }
  [[nodiscard]] Index band_channels(const Conv2dShape& shape) const {
    if (taps > kBlockTerms) return 1;  // whose taps are several blocks
    if (in_place) return shape.group_c();
    const Index rows =
        least_band_rows(shape.oh, shape.n, shape.oh * shape.ow, shape.group_c() * taps);
    return EvenSplit(shape.group_c(), window.fitting_channels(shape.group_c(), rows)).size(0);
  }
};

}  // namespace

std::int64_t conv2d_forward_direct_workspace(const Conv2dShape& shape, int threads) {
  if (conv2d_depthwise_applies(shape)) return conv2d_depthwise_workspace(shape, threads);
  if (conv2d_is_fully_connected(shape)) {
    return conv2d_fully_connected_workspace(shape, threads);
  }
  return ForwardPlan(shape, threads).layout.bytes();
}

// x[N,C,H,W] w[K,C/g,R,S] b[K] -> y[N,K,OH,OW]
bool conv2d_forward_direct(const Conv2dShape& shape, const float* x, const float* w, const float* b,
                           float* y, const Workspace& workspace) {
  if (conv2d_depthwise_applies(shape)) {
    return conv2d_depthwise_forward(shape, x, w, b, y, workspace);
  }
  if (conv2d_is_fully_connected(shape)) {
    return conv2d_fully_connected_forward(shape, x, w, b, y, workspace);
  }
  const ForwardPlan plan(shape, worker_count(workspace));
  auto* offsets = WorkspaceLayout::at<Index>(workspace.data, plan.offsets);
  auto* weights = WorkspaceLayout::at<float>(workspace.data, plan.weights);
  const Index group_c = shape.group_c(), group_k = shape.group_k();
  const Index depth = group_c * plan.taps, group_lanes = plan.tiles.lanes();
  const Index row_step = plan.window.output_row();
  const Index plane = shape.oh * shape.ow;
  // Rows of windows that follow one another like those of y are one long row.
  const Index column_step = shape.stride_w / plan.window.band.phases;
  const bool one_row = row_step == shape.ow * column_step;

  plan.window.tap_offsets(shape, plan.block_channels, plan.band_pitch, offsets);
  // [C/g][R*S][width] of each tile of output channels.
  std::atomic<bool> finite = true;
  parallel_for(workspace, shape.groups * plan.tiles.parts(), [&](Index task, int worker) {
    const PhaseTimer timer(workspace, Phase::kPack, worker);
    const Index g = task / plan.tiles.parts(), tile = task % plan.tiles.parts();
    const Index first = plan.tiles.begin(tile), width = plan.tiles.width(tile);
    float* packed = weights + (g * group_lanes + first) * depth;
    pack_panel(plan.tiles.size(tile), depth, w + (g * group_k + first) * depth, depth, packed,
               width);
    // While they are in the cache.
    if (shape.padded() && !all_finite(packed, depth * width)) finite = false;
  });
  if (!finite) return false;

  const Index shares = plan.shares.parts(), parts = plan.rows.parts();
  const Index image_size = shape.c * shape.h * shape.w, tasks = shape.n * shape.groups;
  parallel_for(workspace, tasks * parts * shares, [&](Index task, int worker) {
    const Index share = task % shares, part = task / shares % parts, group = task / shares / parts;
    const Index g = group % shape.groups, n = group / shape.groups;
    const Index oh = plan.rows.begin(part), rows = plan.rows.size(part);
    auto* bands = WorkspaceLayout::at<float>(workspace.data, plan.bands) + worker * plan.bands_size;
    for (Index c = 0; c < group_c; c += plan.channels) {
      const Index channels = std::min(plan.channels, group_c - c);
      const float* planes = x + n * image_size + (g * group_c + c) * shape.h * shape.w;
      const float* source = planes + oh * row_step;
      PhaseTimer timer(workspace, Phase::kPad, worker);
      if (!plan.in_place) {
        plan.window.copy(shape, planes, channels, oh, rows, plan.band_pitch, bands);
        source = bands;
      }
      timer.enter(Phase::kMultiply);
      const Index terms = channels * plan.taps;
      for (Index t = 0, count; t < terms; t += count) {
        const Index first_term = c * plan.taps + t;
        count = plan.taps <= kBlockTerms ? terms : std::min(terms - t, kBlockTerms);
        for (Index tile = plan.shares.begin(share); tile < plan.shares.begin(share + 1); ++tile) {
          const Index first = plan.tiles.begin(tile), k = g * group_k + first;
          const float* panel =
              weights + (g * group_lanes + first) * depth + first_term * plan.tiles.width(tile);
          plan.tiles.correlate(tile, {.source = source,
                                      .source_row = row_step,
                                      .source_column = column_step,
                                      .terms = {.offsets = offsets + t,
                                                .depth = count,
                                                .block = plan.block_channels * plan.taps,
                                                .block_step = plan.block_channels * plan.band_pitch,
                                                .weights = panel},
                                      .bias = b != nullptr ? b + k : nullptr,
                                      .accumulate = first_term > 0,
                                      .out = y + (n * shape.k + k) * plane + oh * shape.ow,
                                      .out_pitch = plane,
                                      .out_row = shape.ow,
                                      .rows = one_row ? 1 : rows,
                                      .columns = one_row ? rows * shape.ow : shape.ow});
        }
      }
    }
  });
  return true;
}

}  // namespace convgrad::kernels
