// Convolution for JavaScript. Addresses point to float32 arrays of the shapes that conv2d.h gives;
// 0 stands for null. Every function answers a number of call.h.
#include <emscripten/bind.h>

#include <cstdint>

#include "call.h"
#include "conv2d_params.h"
#include "convgrad/conv2d.h"

namespace convgrad::bindings {
namespace {

int forward(const Conv2dCall& call, int algorithm_number, std::uintptr_t x, std::uintptr_t w,
            std::uintptr_t b, std::uintptr_t y) {
  const auto algorithm = to_algorithm(algorithm_number);
  if (!algorithm) return answer(Status::kBadArgument);
  Conv2dShape shape;
  if (const Status status = call.shape(&shape); status != Status::kOk) return answer(status);
  std::size_t bytes = 0;
  const Status asked = conv2d_forward_workspace(shape, *algorithm, &bytes);
  return with_workspace(asked, bytes, [&](Workspace workspace) {
    return conv2d_forward(shape, *algorithm, pointer_to<const float>(x), pointer_to<const float>(w),
                          pointer_to<const float>(b), pointer_to<float>(y), workspace);
  });
}

// A gradient whose address is 0 is not wanted.
int backward(const Conv2dCall& call, int algorithm_number, bool mean, std::uintptr_t dy,
             std::uintptr_t x, std::uintptr_t w, std::uintptr_t dx, std::uintptr_t dw,
             std::uintptr_t db) {
  const auto algorithm = to_algorithm(algorithm_number);
  if (!algorithm) return answer(Status::kBadArgument);
  Conv2dShape shape;
  if (const Status status = call.shape(&shape); status != Status::kOk) return answer(status);
  const Reduction reduction = mean ? Reduction::kMean : Reduction::kSum;
  const Conv2dGradients gradients{
      .dx = pointer_to<float>(dx), .dw = pointer_to<float>(dw), .db = pointer_to<float>(db)};
  std::size_t bytes = 0;
  const Status asked = conv2d_backward_workspace(shape, *algorithm, gradients, &bytes);
  return with_workspace(asked, bytes, [&](Workspace workspace) {
    return conv2d_backward(shape, *algorithm, reduction, pointer_to<const float>(dy),
                           pointer_to<const float>(x), pointer_to<const float>(w), gradients,
                           workspace);
  });
}

EMSCRIPTEN_BINDINGS(conv2d) {
  emscripten::value_object<Conv2dCall>("Conv2dCall")
      .field("n", &Conv2dCall::n)
      .field("c", &Conv2dCall::c)
      .field("h", &Conv2dCall::h)
      .field("w", &Conv2dCall::w)
      .field("k", &Conv2dCall::k)
      .field("r", &Conv2dCall::r)
      .field("s", &Conv2dCall::s)
      .field("oh", &Conv2dCall::oh)
      .field("ow", &Conv2dCall::ow)
      .field("strideH", &Conv2dCall::stride_h)
      .field("strideW", &Conv2dCall::stride_w)
      .field("padTop", &Conv2dCall::pad_top)
      .field("padLeft", &Conv2dCall::pad_left)
      .field("padBottom", &Conv2dCall::pad_bottom)
      .field("padRight", &Conv2dCall::pad_right)
      .field("dilationH", &Conv2dCall::dilation_h)
      .field("dilationW", &Conv2dCall::dilation_w)
      .field("groups", &Conv2dCall::groups);
  emscripten::function("conv2dForward", &forward);
  emscripten::function("conv2dBackward", &backward);
}

}  // namespace
}  // namespace convgrad::bindings
