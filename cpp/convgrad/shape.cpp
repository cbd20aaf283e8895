#include "convgrad/shape.h"

#include <algorithm>
#include <initializer_list>
#include <limits>

namespace convgrad {
namespace {

// The largest number of 4-byte elements whose offsets, in bytes, a pointer difference can hold; and
// on 64 bits no more than a pebibyte, so that a kernel may multiply a size by a small factor
// freely.
constexpr std::int64_t kMaxElements =
    std::min<std::int64_t>(std::numeric_limits<Index>::max(), std::int64_t{1} << 50) / 4;

// Whether the product of the extents can be addressed; dividing keeps the test itself from
// wrapping. An empty batch counts as one sample, so that offsets within a sample are good for it
// too.
bool addressable(std::initializer_list<std::int64_t> extents) {
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) {
    const std::int64_t factor = std::max<std::int64_t>(extent, 1);
    if (product > kMaxElements / factor) return false;
    product *= factor;
  }
  return true;
}

// One axis of a sliding window, in 64 bits: the sums of four int32 cannot wrap there.
struct Axis {
  std::int64_t extent, kernel, stride, pad_before, pad_after, dilation;

  [[nodiscard]] bool legal() const {
    return extent >= 1 && kernel >= 1 && stride >= 1 && pad_before >= 0 && pad_after >= 0 &&
           dilation >= 1;
  }
  [[nodiscard]] std::int64_t padded() const { return extent + pad_before + pad_after; }
  // What a window spans.
  [[nodiscard]] std::int64_t window() const { return dilation * (kernel - 1) + 1; }
  // Number of window positions, or 0 when the window does not fit.
  [[nodiscard]] std::int64_t positions(bool ceil_mode) const {
    const std::int64_t slack = padded() - window();
    if (slack < 0) return 0;
    std::int64_t count = (slack + (ceil_mode ? stride - 1 : 0)) / stride + 1;
    if (ceil_mode && (count - 1) * stride >= extent + pad_before) --count;
    return count;
  }
  // The stride, or 1 where there is one position only: its value means nothing then, and kernels
  // that sort columns by their residue modulo the stride are spared a large one.
  [[nodiscard]] Index effective_stride(std::int64_t count) const {
    return count == 1 ? 1 : static_cast<Index>(stride);
  }
  // At least the floats of a padded row sorted by its residues modulo the stride, each residue with
  // room for whole vectors of up to 16 lanes (Band).
  [[nodiscard]] std::int64_t sorted_row(std::int64_t count) const {
    return (count + 16 + dilation * (kernel - 1) / stride) * effective_stride(count);
  }
  // Whether some window has no tap inside the input. With paddings below the kernel only windows
  // that begin in the padding before the input can miss it, and only by stepping over it.
  [[nodiscard]] bool has_blind_window(std::int64_t count) const {
    for (std::int64_t o = 0; o < count && o * stride < pad_before; ++o) {
      const std::int64_t start = o * stride - pad_before;
      const std::int64_t first_tap = (-start + dilation - 1) / dilation;
      if (first_tap >= kernel || start + first_tap * dilation >= extent) return true;
    }
    return false;
  }
};

}  // namespace

Status Conv2dShape::make(const Conv2dParams& p, Conv2dShape* shape) {
  const Axis vertical{p.h, p.r, p.stride_h, p.pad_top, p.pad_bottom, p.dilation_h};
  const Axis horizontal{p.w, p.s, p.stride_w, p.pad_left, p.pad_right, p.dilation_w};
  if (p.n < 0 || p.c < 1 || p.k < 1 || p.groups < 1) return Status::kBadArgument;
  if (!vertical.legal() || !horizontal.legal()) return Status::kBadArgument;
  if (p.c % p.groups != 0 || p.k % p.groups != 0) return Status::kBadArgument;
  const std::int64_t oh = vertical.positions(false);
  const std::int64_t ow = horizontal.positions(false);
  if (oh < 1 || ow < 1) return Status::kEmptyOutput;
  if (!addressable({p.n, p.c, p.h, p.w}) || !addressable({p.k, p.c / p.groups, p.r, p.s}) ||
      !addressable({p.n, p.k, oh, ow}) || !addressable({vertical.padded(), horizontal.padded()}) ||
      !addressable({vertical.window(), horizontal.sorted_row(ow)})) {
    return Status::kTooLarge;
  }
  *shape = Conv2dShape{.n = p.n,
                       .c = p.c,
                       .h = p.h,
                       .w = p.w,
                       .k = p.k,
                       .r = p.r,
                       .s = p.s,
                       .oh = static_cast<Index>(oh),
                       .ow = static_cast<Index>(ow),
                       .stride_h = vertical.effective_stride(oh),
                       .stride_w = horizontal.effective_stride(ow),
                       .pad_top = p.pad_top,
                       .pad_left = p.pad_left,
                       .pad_bottom = p.pad_bottom,
                       .pad_right = p.pad_right,
                       .dilation_h = p.dilation_h,
                       .dilation_w = p.dilation_w,
                       .groups = p.groups};
  return Status::kOk;
}

Status Pool2dShape::make(const Pool2dParams& p, Pool2dShape* shape) {
  const Axis vertical{p.h, p.kernel_h, p.stride_h, p.pad_top, p.pad_bottom, p.dilation_h};
  const Axis horizontal{p.w, p.kernel_w, p.stride_w, p.pad_left, p.pad_right, p.dilation_w};
  if (p.n < 0 || p.c < 1) return Status::kBadArgument;
  if (!vertical.legal() || !horizontal.legal()) return Status::kBadArgument;
  if (p.pad_top >= p.kernel_h || p.pad_bottom >= p.kernel_h || p.pad_left >= p.kernel_w ||
      p.pad_right >= p.kernel_w) {
    return Status::kBadArgument;
  }
  const std::int64_t oh = vertical.positions(p.ceil_mode);
  const std::int64_t ow = horizontal.positions(p.ceil_mode);
  if (oh < 1 || ow < 1) return Status::kEmptyOutput;
  if (vertical.has_blind_window(oh) || horizontal.has_blind_window(ow)) return Status::kBadArgument;
  // Indices into a plane are int32, as are the kernels' own counts of taps and of output cells.
  constexpr std::int64_t kMaxPlane = std::numeric_limits<std::int32_t>::max();
  if (!addressable({p.n, p.c, p.h, p.w}) || !addressable({p.n, p.c, oh, ow}) ||
      !addressable({vertical.padded(), horizontal.padded()}) ||
      !addressable({p.kernel_h, p.kernel_w}) ||
      !addressable({vertical.window(), horizontal.sorted_row(ow)}) ||
      vertical.padded() > kMaxPlane / horizontal.padded()) {
    return Status::kTooLarge;
  }
  *shape = Pool2dShape{.n = p.n,
                       .c = p.c,
                       .h = p.h,
                       .w = p.w,
                       .oh = static_cast<Index>(oh),
                       .ow = static_cast<Index>(ow),
                       .kernel_h = p.kernel_h,
                       .kernel_w = p.kernel_w,
                       .stride_h = vertical.effective_stride(oh),
                       .stride_w = horizontal.effective_stride(ow),
                       .pad_top = p.pad_top,
                       .pad_left = p.pad_left,
                       .pad_bottom = p.pad_bottom,
                       .pad_right = p.pad_right,
                       .dilation_h = p.dilation_h,
                       .dilation_w = p.dilation_w,
                       .count_include_pad = p.count_include_pad};
  return Status::kOk;
}

}  // namespace convgrad
