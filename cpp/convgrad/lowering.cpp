#include "convgrad/lowering.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "convgrad/kernels/strided_columns.h"

namespace convgrad {
namespace {

// What happens to the taps of all windows, which are the elements of col[N*OH*OW, C*R*S].
enum class Lowering {
  kCopy,  // col = those of image[N,C,H,W]; `padding` where they are outside
  kAdd,   // those of the image += col
};

// Window by window. `padding` is 0, which compilers do not see here: they would call a function for
// every few zeros.
[[gnu::noinline]] void lower(const Conv2dShape& shape, Lowering lowering, float* image, float* col,
                             float padding) {
  const Index step = shape.dilation_w;
  for (Index window = 0; window < shape.n * shape.oh * shape.ow; ++window) {
    const Index n = window / (shape.oh * shape.ow), oh = window / shape.ow % shape.oh;
    const Index top = oh * shape.stride_h - shape.pad_top,
                left = window % shape.ow * shape.stride_w - shape.pad_left;
    // The taps [begin, end) of a row are inside where the row is.
    Index begin = 0, end = shape.s;
    while (begin < end && left + begin * step < 0) ++begin;
    while (begin < end && left + (end - 1) * step >= shape.w) --end;
    Index first = (n * shape.c * shape.h + top) * shape.w + left + begin * step;
    for (Index c = 0; c < shape.c; ++c, first += shape.h * shape.w) {
      for (Index r = 0; r < shape.r; ++r, col += shape.s) {
        const Index down = r * shape.dilation_h, row = top + down;
        const Index last = row >= 0 && row < shape.h ? end : begin;
        Index tap = first + down * shape.w;
        if (lowering == Lowering::kAdd) {
          for (Index s = begin; s < last; ++s, tap += step) image[tap] += col[s];
          continue;
        }
        for (Index s = 0; s < begin; ++s) col[s] = padding;
        for (Index s = begin; s < last; ++s, tap += step) col[s] = image[tap];
        for (Index s = last; s < shape.s; ++s) col[s] = padding;
      }
    }
  }
}

bool column_matrix_addressable(const Conv2dShape& shape) {
  constexpr std::int64_t kMaxElements = std::numeric_limits<Index>::max() / 4;
  std::int64_t product = 1;
  for (const Index extent : {shape.n, shape.oh, shape.ow, shape.c, shape.r, shape.s}) {
    if (extent == 0) return true;
    if (product > kMaxElements / extent) return false;
    product *= extent;
  }
  return true;
}

}  // namespace

Status im2col(const Conv2dShape& shape, const float* x, float* col) {
  if (!column_matrix_addressable(shape)) return Status::kTooLarge;
  lower(shape, Lowering::kCopy, const_cast<float*>(x), col, 0.0f);
  return Status::kOk;
}

Status col2im(const Conv2dShape& shape, const float* col, float* dx) {
  if (!column_matrix_addressable(shape)) return Status::kTooLarge;
  kernels::clear_columns(dx, shape.x_size());
  lower(shape, Lowering::kAdd, dx, const_cast<float*>(col), 0.0f);
  return Status::kOk;
}

Status rot180(Index planes, Index r, Index s, const float* w, float* out) {
  if (planes < 0 || r < 1 || s < 1) return Status::kBadArgument;
  const Index plane = r * s;
  for (Index p = 0; p < planes; ++p) {
    std::reverse_copy(w + p * plane, w + (p + 1) * plane, out + p * plane);
  }
  return Status::kOk;
}

Status zero_insert(Index planes, Index oh, Index ow, Index stride_h, Index stride_w,
                   const float* dy, float* out) {
  if (planes < 0 || oh < 1 || ow < 1 || stride_h < 1 || stride_w < 1) return Status::kBadArgument;
  const Index out_h = (oh - 1) * stride_h + 1;
  const Index out_w = (ow - 1) * stride_w + 1;
  kernels::clear_columns(out, planes * out_h * out_w);
  for (Index p = 0; p < planes; ++p) {
    for (Index i = 0; i < oh; ++i) {
      const float* source = dy + (p * oh + i) * ow;
      float* row = out + (p * out_h + i * stride_h) * out_w;
      for (Index j = 0; j < ow; ++j) row[j * stride_w] = source[j];
    }
  }
  return Status::kOk;
}

}  // namespace convgrad
