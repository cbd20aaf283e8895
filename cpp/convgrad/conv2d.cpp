// Convolution's public functions: which kernel runs is decided here, and only here.
#include "convgrad/conv2d.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "convgrad/kernels/conv2d_im2col_whole.h"
#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/parallel.h"
#include "convgrad/kernels/strided_columns.h"

namespace convgrad {
namespace {

using namespace kernels;  // NOLINT(google-build-using-namespace): this file is the kernels' index.

// What kAuto stands for, by direction: rules read off measurements in Chromium, one thread, over
// the shapes of tests/bench/shapes.json and others between them.

// Winograd's rounding errors are shared by the cells of a tile. Where a cell at the border has few
// terms of its own (windows that reach more than one column into the padding) they would exceed
// what the direct sum of those terms may err by; fewer channels do not repay the transforms.
bool winograd_pays(const Conv2dShape& shape, Index least_pad, Index most_pad) {
  constexpr Index kLeastChannels = 32;
  const auto [least, most] =
      std::minmax({shape.pad_top, shape.pad_left, shape.pad_bottom, shape.pad_right});
  return conv2d_winograd_applies(shape) && least >= least_pad && most <= most_pad &&
         shape.group_c() >= kLeastChannels && shape.group_k() >= kLeastChannels;
}

// Of sums of few channels the errors of F(4x4, 3x3) would exceed its bound.
Algorithm with_enough_terms(Algorithm algorithm, Index channels) {
  constexpr Index kLeastChannels = 16;
  return algorithm == Algorithm::kWinograd4 && channels < kLeastChannels ? Algorithm::kWinograd
                                                                         : algorithm;
}

// Of 1x1 kernels there are no columns to make, and so nothing to gain.
bool whole_columns_pay(const Conv2dShape& shape) {
  return shape.r * shape.s > 1 && conv2d_im2col_is_whole(shape);
}

Algorithm choose_forward(const Conv2dShape& shape, Algorithm algorithm) {
  if (algorithm != Algorithm::kAuto) return with_enough_terms(algorithm, shape.group_c());
  const Index windows = shape.n * shape.oh * shape.ow;
  // Of small maps half of Winograd's tiles are empty.
  const Index winograd_tiles = shape.n * divide_up(shape.oh, 2) * divide_up(shape.ow, 2);
  if (winograd_pays(shape, 0, 1) &&
      divide_up(winograd_tiles, kTileColumns) * kTileColumns * 2 < windows) {
    return Algorithm::kWinograd;
  }
  // Making columns takes as long as multiplying them for some 30 filters, which few windows repay:
  // they are what weights are packed for. Of several threads one alone makes them.
  constexpr Index kFewWindows = 32;
  if (whole_columns_pay(shape) && windows <= kFewWindows && 8 * windows <= shape.k) {
    return Algorithm::kIm2col;
  }
  // With a stride direct reads windows one by one. Columns have to be made, which long sums for
  // many output channels repay, on maps of many vectors.
  const Index taps = shape.r * shape.s;
  return shape.stride_w > 1 && taps > 1 && taps * shape.group_c() >= 256 &&
                 shape.group_k() >= 192 && shape.oh * shape.ow >= 192
             ? Algorithm::kIm2col
             : Algorithm::kDirect;
}

Algorithm choose_dx(const Conv2dShape& shape, Algorithm algorithm) {
  if (algorithm != Algorithm::kAuto) return with_enough_terms(algorithm, shape.group_k());
  if (winograd_pays(shape, 1, 2)) return Algorithm::kWinograd;
  if (whole_columns_pay(shape)) return Algorithm::kIm2col;
  // Of a stride's phases each direct correlation has its share of the taps: fewer than two do not
  // repay taking dx apart; nor do large kernels or many weights, packed a float at a time. Where dx
  // has many more cells than dy it multiplies the border's zeros.
  constexpr Index kManyTaps = 32, kManyWeights = 256 * 1024;
  const Index taps = shape.r * shape.s, strides = shape.stride_h * shape.stride_w;
  const bool strided =
      strides > 1 && (taps < 2 * strides || taps > kManyTaps || shape.w_size() > kManyWeights);
  const bool wide_border = 2 * shape.h * shape.w > 3 * shape.oh * shape.ow * strides;
  // Of one channel or two direct has rows, of which short ones are mostly half a tile.
  const bool rows = shape.group_c() == 1 || (shape.group_c() == 2 && shape.w < 24);
  return shape.group_k() >= 16 && (strided || wide_border || rows) ? Algorithm::kIm2col
                                                                   : Algorithm::kDirect;
}
Algorithm choose_dw(const Conv2dShape& shape, Algorithm algorithm) {
  if (algorithm == Algorithm::kIm2col || algorithm == Algorithm::kReference) return algorithm;
  if (algorithm != Algorithm::kAuto) return Algorithm::kDirect;
  if (whole_columns_pay(shape)) return Algorithm::kIm2col;
  // Direct transposes dy, in tiles of output channels: few taps do not repay that, nor do tiles
  // that are a third empty. Columns of several images are one long row, but where the image's own
  // are short, making them takes as long; and of 1x1 kernels there are none to make. Of a few
  // output channels direct has dot products along the rows, of which short ones are mostly sums'
  // ends.
  const Index group_k = shape.group_k(), taps = shape.r * shape.s;
  const Index terms = shape.group_c() * taps;
  const bool few_taps = terms < 20 && shape.ow > 8 * shape.group_c();
  const bool empty_lanes =
      terms < 32 &&
      3 * divide_up(group_k, kernels::kTileColumns) * kernels::kTileColumns > 4 * group_k;
  const bool pays = group_k >= 8 && shape.ow < 28 && (few_taps || empty_lanes);
  const bool short_rows = group_k >= 3 && group_k < 6 && shape.ow < 16;
  return taps > 1 && (pays || short_rows) ? Algorithm::kIm2col : Algorithm::kDirect;
}

bool is_winograd(Algorithm algorithm) {
  return algorithm == Algorithm::kWinograd || algorithm == Algorithm::kWinograd4;
}

// What the kernels are given. A window that is all of an unpadded plane makes its cells channels.
// 1x1 kernels that neither pad nor stride see no rows, so a plane may be cut into longer ones,
// which fill the vectors and stay enough to be shared among threads.
Conv2dShape simplified(Conv2dShape shape, Algorithm algorithm) {
  constexpr Index kLongEnough = 128;
  if (shape.padded() || is_winograd(algorithm)) return shape;
  if (shape.oh * shape.ow == 1 && shape.r == shape.h && shape.s == shape.w) {
    shape.c *= shape.h * shape.w;
    shape.h = shape.w = shape.r = shape.s = 1;
  }
  // A stride of 1 may also be one that has no second position to go to.
  if (shape.r * shape.s != 1 || shape.oh != shape.h || shape.ow != shape.w) return shape;
  for (Index rows = shape.h; rows > 1; --rows) {
    if (shape.h % rows != 0 || shape.w * rows > kLongEnough) continue;
    shape.h = shape.oh = shape.h / rows;
    shape.w = shape.ow = shape.w * rows;
    break;
  }
  return shape;
}

bool applies(const Conv2dShape& shape, Algorithm algorithm) {
  return !is_winograd(algorithm) || conv2d_winograd_applies(shape);
}

std::int64_t forward_bytes(const Conv2dShape& shape, Algorithm algorithm, int threads) {
  if (shape.n == 0) return 0;
  switch (choose_forward(shape, algorithm)) {
    case Algorithm::kDirect:
      return conv2d_forward_direct_workspace(shape, threads);
    case Algorithm::kIm2col:
      return conv2d_forward_im2col_workspace(shape, threads);
    case Algorithm::kWinograd:
      return conv2d_forward_winograd_workspace(shape, 2, threads);
    case Algorithm::kWinograd4:
      return conv2d_forward_winograd_workspace(shape, 4, threads);
    default:
      return 0;
  }
}

std::int64_t dx_bytes(const Conv2dShape& shape, Algorithm algorithm, int threads) {
  switch (choose_dx(shape, algorithm)) {
    case Algorithm::kDirect:
      return conv2d_dx_direct_workspace(shape, threads);
    case Algorithm::kIm2col:
      return conv2d_dx_im2col_workspace(shape, threads);
    case Algorithm::kWinograd:
      return conv2d_dx_winograd_workspace(shape, 2, threads);
    case Algorithm::kWinograd4:
      return conv2d_dx_winograd_workspace(shape, 4, threads);
    default:
      return 0;
  }
}

std::int64_t dw_bytes(const Conv2dShape& shape, Algorithm algorithm, int threads) {
  switch (choose_dw(shape, algorithm)) {
    case Algorithm::kDirect:
      return conv2d_dw_direct_workspace(shape, threads);
    case Algorithm::kIm2col:
      return conv2d_dw_im2col_workspace(shape, threads);
    default:
      return 0;
  }
}

std::int64_t backward_bytes(const Conv2dShape& shape, Algorithm algorithm,
                            const Conv2dGradients& gradients, int threads) {
  if (shape.n == 0) return 0;
  // dx and dw are computed one after the other in the same memory.
  return std::max(gradients.dx != nullptr ? dx_bytes(shape, algorithm, threads) : 0,
                  gradients.dw != nullptr ? dw_bytes(shape, algorithm, threads) : 0);
}

Status answer_bytes(std::int64_t wanted, std::size_t* bytes) {
  if (wanted > std::numeric_limits<Index>::max()) return Status::kTooLarge;
  *bytes = static_cast<std::size_t>(wanted);
  return Status::kOk;
}

bool suffices(const Workspace& workspace, std::int64_t bytes) {
  return bytes == 0 || (workspace.data != nullptr &&
                        static_cast<std::uint64_t>(bytes) <= std::uint64_t{workspace.bytes});
}

void run_dx(const Conv2dShape& shape, Algorithm algorithm, const float* dy, const float* w,
            float* dx, const Workspace& workspace) {
  switch (choose_dx(shape, algorithm)) {
    case Algorithm::kDirect:
      if (conv2d_dx_direct(shape, dy, w, dx, workspace)) return;
      break;
    case Algorithm::kIm2col:
      return conv2d_dx_im2col(shape, dy, w, dx, workspace);
    case Algorithm::kWinograd:
      if (conv2d_dx_winograd(shape, 2, dy, w, dx, workspace)) return;
      break;
    case Algorithm::kWinograd4:
      if (conv2d_dx_winograd(shape, 4, dy, w, dx, workspace)) return;
      break;
    default:
      break;
  }
  conv2d_dx_reference(shape, dy, w, dx);
}

void run_dw(const Conv2dShape& shape, Algorithm algorithm, Reduction reduction, const float* dy,
            const float* x, float* dw, const Workspace& workspace) {
  switch (choose_dw(shape, algorithm)) {
    case Algorithm::kDirect:
      if (conv2d_dw_direct(shape, reduction, dy, x, dw, workspace)) return;
      break;
    case Algorithm::kIm2col:
      if (conv2d_dw_im2col(shape, reduction, dy, x, dw, workspace)) return;
      break;
    default:
      break;
  }
  conv2d_dw_reference(shape, reduction, dy, x, dw);
}

void run_db(const Conv2dShape& shape, Algorithm algorithm, Reduction reduction, const float* dy,
            float* db) {
  if (algorithm == Algorithm::kReference) {
    conv2d_db_reference(shape, reduction, dy, db);
  } else {
    conv2d_db(shape, reduction, dy, db);
  }
}

}  // namespace

Status conv2d_forward_workspace(const Conv2dShape& given, Algorithm algorithm, std::size_t* bytes,
                                int threads) {
  const Conv2dShape shape = simplified(given, algorithm);
  if (!applies(shape, algorithm)) return Status::kBadArgument;
  return answer_bytes(forward_bytes(shape, algorithm, threads), bytes);
}

Status conv2d_forward(const Conv2dShape& given, Algorithm algorithm, const float* x, const float* w,
                      const float* b, float* y, Workspace workspace) {
  const Conv2dShape shape = simplified(given, algorithm);
  if (!applies(shape, algorithm)) return Status::kBadArgument;
  if (!suffices(workspace, forward_bytes(shape, algorithm, worker_count(workspace))))
    return Status::kWorkspaceTooSmall;
  if (shape.n == 0) return Status::kOk;
  assert(x != nullptr && w != nullptr && y != nullptr);
  switch (choose_forward(shape, algorithm)) {
    case Algorithm::kDirect:
      if (conv2d_forward_direct(shape, x, w, b, y, workspace)) return Status::kOk;
      break;
    case Algorithm::kIm2col:
      if (conv2d_forward_im2col(shape, x, w, b, y, workspace)) return Status::kOk;
      break;
    case Algorithm::kWinograd:
      if (conv2d_forward_winograd(shape, 2, x, w, b, y, workspace)) return Status::kOk;
      break;
    case Algorithm::kWinograd4:
      if (conv2d_forward_winograd(shape, 4, x, w, b, y, workspace)) return Status::kOk;
      break;
    default:
      break;
  }
  conv2d_forward_reference(shape, x, w, b, y);
  return Status::kOk;
}

Status conv2d_backward_workspace(const Conv2dShape& given, Algorithm algorithm,
                                 const Conv2dGradients& gradients, std::size_t* bytes,
                                 int threads) {
  const Conv2dShape shape = simplified(given, algorithm);
  if (!applies(shape, algorithm)) return Status::kBadArgument;
  return answer_bytes(backward_bytes(shape, algorithm, gradients, threads), bytes);
}

Status conv2d_backward(const Conv2dShape& given, Algorithm algorithm, Reduction reduction,
                       const float* dy, const float* x, const float* w,
                       const Conv2dGradients& gradients, Workspace workspace) {
  const Conv2dShape shape = simplified(given, algorithm);
  if (!applies(shape, algorithm)) return Status::kBadArgument;
  if (!suffices(workspace, backward_bytes(shape, algorithm, gradients, worker_count(workspace)))) {
    return Status::kWorkspaceTooSmall;
  }
  if (shape.n == 0) {
    if (gradients.dw != nullptr) clear_columns(gradients.dw, shape.w_size());
    if (gradients.db != nullptr) clear_columns(gradients.db, shape.k);
    return Status::kOk;
  }
  assert(dy != nullptr && (x != nullptr || gradients.dw == nullptr) &&
         (w != nullptr || gradients.dx == nullptr));
  if (gradients.dx != nullptr) run_dx(shape, algorithm, dy, w, gradients.dx, workspace);
  if (gradients.dw != nullptr) {
    run_dw(shape, algorithm, reduction, dy, x, gradients.dw, workspace);
  }
  if (gradients.db != nullptr) run_db(shape, algorithm, reduction, dy, gradients.db);
  return Status::kOk;
}

}  // namespace convgrad
