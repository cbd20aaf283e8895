#include "convgrad/kernels/conv2d_im2col_whole.h"

#include "convgrad/kernels/conv2d_fully_connected.h"
#include "convgrad/kernels/pack_panel.h"
#include "convgrad/kernels/workspace_layout.h"
#include "convgrad/lowering.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

struct Matrices {
  Conv2dShape layer;  // fully connected: the windows are its images
  WorkspaceLayout layout;
  std::int64_t columns;  // [N*OH*OW, C*R*S]
  std::int64_t rows;     // [N*OH*OW, K]: y or dy, a window a row

  [[gnu::noinline]] explicit Matrices(const Conv2dShape& shape) {
    layer.h = layer.w = layer.r = layer.s = layer.oh = layer.ow = 1;
    layer.n = shape.n * shape.oh * shape.ow;
    layer.c = shape.c * shape.r * shape.s;
    layer.k = shape.k;
    columns = layout.reserve<float>(layer.n * layer.c);
    rows = layout.reserve<float>(layer.n * layer.k);
  }
};

// Of each image the channels' planes -> a row for each window, or back: the transpose of
// from[lines, length].
void transpose(const Conv2dShape& shape, Index lines, Index length, const float* from, float* to) {
  const Index size = lines * length;
  for (Index n = 0; n < shape.n; ++n) {
    pack_panel(lines, length, from + n * size, length, to + n * size, lines);
  }
}

void lower(const Conv2dShape& shape, const float* x, float* columns) {
  // So small a matrix is addressable.
  static_cast<void>(im2col(shape, x, columns));
}

}  // namespace

bool conv2d_im2col_is_whole(const Conv2dShape& shape) {
  constexpr Index kLeastTerms = 16;
  constexpr std::int64_t kMostFloats = 1024 * 1024;
  const Index windows = shape.n * shape.oh * shape.ow, terms = shape.c * shape.r * shape.s;
  return shape.groups == 1 && terms >= kLeastTerms && 2 * windows <= shape.k &&
         std::int64_t{windows} * terms <= kMostFloats;
}

std::int64_t conv2d_im2col_whole_workspace(const Conv2dShape& shape, int threads) {
  const Matrices matrices(shape);
  return matrices.layout.bytes() + conv2d_fully_connected_workspace(matrices.layer, threads);
}

// x[N,C,H,W] w[K,C,R,S] b[K] -> y[N,K,OH,OW]
bool conv2d_im2col_whole_forward(const Conv2dShape& shape, const float* x, const float* w,
                                 const float* b, float* y, const Workspace& workspace) {
  const Matrices matrices(shape);
  auto* columns = WorkspaceLayout::at<float>(workspace.data, matrices.columns);
  auto* rows = WorkspaceLayout::at<float>(workspace.data, matrices.rows);
  PhaseTimer timer(workspace, Phase::kLower);
  lower(shape, x, columns);
  timer.enter(Phase::kMultiply);
  if (!conv2d_fully_connected_forward(matrices.layer, columns, w, b, rows,
                                      matrices.layout.rest(workspace))) {
    return false;
  }
  timer.enter(Phase::kScatter);
  transpose(shape, shape.oh * shape.ow, shape.k, rows, y);
  return true;
}

// dy[N,K,OH,OW] w[K,C,R,S] -> dx[N,C,H,W]
void conv2d_im2col_whole_dx(const Conv2dShape& shape, const float* dy, const float* w, float* dx,
                            const Workspace& workspace) {
  const Matrices matrices(shape);
  auto* columns = WorkspaceLayout::at<float>(workspace.data, matrices.columns);
  auto* rows = WorkspaceLayout::at<float>(workspace.data, matrices.rows);
  PhaseTimer timer(workspace, Phase::kPack);
  transpose(shape, shape.k, shape.oh * shape.ow, dy, rows);
  timer.enter(Phase::kMultiply);
  // It pads nothing, so it cannot fail; nor can col2im() of so small a matrix.
  static_cast<void>(
      conv2d_fully_connected_dx(matrices.layer, rows, w, columns, matrices.layout.rest(workspace)));
  timer.enter(Phase::kScatter);
  static_cast<void>(col2im(shape, columns, dx));
}

// dy[N,K,OH,OW] x[N,C,H,W] -> dw[K,C,R,S]
bool conv2d_im2col_whole_dw(const Conv2dShape& shape, Reduction reduction, const float* dy,
                            const float* x, float* dw, const Workspace& workspace) {
  const Matrices matrices(shape);
  auto* columns = WorkspaceLayout::at<float>(workspace.data, matrices.columns);
  auto* rows = WorkspaceLayout::at<float>(workspace.data, matrices.rows);
  PhaseTimer timer(workspace, Phase::kLower);
  lower(shape, x, columns);
  timer.enter(Phase::kPack);
  transpose(shape, shape.k, shape.oh * shape.ow, dy, rows);
  timer.enter(Phase::kMultiply);
  return conv2d_fully_connected_dw(matrices.layer, reduction, shape.n, rows, columns, dw,
                                   matrices.layout.rest(workspace));
}

}  // namespace convgrad::kernels
