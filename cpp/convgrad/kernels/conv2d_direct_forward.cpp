// Convolution forward by direct loops: no column matrix. Rows are padded once by copy instead of
// testing every tap, and strides are worked out there too, so the inner loop is the same for all.
#include <algorithm>

#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/correlate.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

struct ForwardPlan {
  Index taps;
  WindowBand window;
  WorkspaceLayout layout;
  std::int64_t offsets, weights, planes;

  explicit ForwardPlan(const Conv2dShape& shape)
      : taps(shape.r * shape.s),
        window(shape, std::clamp<Index>(kBlockTerms / taps, 1, shape.group_c())) {
    offsets = layout.reserve<Index>(taps);
    weights = layout.reserve<float>(shape.group_k() * shape.group_c() * taps);
    planes = layout.reserve<float>(window.channels * window.plane_pitch(shape));
  }
};

// w[rows of a tile][C/g][R*S] -> packed[C/g][R*S][rows], tile after tile.
void pack_weights(const Conv2dShape& shape, const float* w, float* packed) {
  const Index depth = shape.group_c() * shape.r * shape.s;
  const EvenSplit tiles(shape.group_k(), kTileRows);
  for (Index tile = 0; tile < tiles.parts(); ++tile) {
    for (Index d = 0; d < depth; ++d) {
      for (Index m = tiles.begin(tile); m < tiles.begin(tile + 1); ++m)
        *packed++ = w[m * depth + d];
    }
  }
}

}  // namespace

std::int64_t conv2d_forward_direct_workspace(const Conv2dShape& shape, int) {
  return ForwardPlan(shape).layout.bytes();
}

// x[N,C,H,W] w[K,C/g,R,S] b[K] -> y[N,K,OH,OW]
bool conv2d_forward_direct(const Conv2dShape& shape, const float* x, const float* w, const float* b,
                           float* y, const Workspace& workspace) {
  if (shape.padded()) {
    FiniteCheck finite;
    finite.add(w, shape.w_size());
    if (!finite.passed()) return false;
  }
  const ForwardPlan plan(shape);
  auto* offsets = WorkspaceLayout::at<Index>(workspace.data, plan.offsets);
  auto* weights = WorkspaceLayout::at<float>(workspace.data, plan.weights);
  auto* planes = WorkspaceLayout::at<float>(workspace.data, plan.planes);
  plan.window.tap_offsets(shape, offsets);
  const Index group_c = shape.group_c(), group_k = shape.group_k(), taps = plan.taps;
  const Index plane_pitch = plan.window.plane_pitch(shape);
  const Index row_pitch = plan.window.band.row_pitch();
  const EvenSplit tiles(group_k, kTileRows);

  // Output rows [oh_begin, oh_end) of all K/g channels, from taps [t, t + block_taps) of the
  // channels [c, c + channels) whose bands are in `planes`.
  const auto run_block = [&](Index g, Index n, Index oh_begin, Index oh_end, Index c,
                             Index channels, Index t, Index block_taps) {
    for (Index tile = 0; tile < tiles.parts(); ++tile) {
      const Index m = tiles.begin(tile), rows = tiles.size(tile), k = g * group_k + m;
      for (Index oh = oh_begin; oh < oh_end; ++oh) {
        correlate_row({.planes = planes + (oh - oh_begin) * shape.stride_h * row_pitch,
                       .plane_pitch = plane_pitch,
                       .channels = channels,
                       .offsets = offsets + t,
                       .taps = block_taps,
                       .weights = weights + m * group_c * taps + (c * taps + t) * rows,
                       .weight_pitch = taps * rows,
                       .bias = b != nullptr ? b + k : nullptr,
                       .accumulate = c > 0 || t > 0,
                       .out = y + ((n * shape.k + k) * shape.oh + oh) * shape.ow,
                       .out_pitch = shape.oh * shape.ow,
                       .out_step = 1,
                       .columns = shape.ow},
                      rows);
      }
    }
  };

  for (Index g = 0; g < shape.groups; ++g) {
    pack_weights(shape, w + g * group_k * group_c * taps, weights);
    for (Index n = 0; n < shape.n; ++n) {
      for (Index oh = 0; oh < shape.oh; oh += plan.window.rows_per_band) {
        const Index oh_end = std::min(oh + plan.window.rows_per_band, shape.oh);
        for (Index c = 0; c < group_c; c += plan.window.channels) {
          const Index channels = std::min(plan.window.channels, group_c - c);
          for (Index q = 0; q < channels; ++q) {
            const float* plane = x + (n * shape.c + g * group_c + c + q) * shape.h * shape.w;
            plan.window.band.copy(plane, oh * shape.stride_h - shape.pad_top,
                                  plan.window.input_rows(shape, oh_end - oh),
                                  planes + q * plane_pitch);
          }
          for (Index t = 0; t < taps; t += kBlockTerms) {
            run_block(g, n, oh, oh_end, c, channels, t, std::min(kBlockTerms, taps - t));
          }
        }
      }
    }
  }
  return true;
}

}  // namespace convgrad::kernels
