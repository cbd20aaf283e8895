// Pooling forward by direct loops over the window, method 1 of the chapter; output columns across
// the lanes.
#include <cmath>
#include <limits>

#include "convgrad/kernels/pool2d_kernels.h"
#include "convgrad/kernels/pool_bands.h"
#include "convgrad/kernels/pool_max.h"
#include "convgrad/kernels/pool_tiles.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

// Floats whose sum is one block of sum_of(), which keeps several sums in each lane.
constexpr Index kBlock = 4 * 1024;

class Max {
 public:
  using Value = RunningMax;
  static constexpr float kPadding = -std::numeric_limits<float>::infinity();

  Max(float* y, std::int32_t* indices) : y_(y), indices_(indices) {}
  // The results from window (oh, ow) on, number `out` of a plane.
  [[nodiscard]] Max from(Index, Index, Index out) const { return {y_ + out, indices_ + out}; }

  static void down(Value& upper, const Value& lower) { upper.take(lower.max, lower.at); }

  // A vector of windows on its way down.
  class Column {
   public:
    // `tap`: the one that the next row's places are counted from.
    [[gnu::always_inline]] Column(const Max& op, const PoolBand& band, Index tap, Index ow)
        : op_(op),
          width_(simd::load(band.width)),
          row_(simd::load(band.firsts) + simd::broadcast(static_cast<std::int32_t>(tap))),
          limits_(simd::with_first(band.left && ow == 0 ? kPadding : -kPadding, -kPadding)) {}
    // The first tap of the next row, of which what lies left of the plane is not there.
    [[gnu::always_inline]] simd::Vec inside(simd::Vec tap) const {
      return simd::smaller(limits_, tap);
    }
    // The next row of their taps, two of them or three: counted from the last.
    template <int kTaps>
    [[gnu::always_inline]] Value along(const simd::Vec (&taps)[kTaps]) {
      Value best{simd::larger(taps[0], taps[1]), row_};
      if constexpr (kTaps == 3) {
        // One less where it is among the first two, and once more where it is the first.
        const simd::Vec of_two = best.max;
        best.max = simd::larger(of_two, taps[2]);
        best.at = row_ + simd::minus_one_where_same(best.max, of_two);
      }
      best.at = best.at + simd::minus_one_where_same(best.max, taps[0]);
      row_ = row_ + width_;
      return best;
    }
    // A row above the plane.
    [[gnu::always_inline]] Value outside() {
      const Value nothing{simd::broadcast(kPadding), row_};
      row_ = row_ + width_;
      return nothing;
    }
    // The next row of any number: counted from the first.
    template <int kStride>
    Value along(const Pool2dShape& shape, const float* p) {
      Value best{load_tap<kStride>(p, 0), row_};
      for (Index s = 1, column = shape.dilation_w; s < shape.kernel_w;
           ++s, column += shape.dilation_w) {
        const auto at = row_ + simd::broadcast(static_cast<std::int32_t>(column));
        best.take(load_tap<kStride>(p, column), at);
      }
      row_ = row_ + width_;
      return best;
    }
    [[gnu::always_inline]] void store(Index, Index out, const Value& value) const {
      simd::store(op_.y_ + out, value.max);
      simd::store(op_.indices_ + out, value.at);
    }

   private:
    const Max& op_;
    const simd::IntVec width_;
    simd::IntVec row_;
    const simd::Vec limits_;
  };

  // For walk_windows().
  class Window {
   public:
    [[gnu::always_inline]] Window(const Max& op, const PoolBand& run, Index i)
        : op_(op), start_(simd::load(run.starts + i)), best_{simd::broadcast(kPadding), start_} {}
    [[gnu::always_inline]] void begin_row(const std::int32_t* place) {
      at_ = start_ + simd::broadcast(*place);
    }
    [[gnu::always_inline]] void take(simd::Vec tap) {
      best_.take(tap, at_);
      at_ = at_ + simd::broadcast(std::int32_t{1});
    }
    [[gnu::always_inline]] void end_row() {}
    [[gnu::always_inline]] void store(Index out, Index count) const {
      store_columns(op_.y_ + out, best_.max, count);
      store_columns(op_.indices_ + out, best_.at, count);
    }

   private:
    const Max& op_;
    const simd::IntVec start_;
    simd::IntVec at_ = start_;
    RunningMax best_;
  };

  static Walk any_walk(Index stride) {
    return stride == 1 ? Walk{walk_any<Max, 1>} : Walk{walk_any<Max, 2>};
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
  const Index size = shape.h * shape.w;
  return shape.oh == 1 && shape.ow == 1 && shape.kernel_h == shape.h && shape.kernel_w == shape.w &&
         (shape.pad_top | shape.pad_left) == 0 && (shape.dilation_h | shape.dilation_w) == 1 &&
         size >= simd::kLanes && size <= kBlock;
}

// The maximum of a vector of floats at least, and the first place where it stands. Answers a sum
// that is not finite where one of them is not.
float max_of_plane(const float* p, Index count, float* y, std::int32_t* index) {
  const simd::IntVec lanes = simd::lane_numbers();
  RunningMax best{simd::broadcast(-std::numeric_limits<float>::infinity()), lanes};
  simd::Vec sum = simd::broadcast(0.0f);
  for_each_vector(count, [&](Index i) {
    const simd::Vec value = simd::load(p + i);
    sum += value;
    best.take(value, lanes + simd::broadcast(static_cast<std::int32_t>(i)));
  });
  *index = simd::first_of_largest(best.max, best.at);
  *y = p[*index];  // of two zeros the first
  return simd::sum(sum);
}

}  // namespace

std::int64_t pool2d_forward_direct_workspace(const Pool2dShape& shape, int threads) {
  return WalkPlan(shape).layout.bytes() * threads;
}

// x[N,C,H,W] -> y[N,C,OH,OW], indices[N,C,OH,OW]
void max_pool2d_forward_direct(const Pool2dShape& shape, const float* x, float* y,
                               std::int32_t* indices, const Workspace& workspace) {
  const WalkPlan plan(shape);
  const bool global = is_global(shape), tiles = tiles_2x2(shape);
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow, all = shape.planes();
  const Index at_once = global ? 1 : plan.planes;
  for_each_plane_group(
      shape, workspace, plan.layout.bytes(),
      [&](Index begin, Index end, void* scratch, int) {
        const Walks walks(shape, plan, choose_walk<Max>(shape), Max::kPadding, scratch);
        for (Index i = begin; i < end; i += at_once) {
          const Index planes = std::min(at_once, end - i);
          const float* plane = x + i * in_size;
          float* to = y + i * out_size;
          std::int32_t* at = indices + i * out_size;
          const float sum = tiles    ? max_of_tiles(shape, plane, to, at)
                            : global ? max_of_plane(plane, in_size, to, at)
                                     : sum_of(plane, planes * in_size);
          if (!std::isfinite(sum)) {
            max_of_odd_planes(shape, planes, plane, to, at);
          } else if (!tiles && !global) {
            const Max max(to, at);
            walks.walk(plane, planes, i * in_size, (all - i - planes) * in_size, &max);
          }
        }
      },
      at_once);
}

// x[N,C,H,W] -> y[N,C,OH,OW]
void avg_pool2d_forward_direct(const Pool2dShape& shape, const float* x, float* y,
                               const Workspace& workspace) {
  const WalkPlan plan(shape);
  const bool global = is_global(shape), tiles = tiles_2x2(shape);
  const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow, all = shape.planes();
  const Index at_once = global ? 1 : plan.planes;
  for_each_plane_group(
      shape, workspace, plan.layout.bytes(),
      [&](Index begin, Index end, void* scratch, int) {
        const Walks walks(shape, plan, choose_walk<Mean>(shape), Mean::kPadding, scratch);
        const Mean divided = plan.mean(shape, scratch);
        for (Index i = begin; i < end; i += at_once) {
          const Index planes = std::min(at_once, end - i);
          const float* plane = x + i * in_size;
          float* to = y + i * out_size;
          if (tiles) {
            mean_of_tiles(shape, plane, to);
          } else if (global) {
            *to = sum_of(plane, in_size) / static_cast<float>(in_size);
          } else {
            const Mean mean = divided.to(to);
            walks.walk(plane, planes, i * in_size, (all - i - planes) * in_size, &mean);
          }
        }
      },
      at_once);
}

}  // namespace convgrad::kernels
