// dw by direct loops, method 1 of the chapter: x * dy, as dot products along the rows. A tile is
// some output channels x some taps; both operands are plain vector loads from bands of x and rows
// of dy that end in zeros. Sums: up to 256 terms a lane in float, then double.
#include <algorithm>

#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/tile.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

// 4 + 2 loads for 8 multiply-adds, 14 vectors.
constexpr int kDwRows = 4;
constexpr int kDwTaps = 2;

struct DwPlan {
  Index taps;
  WindowBand window;
  Index dy_pitch;  // a row of dy, filled up with zeros to whole vectors
  WorkspaceLayout layout;
  std::int64_t offsets, positions, planes, rows, sums;

  explicit DwPlan(const Conv2dShape& shape)
      : taps(shape.r * shape.s),
        window(shape, std::min<Index>(shape.group_c(), 32)),
        dy_pitch(simd::round_up(shape.ow)) {
    offsets = layout.reserve<Index>(taps);
    positions = layout.reserve<Index>(window.channels * taps);
    planes = layout.reserve<float>(window.channels * window.plane_pitch(shape));
    rows = layout.reserve<float>(shape.group_k() * window.rows_per_band * dy_pitch);
    sums = layout.reserve<double>(shape.w_size());
  }
};

// A tile's operands: dot products of `rows` rows of `columns` floats.
struct DwTile {
  const float* dy;         // first output channel's first row
  Index dy_plane, dy_row;  // floats to the next channel, to the next row
  const float* x;          // first row of the bands
  const Index* positions;  // [taps]: where a tap's first window lies in the bands
  Index x_row;             // floats to the next window row
  Index rows, columns;     // columns: whole vectors
  double* sums;            // dw of the first channel and tap
  Index sums_pitch;        // doubles to the next channel
};

template <int kRows, int kTaps>
inline void correlate_dw(const DwTile& tile) {
  // Whole rows as long as a lane stays within a block; rows longer than that in pieces.
  constexpr Index kBlockColumns = kBlockTerms * simd::kLanes;
  const Index piece = std::min(tile.columns, kBlockColumns);
  const Index rows_per_block = kBlockColumns / piece;
  for (Index row = 0; row < tile.rows; row += rows_per_block) {
    const Index row_end = std::min(row + rows_per_block, tile.rows);
    for (Index column = 0; column < tile.columns; column += piece) {
      const Index column_end = std::min(column + piece, tile.columns);
      simd::Vec sums[kRows][kTaps];
      for (auto& of_row : sums) {
        for (auto& sum : of_row) sum = simd::broadcast(0.0f);
      }
      for (Index i = row; i < row_end; ++i) {
        for (Index j = column; j < column_end; j += simd::kLanes) {
          simd::Vec x[kTaps];
          for (int t = 0; t < kTaps; ++t) {
            x[t] = simd::load(tile.x + tile.positions[t] + i * tile.x_row + j);
          }
          for (int m = 0; m < kRows; ++m) {
            const simd::Vec dy = simd::load(tile.dy + m * tile.dy_plane + i * tile.dy_row + j);
            for (int t = 0; t < kTaps; ++t) sums[m][t] = simd::multiply_add(dy, x[t], sums[m][t]);
          }
        }
      }
      for (int m = 0; m < kRows; ++m) {
        for (int t = 0; t < kTaps; ++t) {
          tile.sums[m * tile.sums_pitch + t] += static_cast<double>(simd::sum(sums[m][t]));
        }
      }
    }
  }
}

}  // namespace

std::int64_t conv2d_dw_direct_workspace(const Conv2dShape& shape, int) {
  return DwPlan(shape).layout.bytes();
}

// dy[N,K,OH,OW] x[N,C,H,W] -> dw[K,C/g,R,S]
bool conv2d_dw_direct(const Conv2dShape& shape, Reduction reduction, const float* dy,
                      const float* x, float* dw, const Workspace& workspace) {
  const DwPlan plan(shape);
  auto* offsets = WorkspaceLayout::at<Index>(workspace.data, plan.offsets);
  auto* positions = WorkspaceLayout::at<Index>(workspace.data, plan.positions);
  auto* planes = WorkspaceLayout::at<float>(workspace.data, plan.planes);
  auto* rows = WorkspaceLayout::at<float>(workspace.data, plan.rows);
  auto* sums = WorkspaceLayout::at<double>(workspace.data, plan.sums);
  const WindowBand& window = plan.window;
  const Index group_c = shape.group_c(), group_k = shape.group_k(), taps = plan.taps;
  const Index plane_pitch = window.plane_pitch(shape);
  const Index dy_plane = window.rows_per_band * plan.dy_pitch;
  const EvenSplit k_tiles(group_k, kDwRows);

  window.tap_offsets(shape, offsets);
  for (Index q = 0; q < window.channels; ++q) {
    for (Index t = 0; t < taps; ++t) positions[q * taps + t] = q * plane_pitch + offsets[t];
  }
  std::fill_n(sums, shape.w_size(), 0.0);
  // Both operands meet zeros: x the ends of the rows of dy, dy the padding of x.
  FiniteCheck finite;
  finite.add(x, shape.x_size());
  finite.add(dy, shape.y_size());
  if (!finite.passed()) return false;

  // dw of all K/g channels for the channels [c, c + channels) whose bands are in `planes`.
  const auto run_block = [&](Index g, Index output_rows, Index c, Index channels) {
    for (Index tile = 0; tile < k_tiles.parts(); ++tile) {
      const Index k = k_tiles.begin(tile);
      with_rows<kDwRows>(k_tiles.size(tile), [&]<int kRows>() {
        DwTile job{.dy = rows + k * dy_plane,
                   .dy_plane = dy_plane,
                   .dy_row = plan.dy_pitch,
                   .x = planes,
                   .positions = positions,
                   .x_row = shape.stride_h * window.band.row_pitch(),
                   .rows = output_rows,
                   .columns = plan.dy_pitch,
                   .sums = sums + ((g * group_k + k) * group_c + c) * taps,
                   .sums_pitch = group_c * taps};
        Index t = 0;
        for (; t + kDwTaps <= channels * taps; t += kDwTaps) {
          correlate_dw<kRows, kDwTaps>(job);
          job.positions += kDwTaps;
          job.sums += kDwTaps;
        }
        if (t < channels * taps) correlate_dw<kRows, 1>(job);
      });
    }
  };

  const Band dy_band{.h = shape.oh,
                     .w = shape.ow,
                     .col_begin = 0,
                     .phases = 1,
                     .phase_pitch = plan.dy_pitch,
                     .padding = 0.0f};
  for (Index n = 0; n < shape.n; ++n) {
    for (Index g = 0; g < shape.groups; ++g) {
      for (Index oh = 0; oh < shape.oh; oh += window.rows_per_band) {
        const Index output_rows = std::min(window.rows_per_band, shape.oh - oh);
        for (Index k = 0; k < group_k; ++k) {
          const float* plane = dy + (n * shape.k + g * group_k + k) * shape.oh * shape.ow;
          dy_band.copy(plane, oh, output_rows, rows + k * dy_plane);
        }
        for (Index c = 0; c < group_c; c += window.channels) {
          const Index channels = std::min(window.channels, group_c - c);
          for (Index q = 0; q < channels; ++q) {
            const float* plane = x + (n * shape.c + g * group_c + c + q) * shape.h * shape.w;
            window.band.copy(plane, oh * shape.stride_h - shape.pad_top,
                             window.input_rows(shape, output_rows), planes + q * plane_pitch);
          }
          run_block(g, output_rows, c, channels);
        }
      }
    }
  }
  const double scale = reduction == Reduction::kMean ? static_cast<double>(shape.n) : 1.0;
  for (Index i = 0; i < shape.w_size(); ++i) dw[i] = static_cast<float>(sums[i] / scale);
  return true;
}

}  // namespace convgrad::kernels
