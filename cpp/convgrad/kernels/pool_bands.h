// Planes in bands: some output rows, and the input rows under them, with padding where they need
// it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "convgrad/kernels/pool_rows.h"
#include "convgrad/kernels/pool_walk.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {

// Floats of input rows that the L1 cache can be expected to hold.
inline constexpr Index kBandFloats = 8 * 1024;

struct BandPlan {
  Index columns;      // of windows: OW, or a vector of them
  Index source_w;     // columns that their taps span
  bool in_place;      // they all lie inside the plane
  Index pitch;        // floats of a row of the source
  Index rows;         // output rows in a band
  Index source_rows;  // input rows of a band
  WorkspaceLayout layout;
  std::int64_t source;  // [source_rows, pitch]: some rows of the plane with their padding
  std::int64_t kept;    // [source_rows, 2 vectors]: what walk() keeps
  std::int64_t narrow;  // [rows, 2 vectors]: the results where they are narrower than a vector

  explicit BandPlan(const Pool2dShape& shape)
      : columns(std::max(shape.ow, simd::kLanes)),
        source_w((columns - 1) * shape.stride_w + (shape.kernel_w - 1) * shape.dilation_w + 1),
        in_place(columns == shape.ow && source_w <= shape.w &&
                 (shape.pad_left | shape.pad_top) == 0 &&
                 (shape.oh - 1) * shape.stride_h + reach(shape) < shape.h),
        pitch(in_place ? shape.w : source_w),
        rows(std::clamp<Index>((kBandFloats / pitch - reach(shape)) / shape.stride_h, 1, shape.oh)),
        source_rows((rows - 1) * shape.stride_h + reach(shape) + 1) {
    source = layout.reserve<float>(in_place ? 0 : std::int64_t{source_rows} * pitch);
    kept = layout.reserve<float>(std::int64_t{source_rows} * 2 * simd::kLanes);
    narrow = layout.reserve<float>(std::int64_t{rows} * 2 * simd::kLanes);
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

  template <int kTaps>
  [[gnu::always_inline]] Value along(const simd::Vec (&taps)[kTaps], simd::IntVec) const {
    simd::Vec sum = taps[0] + taps[1];
    if constexpr (kTaps == 3) sum += taps[2];
    return {sum};
  }
  template <int kStride>
  Value along(const PoolBand& band, const float* p, simd::IntVec) const {
    simd::Vec sum = load_tap<kStride>(p, 0, band.stride_w);
    for (Index s = 1; s < band.kernel_w; ++s) {
      sum += load_tap<kStride>(p, s * band.dilation_w, band.stride_w);
    }
    return {sum};
  }
  [[gnu::always_inline]] void down(Value& upper, const Value& lower) const {
    upper.sum += lower.sum;
  }
  [[gnu::always_inline]] void store(Index oh, Index ow, Index out, const Value& value) const {
    const simd::Vec divisor = simd::load(divisors_ + ow) * simd::broadcast(row_divisors_[oh]);
    simd::store(y_ + out, value.sum / divisor);
  }

  static constexpr Index kKeptFloats = simd::kLanes;
  static void keep(const Value& value, float* p) { simd::store(p, value.sum); }
  static Value kept(const float* p) { return {simd::load(p)}; }

 private:
  float* y_;
  const float* divisors_;
  const float* row_divisors_;
};

// The bands of planes, and the memory of one thread.
class Bands {
 public:
  Bands(const Pool2dShape& shape, const BandPlan& plan, void* scratch, float padding)
      : shape_(shape),
        plan_(plan),
        source_(WorkspaceLayout::at<float>(scratch, plan.source)),
        padding_(padding) {
    if (!plan.in_place) std::fill_n(source_, plan.source_rows * plan.pitch, padding);
  }

  // Calls visit(band) for the bands of a plane[H, W].
  template <typename Visit>
  void for_each(const float* plane, Visit visit) {
    const Pool2dShape& s = shape_;
    for (Index oh = 0; oh < s.oh; oh += plan_.rows) {
      const Index rows = std::min(plan_.rows, s.oh - oh), row = oh * s.stride_h - s.pad_top;
      if (!plan_.in_place) copy(plane, row);
      visit(PoolBand{plan_.in_place ? plane + row * s.w : source_, plan_.pitch,
                     row * s.w - s.pad_left, s.w, oh, rows, plan_.columns, s.kernel_h, s.kernel_w,
                     s.stride_h, s.stride_w, s.dilation_h, s.dilation_w});
    }
  }

 private:
  void copy(const float* plane, Index row) {
    const Index count = std::min(shape_.w, plan_.source_w - shape_.pad_left);
    float* to = source_ + shape_.pad_left;
    for (Index i = 0; i < plan_.source_rows; ++i, ++row, to += plan_.pitch) {
      if (row < 0 || row >= shape_.h) {
        std::fill_n(to, count, padding_);
        continue;
      }
      const float* from = plane + row * shape_.w;
      Index j = 0;
      for (; j + simd::kLanes <= count; j += simd::kLanes)
        simd::store(to + j, simd::load(from + j));
      for (; j < count; ++j) to[j] = from[j];
    }
  }

  const Pool2dShape& shape_;
  const BandPlan& plan_;
  float* source_;
  float padding_;
};

// What was stored with a pitch of a vector, where that is wider than a row.
template <typename T>
void copy_narrow(const T* from, Index rows, Index columns, T* to) {
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) to[i * columns + j] = from[i * simd::kLanes + j];
  }
}

}  // namespace convgrad::kernels
