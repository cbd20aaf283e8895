// Convolution forward by img2col and a matrix product, method 2 of the chapter: y = col_w * col_x.
// The columns are made in tiles that fit the cache, straight into the panels that gemm_tile reads.
#include <algorithm>

#include "convgrad/kernels/columns.h"
#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/gemm.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

// Columns lowered at a time: kBlockTerms x 256 floats are 256 KiB, half of a typical L2 cache.
constexpr Index kMostColumns = 256;

struct ForwardPlan {
  Index depth;    // C/g * R * S
  Index columns;  // N * OH * OW
  Index tile_columns;
  WorkspaceLayout layout;
  std::int64_t weights, panels;

  explicit ForwardPlan(const Conv2dShape& shape)
      : depth(shape.group_c() * shape.r * shape.s),
        columns(shape.n * shape.oh * shape.ow),
        tile_columns(
            std::min(kMostColumns, (columns + kTileColumns - 1) / kTileColumns * kTileColumns)) {
    weights = layout.reserve<float>(shape.group_k() * depth);
    panels = layout.reserve<float>(tile_columns * std::min(depth, kBlockTerms));
  }
};

// Rows [depth_begin, depth_begin + depth) of columns [begin, begin + count) ->
// panel[depth][kTileColumns].
void lower_panel(const Conv2dShape& shape, const float* x, Index group, Index begin, Index count,
                 Index depth_begin, Index depth, float* panel) {
  // Columns past the end are multiplied too, and thrown away; they must hold numbers.
  if (count < kTileColumns) std::fill_n(panel, depth * kTileColumns, 0.0f);
  for_each_run(shape, begin, count, [&](const ColumnRun& run) {
    Tap tap(shape, depth_begin);
    for (Index d = 0; d < depth; ++d, tap.advance(shape)) {
      float* row = panel + d * kTileColumns + run.first;
      const TapRun inside(shape, run, group, tap);
      for (Index i = 0; i < inside.first; ++i) row[i] = 0.0f;
      for (Index i = inside.first; i < inside.last; ++i) {
        row[i] = x[inside.offset + i * shape.stride_w];
      }
      for (Index i = inside.last; i < run.count; ++i) row[i] = 0.0f;
    }
  });
}

// Where the columns of a panel go in y, for output channel 0 of the group.
struct PanelTarget {
  Index offsets[kTileColumns];
  Index count;
  bool contiguous;  // a full panel within one output map

  PanelTarget(const Conv2dShape& shape, Index first_k, Index begin, Index columns)
      : count(columns) {
    const Index plane = shape.oh * shape.ow;
    for_each_run(shape, begin, count, [&](const ColumnRun& run) {
      const Index offset = (run.n * shape.k + first_k) * plane + run.oh * shape.ow + run.ow;
      for (Index i = 0; i < run.count; ++i) offsets[run.first + i] = offset + i;
    });
    contiguous = count == kTileColumns && offsets[count - 1] - offsets[0] == count - 1;
  }
};

// y[rows from m][columns of the target] (+)= tile, with the bias when it is the first.
template <int kRows>
void store_tile(const GemmTile<kRows>& tile, const PanelTarget& target, Index plane,
                const float* bias, bool accumulate, float* y) {
  for (int m = 0; m < kRows; ++m) {
    float* out = y + m * plane;
    const simd::Vec start = simd::broadcast(bias != nullptr && !accumulate ? bias[m] : 0.0f);
    for (int v = 0; v < kTileVecs; ++v) {
      const simd::Vec sum = tile.sums[m][v] + start;
      const Index first = v * simd::kLanes;
      if (target.contiguous) {
        float* cells = out + target.offsets[0] + first;
        simd::store(cells, accumulate ? sum + simd::load(cells) : sum);
        continue;
      }
      alignas(64) float lanes[simd::kLanes];
      simd::store(lanes, sum);
      for (Index i = 0; i < simd::kLanes && first + i < target.count; ++i) {
        float& cell = out[target.offsets[first + i]];
        cell = accumulate ? cell + lanes[i] : lanes[i];
      }
    }
  }
}

}  // namespace

std::int64_t conv2d_forward_im2col_workspace(const Conv2dShape& shape, int) {
  return ForwardPlan(shape).layout.bytes();
}

// x[N,C,H,W] w[K,C/g,R,S] b[K] -> y[N,K,OH,OW]
bool conv2d_forward_im2col(const Conv2dShape& shape, const float* x, const float* w, const float* b,
                           float* y, const Workspace& workspace) {
  if (shape.padded()) {
    FiniteCheck finite;
    finite.add(w, shape.w_size());
    if (!finite.passed()) return false;
  }
  const ForwardPlan plan(shape);
  auto* weights = WorkspaceLayout::at<float>(workspace.data, plan.weights);
  auto* panels = WorkspaceLayout::at<float>(workspace.data, plan.panels);
  const Index group_k = shape.group_k(), plane = shape.oh * shape.ow;
  const EvenSplit tiles(group_k, kTileRows);

  for (Index g = 0; g < shape.groups; ++g) {
    const Index first_k = g * group_k;
    for (Index tile = 0; tile < tiles.parts(); ++tile) {
      const Index m = tiles.begin(tile);
      pack_panel(tiles.size(tile), plan.depth, w + (first_k + m) * plan.depth, plan.depth, 1,
                 weights + m * plan.depth);
    }
    for (Index begin = 0; begin < plan.columns; begin += plan.tile_columns) {
      const Index count = std::min(plan.tile_columns, plan.columns - begin);
      for (Index d = 0; d < plan.depth; d += kBlockTerms) {
        const Index depth = std::min(kBlockTerms, plan.depth - d);
        for (Index j = 0; j < count; j += kTileColumns) {
          lower_panel(shape, x, g * shape.group_c(), begin + j, std::min(kTileColumns, count - j),
                      d, depth, panels + j * depth);
        }
        for (Index j = 0; j < count; j += kTileColumns) {
          const PanelTarget target(shape, first_k, begin + j, std::min(kTileColumns, count - j));
          for (Index tile = 0; tile < tiles.parts(); ++tile) {
            const Index m = tiles.begin(tile);
            with_rows<kTileRows>(tiles.size(tile), [&]<int kRows>() {
              const float* panel = weights + m * plan.depth + d * kRows;
              store_tile<kRows>(gemm_tile<kRows>(depth, panel, panels + j * depth), target, plane,
                                b != nullptr ? b + first_k + m : nullptr, d > 0, y + m * plane);
            });
          }
        }
      }
    }
  }
  return true;
}

}  // namespace convgrad::kernels
