// Pooling backward by direct loops, method 1 of the chapter: max scatters, mean spreads.
#include "convgrad/kernels/pool2d_kernels.h"
#include "convgrad/kernels/pool_rows.h"
#include "convgrad/kernels/pool_window.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

struct SpreadPlan {
  Index reach;        // columns of a residue modulo the stride over which a window reaches
  Index phase_pitch;  // floats of a residue
  Index pitch;        // floats of a row of the padded input
  Index ring;         // spread rows that are kept
  WorkspaceLayout layout;
  std::int64_t share;        // [reach + OW rounded up + reach]: a row of dy divided, zeros around
  std::int64_t sorted;       // [phases, phase_pitch]: its gradients, columns sorted by residue
  std::int64_t spread;       // [ring, pitch]: and in order
  std::int64_t divisors;     // [OW rounded up]
  std::int64_t rows;         // [ring]: the output row that is kept there, or -1
  std::int64_t row_offsets;  // [kernel_h]: where the rows that cover an input row are kept

  explicit SpreadPlan(const Pool2dShape& shape)
      : reach((shape.kernel_w - 1) * shape.dilation_w / shape.stride_w),
        phase_pitch(simd::round_up(shape.ow + reach)),
        pitch(simd::round_up(std::max(shape.stride_w * phase_pitch, shape.pad_left + shape.w)) +
              simd::kLanes),
        ring(std::min(shape.oh, (shape.kernel_h - 1) * shape.dilation_h / shape.stride_h + 1)) {
    share = layout.reserve<float>(reach + phase_pitch);
    sorted = layout.reserve<float>(shape.stride_w * phase_pitch);
    spread = layout.reserve<float>(std::int64_t{ring} * pitch);
    divisors = layout.reserve<float>(simd::round_up(shape.ow));
    rows = layout.reserve<Index>(ring);
    row_offsets = layout.reserve<Index>(shape.kernel_h);
  }
};

// sorted[phases][phase_pitch] -> row[phases * phase_pitch], in order.
void unsort(const float* sorted, Index phases, Index phase_pitch, float* row) {
  if (phases == 2) {
    for (Index j = 0; j < phase_pitch; j += simd::kLanes) {
      const simd::Vec even = simd::load(sorted + j), odd = simd::load(sorted + phase_pitch + j);
      simd::store(row + 2 * j, simd::interleave_low(even, odd));
      simd::store(row + 2 * j + simd::kLanes, simd::interleave_high(even, odd));
    }
    return;
  }
  for (Index phase = 0; phase < phases; ++phase) {
    for (Index j = 0; j < phase_pitch; ++j)
      row[phases * j + phase] = sorted[phase * phase_pitch + j];
  }
}

// A row of dy[OW] -> what its windows give to each input row they cover, [pitch] from column
// -pad_left on. share[-reach ... phase_pitch) has zeros wherever there is no window.
void spread_row(const Pool2dShape& shape, const SpreadPlan& plan, const float* dy,
                const float* divisors, float row_divisor, float* share, float* sorted, float* row) {
  for_each_vector(shape.ow, [&](Index ow) {
    const Index count = shape.ow - ow;
    const simd::Vec divisor = simd::load(divisors + ow) * simd::broadcast(row_divisor);
    store_columns(share + ow, load_columns(dy + ow, count) / divisor, count);
  });
  float* target = shape.stride_w == 1 ? row : sorted;
  std::fill_n(target, shape.stride_w * plan.phase_pitch, 0.0f);
  for (Index s = 0; s < shape.kernel_w; ++s) {
    const Index column = s * shape.dilation_w;
    const float* from = share - column / shape.stride_w;
    float* to = target + column % shape.stride_w * plan.phase_pitch;
    for (Index j = 0; j < plan.phase_pitch; j += simd::kLanes) {
      simd::store(to + j, simd::load(to + j) + simd::load(from + j));
    }
  }
  if (shape.stride_w != 1) unsort(sorted, shape.stride_w, plan.phase_pitch, row);
}

}  // namespace

// dy[N,C,OH,OW] indices[N,C,OH,OW] -> dx[N,C,H,W]. Overlapping windows may share a maximum: add.
void max_pool2d_backward_direct(const Pool2dShape& shape, const float* dy,
                                const std::int32_t* indices, float* dx,
                                const Workspace& workspace) {
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
  for_each_plane_group(shape, workspace, 0, [&](Index begin, Index end, void*) {
    for (Index i = begin; i < end; ++i) {
      float* plane = dx + i * in_size;
      const float* from = dy + i * out_size;
      const std::int32_t* to = indices + i * out_size;
      std::fill_n(plane, in_size, 0.0f);
      for (Index j = 0; j < out_size; ++j) plane[to[j]] += from[j];
    }
  });
}

std::int64_t pool2d_backward_direct_workspace(const Pool2dShape& shape, int threads) {
  return SpreadPlan(shape).layout.bytes() * threads;
}

// dy[N,C,OH,OW] -> dx[N,C,H,W]. An input row is the sum of the rows of dy whose windows cover it,
// each spread over the columns once and kept for as long as its windows reach.
void avg_pool2d_backward_direct(const Pool2dShape& shape, const float* dy, float* dx,
                                const Workspace& workspace) {
  const SpreadPlan plan(shape);
  const PoolAxis vertical = vertical_axis(shape);
  for_each_plane_group(
      shape, workspace, plan.layout.bytes(), [&](Index begin, Index end, void* scratch) {
        auto* share = WorkspaceLayout::at<float>(scratch, plan.share);
        auto* sorted = WorkspaceLayout::at<float>(scratch, plan.sorted);
        auto* spread = WorkspaceLayout::at<float>(scratch, plan.spread);
        auto* divisors = WorkspaceLayout::at<float>(scratch, plan.divisors);
        auto* rows = WorkspaceLayout::at<Index>(scratch, plan.rows);
        auto* row_offsets = WorkspaceLayout::at<Index>(scratch, plan.row_offsets);
        fill_column_divisors(shape, simd::round_up(shape.ow), divisors);
        std::fill_n(share, plan.reach + plan.phase_pitch, 0.0f);
        // Columns behind the last window are in no row of dy: they stay zero.
        std::fill_n(spread, plan.ring * plan.pitch, 0.0f);
        for (Index i = begin; i < end; ++i) {
          std::fill_n(rows, plan.ring, -1);
          for (Index ih = 0; ih < shape.h; ++ih) {
            Index count = 0;
            for (Index r = 0; r < shape.kernel_h; ++r) {
              const Index start = ih + shape.pad_top - r * shape.dilation_h;
              if (start < 0) break;
              const Index oh = start / shape.stride_h;
              if (oh * shape.stride_h != start || oh >= shape.oh) continue;
              const Index slot = oh % plan.ring;
              row_offsets[count++] = slot * plan.pitch + shape.pad_left;
              if (rows[slot] == oh) continue;
              rows[slot] = oh;
              spread_row(shape, plan, dy + (i * shape.oh + oh) * shape.ow, divisors,
                         static_cast<float>(vertical.divisor(oh, shape.count_include_pad)),
                         share + plan.reach, sorted, spread + slot * plan.pitch);
            }
            float* out = dx + (i * shape.h + ih) * shape.w;
            if (count == 0) {
              std::fill_n(out, shape.w, 0.0f);
            } else {
              sum_rows(spread, row_offsets, count, shape.w, out);
            }
          }
        }
      });
}

}  // namespace convgrad::kernels
