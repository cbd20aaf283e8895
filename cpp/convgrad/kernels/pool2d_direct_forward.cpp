// Pooling forward by direct loops over the window, method 1 of the chapter; output columns across
// the lanes.
//
// A window is reduced along its rows first, then down them: what a row of the input contributes is
// computed once and kept for all the windows that overlap it. For the row its columns are sorted by
// their residue modulo the stride, so that the taps of neighbouring windows are neighbours, with
// the neutral number in the padding.
#include <limits>

#include "convgrad/kernels/pool2d_kernels.h"
#include "convgrad/kernels/pool_rows.h"
#include "convgrad/kernels/pool_window.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

struct RowPlan {
  Index phases;       // residues modulo the stride that some tap has
  Index phase_pitch;  // floats of a residue
  Index pitch;        // floats of a reduced row
  Index ring;         // reduced rows that are kept
  WorkspaceLayout layout;
  std::int64_t sorted;       // [phases, phase_pitch]: a row of the input
  std::int64_t reduced;      // [ring, pitch]: the maximum or sum of each window's part of a row
  std::int64_t indices;      // [ring, pitch]: and where in the plane the maximum stands
  std::int64_t columns;      // [pitch]: what is to be known of each column
  std::int64_t rows;         // [ring]: the input row that is kept there, or -1
  std::int64_t row_offsets;  // [kernel_h]: where the rows of a window are kept
  std::int64_t tap_offsets;  // [kernel_w]: where the taps of a window lie in the sorted row

  RowPlan(const Pool2dShape& shape, bool max)
      : phases(std::min(shape.stride_w, (shape.kernel_w - 1) * shape.dilation_w + 1)),
        phase_pitch(simd::round_up(shape.ow) +
                    (shape.kernel_w - 1) * shape.dilation_w / shape.stride_w),
        pitch(simd::round_up(shape.ow)),
        ring(std::min(shape.h, (shape.kernel_h - 1) * shape.dilation_h + 1)) {
    sorted = layout.reserve<float>(std::int64_t{phases} * phase_pitch);
    reduced = layout.reserve<float>(std::int64_t{ring} * pitch);
    indices = layout.reserve<std::int32_t>(max ? std::int64_t{ring} * pitch : 0);
    columns = layout.reserve<float>(pitch);
    rows = layout.reserve<Index>(ring);
    row_offsets = layout.reserve<Index>(shape.kernel_h);
    tap_offsets = layout.reserve<Index>(shape.kernel_w);
  }
};

class RowPooling {
 public:
  // `neutral` is what the padding holds.
  RowPooling(const Pool2dShape& shape, const RowPlan& plan, float neutral, void* workspace)
      : shape_(shape),
        plan_(plan),
        sorted_(WorkspaceLayout::at<float>(workspace, plan.sorted)),
        rows_(WorkspaceLayout::at<Index>(workspace, plan.rows)),
        row_offsets_(WorkspaceLayout::at<Index>(workspace, plan.row_offsets)),
        tap_offsets_(WorkspaceLayout::at<Index>(workspace, plan.tap_offsets)) {
    // The padding is written once: rows are copied between it.
    std::fill_n(sorted_, plan.phases * plan.phase_pitch, neutral);
    for (Index s = 0; s < shape.kernel_w; ++s) {
      const Index column = s * shape.dilation_w;
      tap_offsets_[s] = column % shape.stride_w * plan.phase_pitch + column / shape.stride_w;
    }
  }

  // For every output row of a plane: calls reduce(ih, offset of the reduced row) for those of its
  // input rows that are not yet there, then combine(oh, count) with count row_offsets().
  template <typename Reduce, typename Combine>
  void for_each_row(Reduce reduce, Combine combine) {
    const PoolAxis vertical = vertical_axis(shape_);
    std::fill_n(rows_, plan_.ring, -1);
    for (Index oh = 0; oh < shape_.oh; ++oh) {
      const PoolAxis::Taps taps = vertical.taps(oh);
      Index count = 0;
      for (Index r = taps.first; r < taps.last; ++r) {
        const Index ih = taps.start + r * shape_.dilation_h;
        const Index slot = ih % plan_.ring;
        row_offsets_[count++] = slot * plan_.pitch;
        if (rows_[slot] == ih) continue;
        rows_[slot] = ih;
        reduce(ih, slot * plan_.pitch);
      }
      combine(oh, count);
    }
  }

  // Sorts a row[W] into sorted(); the answer is gather_columns'.
  simd::Vec sort(const float* row) {
    simd::Vec sum = simd::broadcast(0.0f);
    const Index stride = shape_.stride_w;
    for (Index phase = 0; phase < plan_.phases; ++phase) {
      const Index first = phase - shape_.pad_left;  // column of the residue's first element
      const Index begin = first < 0 ? (-first + stride - 1) / stride : 0;
      const Index end = std::min((shape_.w - first + stride - 1) / stride, plan_.phase_pitch);
      if (begin < end) {
        sum += gather_columns(row + first + begin * stride, stride, end - begin,
                              sorted_ + phase * plan_.phase_pitch + begin);
      }
    }
    return sum;
  }

  [[nodiscard]] const float* sorted() const { return sorted_; }
  [[nodiscard]] const Index* row_offsets() const { return row_offsets_; }
  [[nodiscard]] const Index* tap_offsets() const { return tap_offsets_; }

 private:
  const Pool2dShape& shape_;
  const RowPlan& plan_;
  float* sorted_;
  Index *rows_, *row_offsets_, *tap_offsets_;
};

// How far the window's first tap inside the input is behind its tap 0, for each column [pitch].
void fill_first_taps(const Pool2dShape& shape, Index pitch, std::int32_t* first_taps) {
  const PoolAxis horizontal = horizontal_axis(shape);
  for (Index ow = 0; ow < pitch; ++ow) {
    first_taps[ow] =
        ow < shape.ow ? static_cast<std::int32_t>(horizontal.taps(ow).first * shape.dilation_w) : 0;
  }
}

// The maximum of every window's part of row `ih`, and where in the plane it stands. A later tap
// takes over only when it is larger: the first maximum wins, and padding, -inf, never does. Indices
// grow along a window, so the index of the last tap to take over is the largest.
void reduce_max(const Pool2dShape& shape, const RowPlan& plan, const RowPooling& pooling,
                const std::int32_t* first_taps, Index ih, float* max, std::int32_t* indices) {
  const auto stride = static_cast<std::int32_t>(shape.stride_w);
  const auto dilation = static_cast<std::int32_t>(shape.dilation_w);
  simd::IntVec tap0 = simd::lane_numbers() * simd::broadcast(stride) +
                      simd::broadcast(static_cast<std::int32_t>(ih * shape.w - shape.pad_left));
  const Index* offsets = pooling.tap_offsets();
  with_taps(shape.kernel_w, [&]<int kTaps>() {
    for (Index ow = 0; ow < plan.pitch; ow += simd::kLanes) {
      const float* row = pooling.sorted() + ow;
      simd::Vec best = simd::load(row + offsets[0]);
      simd::IntVec tap = simd::load(first_taps + ow);
      for (Index s = 1; s < (kTaps > 0 ? kTaps : shape.kernel_w); ++s) {
        const simd::Vec value = simd::load(row + offsets[s]);
        const auto distance = simd::broadcast(static_cast<std::int32_t>(s) * dilation);
        tap = simd::larger(tap, simd::keep_where(value > best, distance));
        best = simd::larger(best, value);
      }
      simd::store(max + ow, best);
      simd::store(indices + ow, tap + tap0);
      tap0 += simd::broadcast(static_cast<std::int32_t>(simd::kLanes) * stride);
    }
  });
}

// The maximum down the `count` reduced rows of a window.
void combine_max(const Pool2dShape& shape, const float* reduced, const std::int32_t* reduced_at,
                 const Index* offsets, Index count, float* y, std::int32_t* indices) {
  with_taps(count, [&]<int kTaps>() {
    for_each_vector(shape.ow, [&](Index ow) {
      simd::Vec best = simd::load(reduced + offsets[0] + ow);
      simd::IntVec at = simd::load(reduced_at + offsets[0] + ow);
      for (Index r = 1; r < (kTaps > 0 ? kTaps : count); ++r) {
        const simd::Vec value = simd::load(reduced + offsets[r] + ow);
        const simd::IntVec index = simd::load(reduced_at + offsets[r] + ow);
        at = simd::larger(at, simd::keep_where(value > best, index));
        best = simd::larger(best, value);
      }
      store_columns(y + ow, best, shape.ow - ow);
      store_columns(indices + ow, at, shape.ow - ow);
    });
  });
}

// Whether the plane falls into whole windows of 2x2, the commonest pooling, at least a vector of
// them in a row: then nothing needs sorting or keeping.
bool tiles_2x2(const Pool2dShape& shape) {
  return shape.kernel_h == 2 && shape.kernel_w == 2 && shape.stride_h == 2 && shape.stride_w == 2 &&
         shape.dilation_h == 1 && shape.dilation_w == 1 && (shape.pad_top | shape.pad_left) == 0 &&
         2 * shape.oh <= shape.h && 2 * shape.ow <= shape.w && shape.ow >= simd::kLanes;
}

// The taps of a vector of windows of 2x2, row by row.
struct Tile2x2 {
  simd::Vec a, b, c, d;

  Tile2x2(const float* upper, const float* lower) {
    const simd::Vec u0 = simd::load(upper), u1 = simd::load(upper + simd::kLanes);
    const simd::Vec l0 = simd::load(lower), l1 = simd::load(lower + simd::kLanes);
    a = simd::even_elements(u0, u1);
    b = simd::odd_elements(u0, u1);
    c = simd::even_elements(l0, l1);
    d = simd::odd_elements(l0, l1);
  }
};

// plane[H,W] -> y[OH,OW], indices[OH,OW]; the answer is NaN if the plane has a NaN in some window.
simd::Vec max_of_tiles_2x2(const Pool2dShape& shape, const float* plane, float* y,
                           std::int32_t* indices) {
  const auto width = static_cast<std::int32_t>(shape.w);
  const simd::IntVec right = simd::broadcast(1), below = simd::broadcast(width);
  const simd::IntVec columns = simd::lane_numbers() + simd::lane_numbers();
  simd::Vec sum = simd::broadcast(0.0f);
  for (Index oh = 0; oh < shape.oh; ++oh) {
    const Index top = 2 * oh * shape.w;
    for_each_vector(shape.ow, [&](Index ow) {
      const float* upper = plane + top + 2 * ow;
      const Tile2x2 tile(upper, upper + shape.w);
      sum += (tile.a + tile.b) + (tile.c + tile.d);
      const simd::Vec upper_max = simd::larger(tile.a, tile.b);
      const simd::Vec lower_max = simd::larger(tile.c, tile.d);
      const simd::IntVec upper_at = simd::keep_where(tile.b > tile.a, right);
      const simd::IntVec lower_at = simd::keep_where(tile.d > tile.c, right) + below;
      const simd::IntVec at =
          simd::larger(upper_at, simd::keep_where(lower_max > upper_max, lower_at));
      simd::store(y + ow, simd::larger(upper_max, lower_max));
      simd::store(indices + ow,
                  at + columns + simd::broadcast(static_cast<std::int32_t>(top + 2 * ow)));
    });
    y += shape.ow;
    indices += shape.ow;
  }
  return sum;
}

void mean_of_tiles_2x2(const Pool2dShape& shape, const float* plane, float* y) {
  for (Index oh = 0; oh < shape.oh; ++oh) {
    for_each_vector(shape.ow, [&](Index ow) {
      const float* upper = plane + 2 * (oh * shape.w + ow);
      const Tile2x2 tile(upper, upper + shape.w);
      simd::store(y + ow, ((tile.a + tile.b) + (tile.c + tile.d)) * simd::broadcast(0.25f));
    });
    y += shape.ow;
  }
}

}  // namespace

std::int64_t pool2d_forward_direct_workspace(const Pool2dShape& shape, int threads) {
  return tiles_2x2(shape) ? 0 : RowPlan(shape, true).layout.bytes() * threads;
}

// x[N,C,H,W] -> y[N,C,OH,OW], indices[N,C,OH,OW]
void max_pool2d_forward_direct(const Pool2dShape& shape, const float* x, float* y,
                               std::int32_t* indices, const Workspace& workspace) {
  const RowPlan plan(shape, true);
  const bool tiles = tiles_2x2(shape);
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
  // In a plane with a NaN the comparisons above cannot be relied on.
  const auto finish = [&](Index i, simd::Vec sum) {
    if (!simd::has_nan(sum)) return;
    Pool2dShape single = shape;
    single.n = single.c = 1;
    max_pool2d_forward_reference(single, x + i * in_size, y + i * out_size, indices + i * out_size);
  };
  for_each_plane_group(
      shape, workspace, tiles ? 0 : plan.layout.bytes(),
      [&](Index begin, Index end, void* scratch) {
        if (tiles) {
          for (Index i = begin; i < end; ++i) {
            finish(i, max_of_tiles_2x2(shape, x + i * in_size, y + i * out_size,
                                       indices + i * out_size));
          }
          return;
        }
        RowPooling pooling(shape, plan, -std::numeric_limits<float>::infinity(), scratch);
        auto* reduced = WorkspaceLayout::at<float>(scratch, plan.reduced);
        auto* reduced_at = WorkspaceLayout::at<std::int32_t>(scratch, plan.indices);
        auto* first_taps = WorkspaceLayout::at<std::int32_t>(scratch, plan.columns);
        fill_first_taps(shape, plan.pitch, first_taps);
        for (Index i = begin; i < end; ++i) {
          simd::Vec sum = simd::broadcast(0.0f);
          pooling.for_each_row(
              [&](Index ih, Index offset) {
                sum += pooling.sort(x + i * in_size + ih * shape.w);
                reduce_max(shape, plan, pooling, first_taps, ih, reduced + offset,
                           reduced_at + offset);
              },
              [&](Index oh, Index count) {
                const Index out = i * out_size + oh * shape.ow;
                combine_max(shape, reduced, reduced_at, pooling.row_offsets(), count, y + out,
                            indices + out);
              });
          finish(i, sum);
        }
      });
}

// x[N,C,H,W] -> y[N,C,OH,OW]
void avg_pool2d_forward_direct(const Pool2dShape& shape, const float* x, float* y,
                               const Workspace& workspace) {
  const RowPlan plan(shape, false);
  const bool tiles = tiles_2x2(shape);
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
  const PoolAxis vertical = vertical_axis(shape);
  for_each_plane_group(
      shape, workspace, tiles ? 0 : plan.layout.bytes(),
      [&](Index begin, Index end, void* scratch) {
        if (tiles) {
          for (Index i = begin; i < end; ++i) {
            mean_of_tiles_2x2(shape, x + i * in_size, y + i * out_size);
          }
          return;
        }
        RowPooling pooling(shape, plan, 0.0f, scratch);
        auto* reduced = WorkspaceLayout::at<float>(scratch, plan.reduced);
        auto* divisors = WorkspaceLayout::at<float>(scratch, plan.columns);
        fill_column_divisors(shape, plan.pitch, divisors);
        for (Index i = begin; i < end; ++i) {
          pooling.for_each_row(
              [&](Index ih, Index offset) {
                pooling.sort(x + i * in_size + ih * shape.w);
                sum_rows(pooling.sorted(), pooling.tap_offsets(), shape.kernel_w, plan.pitch,
                         reduced + offset);
              },
              [&](Index oh, Index count) {
                float* out = y + i * out_size + oh * shape.ow;
                sum_rows(reduced, pooling.row_offsets(), count, shape.ow, out);
                const auto down = static_cast<float>(vertical.divisor(oh, shape.count_include_pad));
                for (Index ow = 0; ow < shape.ow; ++ow) out[ow] /= divisors[ow] * down;
              });
        }
      });
}

}  // namespace convgrad::kernels
