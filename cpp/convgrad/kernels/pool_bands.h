// Planes in bands: some output rows, and the input rows under them, with padding where they need
// it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "convgrad/kernels/pool_rows.h"
#include "convgrad/kernels/pool_sums.h"
#include "convgrad/kernels/pool_walk.h"
#include "convgrad/kernels/pool_window.h"
#include "convgrad/kernels/pool_windows.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {

// Floats of input rows that stay in the L1 cache beside those of the results.
inline constexpr Index kBandFloats = 2 * 1024;

// The windows along an axis that lie inside the plane; where the walk `pads` in front itself, those
// at its beginning too.
struct Inside {
  Index begin, end;

  Inside(const PoolAxis& axis, Index windows, bool pads)
      : begin(pads ? 0 : std::min((axis.pad_before + axis.stride - 1) / axis.stride, windows)),
        end(std::max(begin, last_inside(axis, windows) + 1)) {}
  [[nodiscard]] Index count() const { return end - begin; }

 private:
  static Index last_inside(const PoolAxis& axis, Index windows) {
    const Index room = axis.extent + axis.pad_before - (axis.kernel - 1) * axis.dilation - 1;
    return room < 0 ? -1 : std::min(room / axis.stride, windows - 1);
  }
};

struct BandPlan {
  Inside down, across;
  Index source_w;     // columns that the taps of a row of windows span
  Index rows;         // output rows in a band
  Index source_rows;  // input rows of a band
  WorkspaceLayout layout;
  std::int64_t source;  // [source_rows, source_w]: some rows of the plane with their padding;
                        // and room for a vector
  std::int64_t kept;    // [source_rows, source_w and 2 vectors]: what a walk over any windows keeps

  explicit BandPlan(const Pool2dShape& shape)
      : down(vertical_axis(shape), shape.oh, pads_in_walk(shape)),
        across(horizontal_axis(shape), shape.ow, pads_in_walk(shape)),
        source_w((shape.ow - 1) * shape.stride_w + (shape.kernel_w - 1) * shape.dilation_w + 1),
        rows(std::clamp<Index>((kBandFloats / source_w - reach(shape)) / shape.stride_h, 1,
                               shape.oh)),
        source_rows((rows - 1) * shape.stride_h + reach(shape) + 1) {
    // Of windows padded in the walk those at the right border are copied, by whole vectors; of any
    // windows whole rows are, which takes less than to walk over parts of them.
    const bool in_place = across.begin == 0 && (pads_in_walk(shape) || across.end == shape.ow) &&
                          shape.ow - across.end <= simd::kLanes;
    if (across.end < shape.ow) across.end = shape.ow - simd::kLanes;
    if (!in_place || across.count() < simd::kLanes) down.begin = down.end = shape.oh;
    source = layout.reserve<float>(std::int64_t{source_rows} * source_w + simd::kLanes);
    kept = layout.reserve<float>(std::int64_t{source_rows} * (source_w + 2 * simd::kLanes));
  }

 private:
  static Index reach(const Pool2dShape& shape) { return (shape.kernel_h - 1) * shape.dilation_h; }
};

// The sum of a window, for walk(); divided by the number of its taps.
class Mean {
 public:
  struct Value {
    simd::Vec sum;
  };
  static constexpr float kPadding = 0.0f;

  Mean(float* y, const float* divisors, const float* row_divisors)
      : y_(y), divisors_(divisors), row_divisors_(row_divisors) {}
  [[nodiscard]] Mean to(float* y) const { return {y, divisors_, row_divisors_}; }
  [[nodiscard]] Mean from(Index oh, Index ow, Index out) const {
    return {y_ + out, divisors_ + ow, row_divisors_ + oh};
  }
  static void down(Value& upper, const Value& lower) { upper.sum += lower.sum; }

  class Column {
   public:
    [[gnu::always_inline]] Column(const Mean& op, const PoolBand& band, Index, Index ow)
        : op_(op),
          divisors_(simd::load(op.divisors_ + ow)),
          inside_(simd::with_first(band.left && ow == 0 ? 0 : -1, -1)) {}
    [[gnu::always_inline]] simd::Vec inside(simd::Vec tap) const {
      return simd::keep(inside_, tap);
    }
    template <int kTaps>
    [[gnu::always_inline]] static Value along(const simd::Vec (&taps)[kTaps]) {
      simd::Vec sum = taps[0] + taps[1];
      if constexpr (kTaps == 3) sum += taps[2];
      return {sum};
    }
    [[gnu::always_inline]] static Value outside() { return {simd::broadcast(kPadding)}; }
    [[gnu::always_inline]] void store(Index oh, Index out, const Value& value) const {
      simd::store(op_.y_ + out, value.sum / (divisors_ * simd::broadcast(op_.row_divisors_[oh])));
    }

   private:
    const Mean& op_;
    const simd::Vec divisors_;
    const simd::IntVec inside_;
  };

  // For walk_windows(), where the windows' divisors follow each other.
  class Window {
   public:
    [[gnu::always_inline]] Window(const Mean& op, const PoolBand&, Index i)
        : op_(op), divisors_(simd::load(op.divisors_ + i)) {}
    [[gnu::always_inline]] void begin_row(const std::int32_t*) { row_ = simd::broadcast(0.0f); }
    [[gnu::always_inline]] void take(simd::Vec tap) { row_ += tap; }
    [[gnu::always_inline]] void end_row() { sum_ += row_; }
    [[gnu::always_inline]] void store(Index out, Index count) const {
      store_columns(op_.y_ + out, sum_ / divisors_, count);
    }

   private:
    const Mean& op_;
    const simd::Vec divisors_;
    simd::Vec sum_ = simd::broadcast(0.0f), row_ = sum_;
  };

  // Any windows: down the columns under them first.
  static void walk_sums(const PoolBand& band, const void* given_op, float* kept) {
    const Mean op = band.part_of(*static_cast<const Mean*>(given_op));
    const Pool2dShape& shape = band.shape;
    const Index width =
        (band.columns - 1) * shape.stride_w + (shape.kernel_w - 1) * shape.dilation_w + 1;
    add_rows({band.source, shape.stride_h * band.pitch, band.rows, shape.kernel_h,
              shape.dilation_h * band.pitch, width, 1},
             nullptr, nullptr, kept, width);
    add_rows(
        {kept, width, band.rows, shape.kernel_w, shape.dilation_w, band.columns, shape.stride_w},
        op.divisors_, op.row_divisors_, op.y_, band.y_pitch);
  }
  static Walk any_walk(Index) { return walk_sums; }

 private:
  float* y_;
  const float* divisors_;
  const float* row_divisors_;
};

// The memory of one thread for either walk, and what divides means.
struct WalkPlan {
  BandPlan bands;
  WindowPlan windows;
  bool is_scattered;
  Index planes;  // at a time
  WorkspaceLayout layout;
  std::int64_t divisors;      // [OW], or of all the windows; and room for a vector
  std::int64_t row_divisors;  // [OH]

  [[gnu::noinline]] explicit WalkPlan(const Pool2dShape& shape)
      : bands(shape),
        windows(shape),
        is_scattered(scattered(shape)),
        planes(is_scattered ? windows.planes : 1),
        layout(is_scattered ? windows.layout : bands.layout),
        divisors(layout.reserve<float>(count(shape) + simd::kLanes)),
        row_divisors(layout.reserve<float>(shape.oh + kLineGap)) {}

  // Those of windows, which of the padding counts or not.
  [[nodiscard, gnu::noinline]] Mean mean(const Pool2dShape& shape, void* scratch) const {
    auto* columns = WorkspaceLayout::at<float>(scratch, divisors);
    auto* rows = WorkspaceLayout::at<float>(scratch, row_divisors);
    fill_divisors(horizontal_axis(shape), shape.ow, shape.count_include_pad, columns);
    fill_divisors(vertical_axis(shape), shape.oh, shape.count_include_pad, rows);
    if (is_scattered) {
      // From the last on: the first of them are the columns'.
      for (Index i = windows.windows - 1; i >= 0; --i) {
        columns[i] = columns[i % shape.ow] * rows[i / shape.ow % shape.oh];
      }
    }
    return {nullptr, columns, rows};
  }
  // Nothing divided.
  [[nodiscard]] Mean sum(const Pool2dShape& shape, void* scratch) const {
    auto* columns = WorkspaceLayout::at<float>(scratch, divisors);
    auto* rows = WorkspaceLayout::at<float>(scratch, row_divisors);
    std::fill_n(columns, count(shape), 1.0f);
    std::fill_n(rows, shape.oh, 1.0f);
    return {nullptr, columns, rows};
  }

 private:
  [[nodiscard]] Index count(const Pool2dShape& shape) const {
    return is_scattered ? windows.windows : shape.ow;
  }
};

// The walks over planes, and the memory of one thread. Windows inside the plane are read there;
// rows with others are copied to where their padding is.
class Walks {
 public:
  // `walk` as choose_walk() has it, with the padding that its Op wants.
  [[gnu::noinline]] Walks(const Pool2dShape& shape, const WalkPlan& plan, Walk walk, float padding,
                          void* scratch)
      : shape_(shape),
        plan_(plan.bands),
        windows_(shape, plan.windows, scratch),
        is_scattered_(plan.is_scattered),
        walk_(walk),
        padding_(padding),
        source_(WorkspaceLayout::at<float>(scratch, plan.bands.source)),
        kept_(WorkspaceLayout::at<float>(scratch, plan.bands.kept)) {
    if (is_scattered_) windows_.fill();
  }

  // All windows of x[planes, H, W], WalkPlan::planes of them or less; so many floats before and
  // behind them may be read.
  void walk(const float* x, Index planes, Index before, Index behind, const void* op) const {
    if (is_scattered_) return walk_(windows_.band(x, planes, behind, padding_), op, nullptr);
    walk_bands(x, before < shape_.pad_left, op);
  }

 private:
  // All windows of a plane[H, W]; `copied`, so that nothing else is read.
  void walk_bands(const float* plane, bool copied, const void* op) const {
    const Inside &down = plan_.down, &across = plan_.across;
    for (Index oh = 0, rows = 0; oh < shape_.oh; oh += rows) {
      const bool inside = oh >= down.begin && oh < down.end;
      rows = std::min(plan_.rows, (oh < down.begin ? down.begin
                                   : inside        ? down.end
                                                   : shape_.oh) -
                                      oh);
      if (!inside || copied) {
        part(plane, op, oh, rows, 0, shape_.ow, true);
        continue;
      }
      part(plane, op, oh, rows, 0, across.end, false);
      if (across.end < shape_.ow) {
        part(plane, op, oh, rows, shape_.ow - simd::kLanes, simd::kLanes, true);
      }
    }
  }

  [[gnu::noinline]] void part(const float* plane, const void* op, Index oh, Index rows, Index ow,
                              Index columns, bool copied) const {
    const Pool2dShape& s = shape_;
    const Index row = oh * s.stride_h - s.pad_top, column = ow * s.stride_w - s.pad_left;
    PoolBand band{s, plane + row * s.w + column};
    band.above = !copied && row < 0;
    band.left = !copied && column < 0;
    band.pitch = s.w;
    band.rows = rows;
    band.columns = columns;
    band.y_pitch = s.ow;
    band.oh = oh;
    band.ow = ow;
    for (Index i = 0; i < simd::kLanes; ++i) {
      band.width[i] = static_cast<std::int32_t>(s.w);
      band.firsts[i] = static_cast<std::int32_t>(row * s.w + column + i * s.stride_w);
    }
    if (copied) {
      band.source = source_;
      band.pitch = plan_.source_w - (s.ow - columns) * s.stride_w;
      copy_padded(plane, s, row, column, plan_.source_rows - (plan_.rows - rows) * s.stride_h,
                  band.pitch, padding_, source_);
    }
    walk_(band, op, kept_);
  }

  const Pool2dShape& shape_;
  const BandPlan& plan_;
  const PlaneWindows windows_;
  const bool is_scattered_;
  const Walk walk_;
  const float padding_;
  float *const source_, *const kept_;
};

}  // namespace convgrad::kernels
