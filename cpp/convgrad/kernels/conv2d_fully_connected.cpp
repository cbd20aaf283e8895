// Of a fully connected layer each of the three products is another one of a layer that has a single
// image of one row, with 1x1 kernels. The kernels of that one read the larger matrix where it
// stands; packed, it would be used too few times to repay it.
//
//   y  = x * w^T   dots along the rows of both: the dw of N filters, with x as dy and w as x, or
//                  of K, with w as dy
//   dx = dy * w    the forward of N filters dy, with w as x
//   dw = dy^T * x  the forward of K filters dy^T, with x as x
#include "convgrad/kernels/conv2d_fully_connected.h"

#include <algorithm>

#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/pack_panel.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/kernels/workspace_layout.h"
#include "convgrad/profile.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {
namespace {

// In one row, as dots along it want.
Conv2dShape forward_layer(const Conv2dShape& shape) {
  return pointwise_shape(1, std::max(shape.k, shape.n), 1, shape.c, std::min(shape.k, shape.n));
}
// In some rows, which threads share; where they have to be copied, so many that all channels of a
// band's rows fit.
Conv2dShape layer_in_rows(Index channels, Index cells, Index filters) {
  constexpr Index kShares = 4, kCopiedColumns = 128;
  const Index rows = share_sets(cells)      ? cells / kCopiedColumns
                     : cells % kShares == 0 ? kShares
                                            : 1;
  return pointwise_shape(1, channels, rows, cells / rows, filters);
}
Conv2dShape dx_layer(const Conv2dShape& shape) { return layer_in_rows(shape.k, shape.c, shape.n); }
Conv2dShape dw_layer(const Conv2dShape& shape) {
  // Of few images dw takes as long as writing it, which several threads are no better at.
  constexpr Index kFewImages = 8;
  return shape.n < kFewImages ? pointwise_shape(1, shape.n, 1, shape.c, shape.k)
                              : layer_in_rows(shape.n, shape.c, shape.k);
}

struct TransposedLayout {
  WorkspaceLayout layout;
  std::int64_t transposed;  // [K, N]: y or dy

  explicit TransposedLayout(const Conv2dShape& shape)
      : transposed(layout.reserve<float>(shape.y_size())) {}
};

}  // namespace

Conv2dShape pointwise_shape(Index n, Index c, Index h, Index w, Index k) {
  Conv2dShape shape;
  shape.n = n;
  shape.c = c;
  shape.h = shape.oh = h;
  shape.w = shape.ow = w;
  shape.k = k;
  shape.r = shape.s = 1;
  return shape;
}

bool conv2d_is_fully_connected(const Conv2dShape& shape) {
  // Of more images dw's sums in float would err too much.
  constexpr Index kLeastTerms = 16, kMostImages = 16 * kBlockTerms;
  return shape.h * shape.w * shape.r * shape.s == 1 && shape.groups == 1 && !shape.padded() &&
         shape.c >= kLeastTerms && shape.n <= kMostImages;
}

std::int64_t conv2d_fully_connected_workspace(const Conv2dShape& shape, int threads) {
  return TransposedLayout(shape).layout.bytes() +
         std::max({conv2d_dw_direct_workspace(forward_layer(shape), threads),
                   conv2d_forward_direct_workspace(dx_layer(shape), threads),
                   conv2d_forward_direct_workspace(dw_layer(shape), threads)});
}

// x[N,C] w[K,C] b[K] -> y[N,K]
bool conv2d_fully_connected_forward(const Conv2dShape& shape, const float* x, const float* w,
                                    const float* b, float* y, const Workspace& workspace) {
  const TransposedLayout own(shape);
  auto* transposed = WorkspaceLayout::at<float>(workspace.data, own.transposed);
  // The filters are the fewer rows.
  const bool of_weights = shape.n > shape.k;
  if (!conv2d_dw_direct(forward_layer(shape), Reduction::kSum, of_weights ? w : x,
                        of_weights ? x : w, of_weights ? transposed : y,
                        own.layout.rest(workspace))) {
    return false;
  }
  if (of_weights) pack_panel(shape.k, shape.n, transposed, shape.n, y, shape.k);
  for (Index n = 0; b != nullptr && n < shape.n; ++n, y += shape.k) {
    for (Index k = 0; k < shape.k; ++k) y[k] += b[k];
  }
  return true;
}

// dy[N,K] w[K,C] -> dx[N,C]
bool conv2d_fully_connected_dx(const Conv2dShape& shape, const float* dy, const float* w, float* dx,
                               const Workspace& workspace) {
  return conv2d_forward_direct(dx_layer(shape), w, dy, nullptr, dx, workspace);
}

// dy[N,K] x[N,C] -> dw[K,C]
bool conv2d_fully_connected_dw(const Conv2dShape& shape, Reduction reduction, Index images,
                               const float* dy, const float* x, float* dw,
                               const Workspace& workspace) {
  const TransposedLayout own(shape);
  auto* transposed = WorkspaceLayout::at<float>(workspace.data, own.transposed);
  PhaseTimer timer(workspace, Phase::kPack);
  pack_panel(shape.n, shape.k, dy, shape.k, transposed, shape.n);
  timer.enter(Phase::kMultiply);
  if (!conv2d_forward_direct(dw_layer(shape), x, transposed, nullptr, dw,
                             own.layout.rest(workspace))) {
    return false;
  }
  if (reduction == Reduction::kMean) {
    Index i = 0;
    for (; i + simd::kLanes <= shape.w_size(); i += simd::kLanes) {
      simd::store(dw + i, simd::load(dw + i) / simd::broadcast(static_cast<float>(images)));
    }
    for (; i < shape.w_size(); ++i) dw[i] /= static_cast<float>(images);
  }
  return true;
}

}  // namespace convgrad::kernels
