#include "convgrad/lowering.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "convgrad/kernels/strided_columns.h"

namespace convgrad {
namespace {

// Calls visit(col_index, x_index) for every tap of every window that lies inside the input, and
// visit_padding(col_index) for the others; col is [N*OH*OW, C*R*S], x is [N, C, H, W].
template <typename Visit, typename VisitPadding>
void for_each_tap(const Conv2dShape& shape, Visit visit, VisitPadding visit_padding) {
  Index col_index = 0;
  for (Index n = 0; n < shape.n; ++n) {
    for (Index oh = 0; oh < shape.oh; ++oh) {
      for (Index ow = 0; ow < shape.ow; ++ow) {
        for (Index c = 0; c < shape.c; ++c) {
          for (Index r = 0; r < shape.r; ++r) {
            const Index ih = oh * shape.stride_h - shape.pad_top + r * shape.dilation_h;
            for (Index s = 0; s < shape.s; ++s, ++col_index) {
              const Index iw = ow * shape.stride_w - shape.pad_left + s * shape.dilation_w;
              if (ih >= 0 && ih < shape.h && iw >= 0 && iw < shape.w) {
                visit(col_index, ((n * shape.c + c) * shape.h + ih) * shape.w + iw);
              } else {
                visit_padding(col_index);
              }
            }
          }
        }
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
  for_each_tap(
      shape, [=](Index i, Index j) { col[i] = x[j]; }, [=](Index i) { col[i] = 0.0f; });
  return Status::kOk;
}

Status col2im(const Conv2dShape& shape, const float* col, float* dx) {
  if (!column_matrix_addressable(shape)) return Status::kTooLarge;
  kernels::clear_columns(dx, shape.x_size());
  for_each_tap(
      shape, [=](Index i, Index j) { dx[j] += col[i]; }, [](Index) {});
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
