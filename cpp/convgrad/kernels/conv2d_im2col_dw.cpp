// dw by img2col and a matrix product, method 2 of the chapter: dW = delta_in_2d^T * col_x. The rows
// of the product's two operands, the windows of a block, are read along the lanes, so dy is used as
// it stands and the columns are made a row a tap.
#include <algorithm>

#include "convgrad/kernels/columns.h"
#include "convgrad/kernels/conv2d_im2col_whole.h"
#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/dot_product.h"
#include "convgrad/kernels/dw_tasks.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

// Windows and taps lowered at a time: 256 KiB, half of a typical L2 cache.
constexpr Index kMostWindows = 512;
constexpr Index kMostTaps = 128;
// Blocks of channels at least, for the threads to share.
constexpr Index kLeastParts = 4;

struct DwPlan {
  Index taps;
  WindowBand window;
  Index images;     // whole images in a block, where they are small; else 1
  EvenSplit parts;  // of an image, in whole vectors of windows
  Index steps;      // blocks in the batch
  DwTasks tasks;
  Index row_pitch;  // a tap's windows, every image's filled up to whole vectors, and slack
  Index band_pitch;
  Index bands_size, columns_size, dy_size;  // of one worker
  WorkspaceLayout layout;
  std::int64_t offsets, positions, bands, columns, dy, sums;

  DwPlan(const Conv2dShape& shape, int threads)
      : taps(shape.r * shape.s),
        window(shape),
        images(std::clamp<Index>(kMostWindows / simd::round_up(shape.oh * shape.ow), 1, shape.n)),
        parts((shape.oh * shape.ow + simd::kLanes - 1) / simd::kLanes, kMostWindows / simd::kLanes),
        steps((shape.n + images - 1) / images * parts.parts()),
        tasks(shape,
              window.fitting_channels(std::clamp<Index>(
                  std::min(kMostTaps / taps, (shape.group_c() + kLeastParts - 1) / kLeastParts), 1,
                  shape.group_c())),
              steps),
        row_pitch((images * parts.size(0) + 1) * simd::kLanes) {
    const Index channels = tasks.most_channels();
    const Index rows =
        std::min((parts.size(0) * simd::kLanes + shape.ow - 2) / shape.ow + 1, shape.oh);
    band_pitch = window.plane_pitch(rows);
    bands_size = channels * band_pitch + kBandSlack;
    columns_size = channels * taps * row_pitch + kLineGap;
    // Where dy can be read as it stands there is nothing to copy.
    dy_size = images == 1 && shape.oh * shape.ow % simd::kLanes == 0
                  ? 0
                  : shape.group_k() * row_pitch + kLineGap;
    offsets = layout.reserve<Index>(channels * taps);
    positions = layout.reserve<Index>(channels * taps);
    bands = layout.reserve<float>(bands_size * threads);
    columns = layout.reserve<float>(columns_size * threads);
    dy = layout.reserve<float>(dy_size * threads);
    sums = layout.reserve<double>(tasks.sums_size(shape, threads));
  }
};

// Windows [begin, begin + count) of an image -> rows[taps][row_pitch], filled up to whole vectors
// with zeros; up to a vector behind them is overwritten.
void lower_rows(const Conv2dShape& shape, const LoweringSource& source, Index begin, Index count,
                const Index* offsets, Index taps, Index row_pitch, float* rows) {
  for (Index d = 0; d < taps; ++d) {
    float* row = rows + d * row_pitch;
    for_each_run(shape, begin, count, [&](const ColumnRun& run) {
      const float* from = source.at(run) + offsets[d];
      float* to = row + run.first;
      // The next run, or the zeros, overwrite what is copied too much.
      for (Index i = 0; i < run.count; i += simd::kLanes) simd::store(to + i, simd::load(from + i));
    });
    for (Index i = count; i < simd::round_up(count); ++i) row[i] = 0.0f;
  }
}

}  // namespace

std::int64_t conv2d_dw_im2col_workspace(const Conv2dShape& shape, int threads) {
  if (conv2d_im2col_is_whole(shape)) return conv2d_im2col_whole_workspace(shape, threads);
  return DwPlan(shape, threads).layout.bytes();
}

// dy[N,K,OH,OW] x[N,C,H,W] -> dw[K,C/g,R,S]
bool conv2d_dw_im2col(const Conv2dShape& shape, Reduction reduction, const float* dy,
                      const float* x, float* dw, const Workspace& workspace) {
  if (shape.padded() && !all_finite(dy, shape.y_size())) return false;
  if (conv2d_im2col_is_whole(shape)) {
    return conv2d_im2col_whole_dw(shape, reduction, dy, x, dw, workspace);
  }
  const DwPlan plan(shape, worker_count(workspace));
  auto* offsets = WorkspaceLayout::at<Index>(workspace.data, plan.offsets);
  auto* positions = WorkspaceLayout::at<Index>(workspace.data, plan.positions);
  const Index group_k = shape.group_k(), plane = shape.oh * shape.ow;
  const Index parts = plan.parts.parts(), most_taps = plan.tasks.most_channels() * plan.taps;
  plan.window.tap_offsets(shape, plan.tasks.most_channels(), plan.band_pitch, offsets);
  for (Index t = 0; t < most_taps; ++t) positions[t] = t * plan.row_pitch;

  const auto accumulate = [&](const DwTask& task, int worker) {
    const Index g = task.g, c = task.c, channels = task.channels;
    auto* bands = WorkspaceLayout::at<float>(workspace.data, plan.bands) + worker * plan.bands_size;
    auto* columns =
        WorkspaceLayout::at<float>(workspace.data, plan.columns) + worker * plan.columns_size;
    auto* dy_rows = WorkspaceLayout::at<float>(workspace.data, plan.dy) + worker * plan.dy_size;
    const Index taps = channels * plan.taps;
    for (Index step = task.step; step < task.last_step; ++step) {
      const Index part = step % parts, first_image = step / parts * plan.images;
      const Index begin = plan.parts.begin(part) * simd::kLanes;
      const Index count = std::min(plan.parts.begin(part + 1) * simd::kLanes, plane) - begin;
      const Index oh = begin / shape.ow, oh_end = (begin + count - 1) / shape.ow + 1;
      PhaseTimer timer(workspace, Phase::kPad, worker);
      Index filled = 0;
      for (Index n = first_image; n < std::min(first_image + plan.images, shape.n); ++n) {
        timer.enter(Phase::kPad);
        plan.window.copy(shape, x + (n * shape.c + g * shape.group_c() + c) * shape.h * shape.w,
                         channels, oh, oh_end - oh, plan.band_pitch, bands);
        timer.enter(Phase::kLower);
        lower_rows(shape,
                   {.first_row = bands, .oh_begin = oh, .row_step = plan.window.output_row()},
                   begin, count, offsets, taps, plan.row_pitch, columns + filled);
        timer.enter(Phase::kPack);
        if (plan.dy_size != 0) {
          for (Index k = 0; k < group_k; ++k) {
            float* row = dy_rows + k * plan.row_pitch + filled;
            std::copy_n(dy + (n * shape.k + g * group_k + k) * plane + begin, count, row);
            for (Index i = count; i < simd::round_up(count); ++i) row[i] = 0.0f;
          }
        }
        filled += simd::round_up(count);
      }
      timer.enter(Phase::kMultiply);
      const bool copied = plan.dy_size != 0;
      dot_product(
          {.dy = copied ? dy_rows : dy + (first_image * shape.k + g * group_k) * plane + begin,
           .dy_plane = copied ? plan.row_pitch : plane,
           .dy_row = 0,
           .x = columns,
           .positions = positions,
           .x_row = 0,
           .rows = 1,
           .columns = filled,
           .sums = task.sums.sums,
           .sums_pitch = task.sums.pitch},
          group_k, taps);
    }
  };
  plan.tasks.run(shape, reduction, WorkspaceLayout::at<double>(workspace.data, plan.sums), dw,
                 workspace, accumulate);
  return true;
}

}  // namespace convgrad::kernels
