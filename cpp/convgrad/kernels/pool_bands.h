// Planes in bands: some output rows, and the input rows under them, with padding where they need
// it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "convgrad/kernels/pool_rows.h"
#include "convgrad/kernels/pool_walk.h"
#include "convgrad/kernels/pool_window.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {

// Floats of input rows that stay in the L1 cache beside those of the results.
inline constexpr Index kBandFloats = 2 * 1024;

// The windows along an axis that lie wholly inside the plane.
struct Inside {
  Index begin, end;

  Inside(const PoolAxis& axis, Index windows)
      : begin(std::min((axis.pad_before + axis.stride - 1) / axis.stride, windows)),
        end(std::max(begin, last_inside(axis, windows) + 1)) {}
  [[nodiscard]] Index count() const { return end - begin; }

 private:
  static Index last_inside(const PoolAxis& axis, Index windows) {
    const Index room = axis.extent + axis.pad_before - (axis.kernel - 1) * axis.dilation - 1;
    return room < 0 ? -1 : std::min(room / axis.stride, windows - 1);
  }
};

struct BandPlan {
  Index columns;  // of windows: OW, or a vector of them
  Inside down, across;
  Index source_w;     // columns that the taps of a row of windows span
  bool whole_rows;    // copied are the plane's rows as they are: all windows lie inside
  Index rows;         // output rows in a band
  Index source_rows;  // input rows of a band
  WorkspaceLayout layout;
  std::int64_t source;  // [source_rows, source_w]: some rows of the plane with their padding;
                        // and room for a vector
  std::int64_t kept;    // [source_rows, 2 vectors]: what walk_any() keeps
  std::int64_t narrow;  // [rows, 2 vectors]: the results where they are narrower than a vector

  explicit BandPlan(const Pool2dShape& shape)
      : columns(std::max(shape.ow, simd::kLanes)),
        down(vertical_axis(shape), shape.oh),
        across(horizontal_axis(shape), shape.ow),
        source_w((columns - 1) * shape.stride_w + (shape.kernel_w - 1) * shape.dilation_w + 1),
        whole_rows(down.count() == shape.oh && across.count() == shape.ow && shape.w <= source_w),
        rows(std::clamp<Index>((kBandFloats / source_w - reach(shape)) / shape.stride_h, 1,
                               shape.oh)),
        source_rows((rows - 1) * shape.stride_h + reach(shape) + 1) {
    // Rows with borders of more than a vector, or that are not much more than their borders, are
    // copied whole.
    if (across.count() < simd::kLanes ||
        (across.count() < shape.ow &&
         (shape.w < kWideFloats || std::max(across.begin, shape.ow - across.end) > simd::kLanes))) {
      down.begin = down.end = shape.oh;
    }
    source = layout.reserve<float>(std::int64_t{source_rows} * source_w + simd::kLanes);
    kept = layout.reserve<float>(std::int64_t{source_rows} * 2 * simd::kLanes);
    narrow = layout.reserve<float>(std::int64_t{rows} * 2 * simd::kLanes);
  }

 private:
  static constexpr Index kWideFloats = 48;
  static Index reach(const Pool2dShape& shape) { return (shape.kernel_h - 1) * shape.dilation_h; }
};

// What was stored with a pitch of a vector, where that is wider than a row.
template <typename T>
void copy_narrow(const T* from, Index rows, Index columns, T* to) {
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) to[i * columns + j] = from[i * simd::kLanes + j];
  }
}

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
  [[nodiscard]] Mean aside(Index oh, float* memory, Index) const {
    return from(oh, 0, 0).to(memory);
  }
  void take_narrow(const Mean& from, Index rows, Index columns) const {
    copy_narrow(from.y_, rows, columns, y_);
  }

  static void down(Value& upper, const Value& lower) { upper.sum += lower.sum; }

  class Column {
   public:
    [[gnu::always_inline]] Column(const Mean& op, const PoolBand&, Index, Index ow)
        : op_(op), divisors_(simd::load(op.divisors_ + ow)) {}
    template <int kTaps>
    [[gnu::always_inline]] static Value along(const simd::Vec (&taps)[kTaps]) {
      simd::Vec sum = taps[0] + taps[1];
      if constexpr (kTaps == 3) sum += taps[2];
      return {sum};
    }
    template <int kStride>
    static Value along(const Pool2dShape& shape, const float* p) {
      simd::Vec sum = load_tap<kStride>(p, 0, shape.stride_w);
      for (Index s = 1; s < shape.kernel_w; ++s) {
        sum += load_tap<kStride>(p, s * shape.dilation_w, shape.stride_w);
      }
      return {sum};
    }
    [[gnu::always_inline]] void store(Index oh, Index out, const Value& value) const {
      simd::store(op_.y_ + out, value.sum / (divisors_ * simd::broadcast(op_.row_divisors_[oh])));
    }

   private:
    const Mean& op_;
    const simd::Vec divisors_;
  };

  static constexpr Index kKeptFloats = simd::kLanes;
  static void keep(const Value& value, float* p) { simd::store(p, value.sum); }
  static Value kept(const float* p) { return {simd::load(p)}; }

 private:
  float* y_;
  const float* divisors_;
  const float* row_divisors_;
};

// The bands of planes, and the memory of one thread. Windows inside the plane are read there; rows
// with others are copied to where their padding is.
template <typename Op>
class Bands {
 public:
  Bands(const Pool2dShape& shape, const BandPlan& plan, void* scratch)
      : shape_(shape),
        plan_(plan),
        walk_(choose_walk<Op>(shape)),
        source_(WorkspaceLayout::at<float>(scratch, plan.source)),
        kept_(WorkspaceLayout::at<float>(scratch, plan.kept)),
        narrow_(WorkspaceLayout::at<float>(scratch, plan.narrow)) {}

  // All windows of a plane[H, W].
  void walk(const float* plane, const Op& op) const {
    const Inside &down = plan_.down, &across = plan_.across;
    for (Index oh = 0, rows = 0; oh < shape_.oh; oh += rows) {
      const bool inside = oh >= down.begin && oh < down.end;
      rows = std::min(plan_.rows, (oh < down.begin ? down.begin
                                   : inside        ? down.end
                                                   : shape_.oh) -
                                      oh);
      if (!inside) {
        part(plane, op, oh, rows, 0, plan_.columns, true);
        continue;
      }
      part(plane, op, oh, rows, across.begin, across.count(), false);
      if (across.begin > 0) part(plane, op, oh, rows, 0, simd::kLanes, true);
      if (across.end < shape_.ow) {
        part(plane, op, oh, rows, shape_.ow - simd::kLanes, simd::kLanes, true);
      }
    }
  }

 private:
  [[gnu::noinline]] void part(const float* plane, const Op& op, Index oh, Index rows, Index ow,
                              Index columns, bool copied) const {
    const Pool2dShape& s = shape_;
    const Index row = oh * s.stride_h - s.pad_top, column = ow * s.stride_w - s.pad_left;
    PoolBand band{.shape = s,
                  .source = plane + row * s.w + column,
                  .pitch = s.w,
                  .rows = rows,
                  .columns = columns,
                  .y_pitch = plan_.columns,
                  .width = {},
                  .firsts = {}};
    for (Index i = 0; i < simd::kLanes; ++i) {
      band.width[i] = static_cast<std::int32_t>(s.w);
      band.firsts[i] = static_cast<std::int32_t>(row * s.w + column + i * s.stride_w);
    }
    if (copied) {
      band.source = source_;
      // Without padding only the windows behind the last one, that fill a vector, reach behind the
      // plane: rows follow each other as there.
      if (plan_.whole_rows) {
        copy_columns(plane + row * s.w, source_rows(rows) * s.w, source_);
      } else {
        band.pitch = plan_.source_w - (plan_.columns - columns) * s.stride_w;
        copy(plane, row, column, band);
      }
    }
    const Op given = op.from(oh, ow, oh * s.ow + ow);
    if (plan_.columns == s.ow) return walk_(band, given, kept_);
    const Op aside = op.aside(oh, narrow_, plan_.rows * simd::kLanes);
    walk_(band, aside, kept_);
    given.take_narrow(aside, rows, s.ow);
  }

  // Input rows under so many of the output.
  [[nodiscard]] Index source_rows(Index rows) const {
    return plan_.source_rows - (plan_.rows - rows) * shape_.stride_h;
  }
  // Rows of the band from (row, column) of the plane on.
  void copy(const float* plane, Index row, Index column, const PoolBand& band) const {
    const Index before = std::clamp<Index>(-column, 0, band.pitch),
                after = std::clamp(shape_.w - column, before, band.pitch),
                rows = source_rows(band.rows);
    float* to = source_;
    for (Index i = 0; i < rows; ++i, ++row, to += band.pitch) {
      const Index end = row >= 0 && row < shape_.h ? after : before;
      pad(to, to + before);
      copy_columns(plane + row * shape_.w + column + before, end - before, to + before);
      pad(to + end, to + band.pitch);
    }
  }
  // And perhaps a vector more, where the next row comes, or room at the end.
  void pad(float* begin, const float* end) const {
    for (; begin < end; begin += simd::kLanes) simd::store(begin, simd::broadcast(padding_));
  }

  const Pool2dShape& shape_;
  const BandPlan& plan_;
  const Walk<Op> walk_;
  float *const source_, *const kept_, *const narrow_;
  const float padding_ = Op::kPadding;  // not known when compiling: V8 calls for a memory of zeros
};

// Bands of means with what divides them.
struct MeanPlan {
  BandPlan bands;
  std::int64_t divisors;      // [columns]
  std::int64_t row_divisors;  // [OH]

  explicit MeanPlan(const Pool2dShape& shape)
      : bands(shape),
        divisors(bands.layout.reserve<float>(bands.columns)),
        row_divisors(bands.layout.reserve<float>(shape.oh)) {}

  [[nodiscard]] Mean divided(const Pool2dShape& shape, void* scratch) const {
    auto* columns = WorkspaceLayout::at<float>(scratch, divisors);
    auto* rows = WorkspaceLayout::at<float>(scratch, row_divisors);
    fill_divisors(horizontal_axis(shape), shape.ow, shape.count_include_pad, bands.columns,
                  columns);
    fill_divisors(vertical_axis(shape), shape.oh, shape.count_include_pad, shape.oh, rows);
    return {nullptr, columns, rows};
  }
};

}  // namespace convgrad::kernels
