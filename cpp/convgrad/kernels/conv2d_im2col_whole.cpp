#include "convgrad/kernels/conv2d_im2col_whole.h"

#include "convgrad/kernels/conv2d_fully_connected.h"
#include "convgrad/kernels/pack_panel.h"
#include "convgrad/kernels/workspace_layout.h"
#include "convgrad/lowering.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

// Fully connected: the windows are its images.
Conv2dShape layer_of_windows(const Conv2dShape& shape) {
  return pointwise_shape(shape.n * shape.oh * shape.ow, shape.c * shape.r * shape.s, 1, 1, shape.k);
}

class Matrices {
 public:
  explicit Matrices(const Conv2dShape& shape)
      : layer(layer_of_windows(shape)),
        columns_(layout.reserve<float>(layer.x_size())),
        rows_(layout.reserve<float>(layer.y_size())) {}

  // [N*OH*OW, C*R*S]
  [[nodiscard]] float* columns(const Workspace& workspace) const {
    return WorkspaceLayout::at<float>(workspace.data, columns_);
  }
  // [N*OH*OW, K]: y or dy, a window a row
  [[nodiscard]] float* rows(const Workspace& workspace) const {
    return WorkspaceLayout::at<float>(workspace.data, rows_);
  }

  const Conv2dShape layer;
  WorkspaceLayout layout;

 private:
  std::int64_t columns_, rows_;
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
  constexpr std::int64_t kMostFloats = 1024 * 1024;
  const Conv2dShape layer = layer_of_windows(shape);
  return shape.groups == 1 && conv2d_is_fully_connected(layer) && 2 * layer.n <= layer.k &&
         std::int64_t{layer.n} * layer.c <= kMostFloats;
}

std::int64_t conv2d_im2col_whole_workspace(const Conv2dShape& shape, int threads) {
  const Matrices matrices(shape);
  return matrices.layout.bytes() + conv2d_fully_connected_workspace(matrices.layer, threads);
}

// x[N,C,H,W] w[K,C,R,S] b[K] -> y[N,K,OH,OW]
bool conv2d_im2col_whole_forward(const Conv2dShape& shape, const float* x, const float* w,
                                 const float* b, float* y, const Workspace& workspace) {
  const Matrices matrices(shape);
  float *const columns = matrices.columns(workspace), *const rows = matrices.rows(workspace);
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
  float *const columns = matrices.columns(workspace), *const rows = matrices.rows(workspace);
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
  float *const columns = matrices.columns(workspace), *const rows = matrices.rows(workspace);
  PhaseTimer timer(workspace, Phase::kLower);
  lower(shape, x, columns);
  timer.enter(Phase::kPack);
  transpose(shape, shape.k, shape.oh * shape.ow, dy, rows);
  timer.enter(Phase::kMultiply);
  return conv2d_fully_connected_dw(matrices.layer, reduction, shape.n, rows, columns, dw,
                                   matrices.layout.rest(workspace));
}

}  // namespace convgrad::kernels
