// Windows for walk_windows() of pool_walk.h: where all those of some planes begin, and the rows of
// taps in them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "convgrad/kernels/pool_rows.h"
#include "convgrad/kernels/pool_walk.h"
#include "convgrad/kernels/pool_window.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {

struct WindowPlan {
  Index planes;   // at a time: where they have few windows, as many as fill vectors
  Index windows;  // of them
  Index h, w;     // what the windows of a plane span, or the plane where that is larger
  Index taps;     // of a window that follow each other in memory
  Index rows;     // of such in a window
  WorkspaceLayout layout;
  std::int64_t source;       // [planes, h, w] with the padding, and room for a vector
  std::int64_t offsets;      // [windows]: where each begins in source; and room for a vector
  std::int64_t starts;       // [windows]: in its plane, h*W + w; and room for a vector
  std::int64_t row_offsets;  // [rows]: how far behind the window's beginning each begins in source
  std::int64_t row_distances;  // [rows]: in the plane

  explicit WindowPlan(const Pool2dShape& s)
      : planes(std::min(s.oh * s.ow < kManyWindows && s.h * s.w < kLargePlane ? simd::kLanes : 1,
                        std::max<Index>(s.planes(), 1))),
        windows(planes * s.oh * s.ow),
        h(span(vertical_axis(s), s.oh)),
        w(span(horizontal_axis(s), s.ow)),
        taps(s.dilation_w > 1 ? 1 : s.kernel_w),
        rows(s.dilation_w > 1 ? s.kernel_h * s.kernel_w : s.kernel_h),
        source(layout.reserve<float>(std::int64_t{planes} * h * w + simd::kLanes + kSquare)),
        offsets(layout.reserve<std::int32_t>(windows + simd::kLanes)),
        starts(layout.reserve<std::int32_t>(windows + simd::kLanes)),
        row_offsets(layout.reserve<std::int32_t>(rows)),
        row_distances(layout.reserve<std::int32_t>(rows)) {}

 private:
  static constexpr Index kManyWindows = 64;
  static constexpr Index kLargePlane = 64 * 1024;
  static Index span(const PoolAxis& axis, Index windows) {
    const Index taps = (windows - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1;
    return std::max(axis.pad_before + axis.extent, taps);
  }
};

// These windows, and the memory of one thread.
class PlaneWindows {
 public:
  [[gnu::noinline]] PlaneWindows(const Pool2dShape& shape, const WindowPlan& plan, void* scratch)
      : shape_(shape),
        plan_(plan),
        source_(WorkspaceLayout::at<float>(scratch, plan.source)),
        offsets_(WorkspaceLayout::at<std::int32_t>(scratch, plan.offsets)),
        starts_(WorkspaceLayout::at<std::int32_t>(scratch, plan.starts)),
        row_offsets_(WorkspaceLayout::at<std::int32_t>(scratch, plan.row_offsets)),
        row_distances_(WorkspaceLayout::at<std::int32_t>(scratch, plan.row_distances)) {}

  void fill() const {
    for (Index i = 0; i < plan_.windows; ++i) {
      const Index row = i / shape_.ow * shape_.stride_h % (shape_.oh * shape_.stride_h),
                  column = i % shape_.ow * shape_.stride_w, plane = i / (shape_.oh * shape_.ow);
      offsets_[i] = static_cast<std::int32_t>((plane * plan_.h + row) * plan_.w + column);
      starts_[i] =
          static_cast<std::int32_t>((row - shape_.pad_top) * shape_.w + column - shape_.pad_left);
    }
    std::fill_n(offsets_ + plan_.windows, simd::kLanes, 0);
    for (Index i = 0; i < plan_.rows; ++i) {
      const Index tap = i * plan_.taps, down = tap / shape_.kernel_w * shape_.dilation_h,
                  across = tap % shape_.kernel_w * shape_.dilation_w;
      row_offsets_[i] = static_cast<std::int32_t>(down * plan_.w + across);
      row_distances_[i] = static_cast<std::int32_t>(down * shape_.w + across);
    }
  }

  // Those of `planes` planes, at most plan.planes, behind which so many floats may be read.
  [[nodiscard]] PoolBand band(const float* x, Index planes, Index readable, float padding) const {
    const bool padded = plan_.h * plan_.w > shape_.h * shape_.w;
    if (padded || readable < kSquare) {
      for (Index i = 0; i < planes; ++i) {
        copy_padded(x + i * shape_.h * shape_.w, shape_, -shape_.pad_top, -shape_.pad_left, plan_.h,
                    plan_.w, padding, source_ + i * plan_.h * plan_.w);
      }
      x = source_;
    }
    PoolBand band{shape_, x};
    band.rows = plan_.rows;
    band.columns = planes * shape_.oh * shape_.ow;
    band.offsets = offsets_;
    band.starts = starts_;
    band.taps = plan_.taps;
    band.row_offsets = row_offsets_;
    band.row_distances = row_distances_;
    return band;
  }

 private:
  const Pool2dShape& shape_;
  const WindowPlan& plan_;
  float* const source_;
  std::int32_t *const offsets_, *const starts_, *const row_offsets_, *const row_distances_;
};

}  // namespace convgrad::kernels
