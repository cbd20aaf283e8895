// A program of another project: one convolution forward and backward with the installed library.

#include <array>
#include <cstdio>
#include <vector>

#include "convgrad/convgrad.h"

namespace {

bool fails(convgrad::Status status) {
  if (status == convgrad::Status::kOk) return false;
  std::fprintf(stderr, "convgrad: %s\n", convgrad::status_name(status));
  return true;
}

}  // namespace

int main() {
  // x[1, 1, 3, 3] = 1 ... 9, w[1, 1, 2, 2] = 1 ... 4.
  convgrad::Conv2dParams params;
  params.h = params.w = 3;
  params.r = params.s = 2;
  convgrad::Conv2dShape shape;
  if (fails(convgrad::Conv2dShape::make(params, &shape))) return 1;

  const std::array<float, 9> x = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const std::array<float, 4> w = {1, 2, 3, 4};
  const std::array<float, 4> dy = {1, 1, 1, 1};
  std::array<float, 4> y = {};
  std::array<float, 4> dw = {};
  std::array<float, 1> db = {};
  const convgrad::Conv2dGradients gradients{.dw = dw.data(), .db = db.data()};

  for (const convgrad::Algorithm algorithm :
       {convgrad::Algorithm::kDirect, convgrad::Algorithm::kIm2col}) {
    std::size_t forward_bytes = 0;
    std::size_t backward_bytes = 0;
    if (fails(convgrad::conv2d_forward_workspace(shape, algorithm, &forward_bytes)) ||
        fails(convgrad::conv2d_backward_workspace(shape, algorithm, gradients, &backward_bytes))) {
      return 1;
    }
    std::vector<double> memory((forward_bytes + backward_bytes) / sizeof(double) + 1);
    const convgrad::Workspace workspace{memory.data(), memory.size() * sizeof(double)};
    if (fails(convgrad::conv2d_forward(shape, algorithm, x.data(), w.data(), nullptr, y.data(),
                                       workspace)) ||
        fails(convgrad::conv2d_backward(shape, algorithm, convgrad::Reduction::kSum, dy.data(),
                                        x.data(), w.data(), gradients, workspace))) {
      return 1;
    }
    // By hand: 1*1 + 2*2 + 4*3 + 5*4 = 37 and so on; dw sums the four windows' corners.
    if (y != std::array<float, 4>{37, 47, 67, 77} || dw != std::array<float, 4>{12, 16, 24, 28} ||
        db != std::array<float, 1>{4}) {
      std::fprintf(stderr, "wrong results\n");
      return 1;
    }
  }
  std::printf("the installed library convolves\n");
}
