// Pooling forward by direct loops over the window, method 1 of the chapter; output columns across
// the lanes.
#include <limits>

#include "convgrad/kernels/pool2d_kernels.h"
#include "convgrad/kernels/pool_bands.h"
#include "convgrad/kernels/pool_max.h"
#include "convgrad/kernels/pool_tiles.h"
#include "convgrad/kernels/pool_window.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

// Floats whose sum is one block of pool_max.h's sum_of, which keeps several sums in each lane.
constexpr Index kBlock = 4 * 1024;

class Max {
 public:
  using Value = RunningMax;
  static constexpr float kPadding = -std::numeric_limits<float>::infinity();

  Max(float* y, std::int32_t* indices) : y_(y), indices_(indices) {}

  // Two taps or three of windows whose first ones stand at `first`.
  template <int kTaps>
  [[gnu::always_inline]] Value along(const simd::Vec (&taps)[kTaps], simd::IntVec first) const {
    simd::Vec best = simd::larger(taps[0], taps[1]);
    // 0, -1 or -2.
    simd::IntVec before = simd::minus_one_where(taps[1] > taps[0]);
    if constexpr (kTaps == 3) {
      const simd::IntVec third = simd::minus_one_where(taps[2] > best);
      before = (before | third) + third;
      best = simd::larger(best, taps[2]);
    }
    return {best, first - before};
  }
  template <int kStride>
  Value along(const PoolBand& band, const float* p, simd::IntVec first) const {
    Value best{load_tap<kStride>(p, 0, band.stride_w), first};
    for (Index s = 1, column = band.dilation_w; s < band.kernel_w; ++s, column += band.dilation_w) {
      const auto at = first + simd::broadcast(static_cast<std::int32_t>(column));
      best.take(load_tap<kStride>(p, column, band.stride_w), at);
    }
    return best;
  }
  void down(Value& upper, const Value& lower) const { upper.take(lower.max, lower.at); }
  [[gnu::always_inline]] void store(Index, Index, Index out, const Value& value) const {
    simd::store(y_ + out, value.max);
    simd::store(indices_ + out, value.at);
  }

  static constexpr Index kKeptFloats = 2 * simd::kLanes;
  static void keep(const Value& value, float* p) {
    simd::store(p, value.max);
    simd::store(p + simd::kLanes, simd::as_floats(value.at));
  }
  static Value kept(const float* p) {
    return {simd::load(p), simd::as_integers(simd::load(p + simd::kLanes))};
  }

 private:
  float* y_;
  std::int32_t* indices_;
};

// One window, the whole plane: its vectors follow each other.
bool is_global(const Pool2dShape& shape) {
  return shape.oh == 1 && shape.ow == 1 && shape.kernel_h == shape.h && shape.kernel_w == shape.w &&
         (shape.pad_top | shape.pad_left) == 0 && (shape.dilation_h | shape.dilation_w) == 1 &&
         shape.h * shape.w <= kBlock;
}

// The maximum of `count` floats without a NaN, and the first place where it stands.
void max_of_plane(const float* p, Index count, float* y, std::int32_t* index) {
  simd::Vec best = simd::broadcast(p[0]);
  Index i = 0;
  for (; i + simd::kLanes <= count; i += simd::kLanes) best = simd::larger(best, simd::load(p + i));
  alignas(64) float lanes[simd::kLanes];
  simd::store(lanes, best);
  float max = lanes[0];
  for (const float lane : lanes) max = std::max(max, lane);
  for (; i < count; ++i) max = std::max(max, p[i]);
  Index first = 0;
  while (first < count - 1 && p[first] != max) ++first;
  *y = p[first];  // of two zeros the first
  *index = static_cast<std::int32_t>(first);
}

}  // namespace

std::int64_t pool2d_forward_direct_workspace(const Pool2dShape& shape, int threads) {
  BandPlan plan(shape);
  (void)plan.layout.reserve<float>(plan.columns);
  (void)plan.layout.reserve<float>(shape.oh);
  return plan.layout.bytes() * threads;
}

// x[N,C,H,W] -> y[N,C,OH,OW], indices[N,C,OH,OW]
void max_pool2d_forward_direct(const Pool2dShape& shape, const float* x, float* y,
                               std::int32_t* indices, const Workspace& workspace) {
  const BandPlan plan(shape);
  const Walk<Max> walk = choose_walk<Max>(shape);
  const bool narrow = plan.columns > shape.ow, global = is_global(shape), tiles = tiles_2x2(shape);
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
  for_each_plane_group(
      shape, workspace, plan.layout.bytes(), [&](Index begin, Index end, void* scratch) {
        Bands bands(shape, plan, scratch, Max::kPadding);
        auto* kept = WorkspaceLayout::at<float>(scratch, plan.kept);
        auto* narrow_y = WorkspaceLayout::at<float>(scratch, plan.narrow);
        auto* narrow_indices = reinterpret_cast<std::int32_t*>(narrow_y + plan.rows * simd::kLanes);
        for (Index i = begin; i < end; ++i) {
          if (tiles) {
            const simd::Vec sum =
                max_of_tiles(shape, x + i * in_size, y + i * out_size, indices + i * out_size);
            max_of_odd_plane(shape, sum, x, i, y, indices);
            continue;
          }
          if (global)
            max_of_plane(x + i * in_size, in_size, y + i, indices + i);
          else
            bands.for_each(x + i * in_size, [&](const PoolBand& band) {
              const Index out = i * out_size + band.row_begin * shape.ow;
              const Max op(narrow ? narrow_y : y + out, narrow ? narrow_indices : indices + out);
              walk(band, op, kept);
              if (!narrow) return;
              copy_narrow(narrow_y, band.rows, shape.ow, y + out);
              copy_narrow(narrow_indices, band.rows, shape.ow, indices + out);
            });
          max_of_odd_plane(shape, sum_of(x + i * in_size, in_size), x, i, y, indices);
        }
      });
}

// x[N,C,H,W] -> y[N,C,OH,OW]
void avg_pool2d_forward_direct(const Pool2dShape& shape, const float* x, float* y,
                               const Workspace& workspace) {
  BandPlan plan(shape);
  const auto divisors_at = plan.layout.reserve<float>(plan.columns);
  const auto row_divisors_at = plan.layout.reserve<float>(shape.oh);
  const Walk<Mean> walk = choose_walk<Mean>(shape);
  const bool narrow = plan.columns > shape.ow, global = is_global(shape), tiles = tiles_2x2(shape);
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
  for_each_plane_group(
      shape, workspace, plan.layout.bytes(), [&](Index begin, Index end, void* scratch) {
        Bands bands(shape, plan, scratch, Mean::kPadding);
        auto* kept = WorkspaceLayout::at<float>(scratch, plan.kept);
        auto* narrow_y = WorkspaceLayout::at<float>(scratch, plan.narrow);
        auto* divisors = WorkspaceLayout::at<float>(scratch, divisors_at);
        auto* row_divisors = WorkspaceLayout::at<float>(scratch, row_divisors_at);
        fill_divisors(horizontal_axis(shape), shape.ow, shape.count_include_pad, plan.columns,
                      divisors);
        fill_divisors(vertical_axis(shape), shape.oh, shape.count_include_pad, shape.oh,
                      row_divisors);
        for (Index i = begin; i < end; ++i) {
          if (tiles)
            mean_of_tiles(shape, x + i * in_size, y + i * out_size);
          else if (global)
            y[i] = simd::sum(sum_of(x + i * in_size, in_size)) / static_cast<float>(in_size);
          else
            bands.for_each(x + i * in_size, [&](const PoolBand& band) {
              float* to = y + i * out_size + band.row_begin * shape.ow;
              const Mean op(narrow ? narrow_y : to, divisors, row_divisors + band.row_begin);
              walk(band, op, kept);
              if (narrow) copy_narrow(narrow_y, band.rows, shape.ow, to);
            });
        }
      });
}

}  // namespace convgrad::kernels
