// Pooling for JavaScript. Addresses point to arrays of the shapes that pool2d.h gives: float32, and
// int32 for indices. Every function answers a number of call.h.
#include <emscripten/bind.h>

#include <cstdint>

#include "call.h"
#include "convgrad/pool2d.h"

namespace convgrad::bindings {
namespace {

// oh and ow: how the caller has sized y; they must agree with the library's own arithmetic.
struct Pool2dCall : Pool2dParams {
  std::int32_t oh = 0, ow = 0;
};

// Calls run(shape, algorithm, workspace) when everything the caller said holds together.
template <typename Run>
[[nodiscard]] int checked(const Pool2dCall& call, int algorithm_number, Run run) {
  const auto algorithm = to_algorithm(algorithm_number);
  if (!algorithm) return answer(Status::kBadArgument);
  Pool2dShape shape;
  const Status status = Pool2dShape::make(call, &shape);
  if (status != Status::kOk) return answer(status);
  if (shape.oh != call.oh || shape.ow != call.ow) return answer(Status::kShapeMismatch);
  std::size_t bytes = 0;
  const Status asked = pool2d_workspace(shape, *algorithm, &bytes);
  return with_workspace(asked, bytes,
                        [&](Workspace workspace) { return run(shape, *algorithm, workspace); });
}

int max_forward(const Pool2dCall& call, int algorithm_number, std::uintptr_t x, std::uintptr_t y,
                std::uintptr_t indices) {
  return checked(call, algorithm_number, [=](const Pool2dShape& shape, Algorithm algorithm,
                                             Workspace workspace) {
    return max_pool2d_forward(shape, algorithm, pointer_to<const float>(x), pointer_to<float>(y),
                              pointer_to<std::int32_t>(indices), workspace);
  });
}

int max_backward(const Pool2dCall& call, int algorithm_number, std::uintptr_t dy,
                 std::uintptr_t indices, std::uintptr_t dx) {
  return checked(call, algorithm_number,
                 [=](const Pool2dShape& shape, Algorithm algorithm, Workspace workspace) {
                   return max_pool2d_backward(shape, algorithm, pointer_to<const float>(dy),
                                              pointer_to<const std::int32_t>(indices),
                                              pointer_to<float>(dx), workspace);
                 });
}

int avg_forward(const Pool2dCall& call, int algorithm_number, std::uintptr_t x, std::uintptr_t y) {
  return checked(call, algorithm_number,
                 [=](const Pool2dShape& shape, Algorithm algorithm, Workspace workspace) {
                   return avg_pool2d_forward(shape, algorithm, pointer_to<const float>(x),
                                             pointer_to<float>(y), workspace);
                 });
}

int avg_backward(const Pool2dCall& call, int algorithm_number, std::uintptr_t dy,
                 std::uintptr_t dx) {
  return checked(call, algorithm_number,
                 [=](const Pool2dShape& shape, Algorithm algorithm, Workspace workspace) {
                   return avg_pool2d_backward(shape, algorithm, pointer_to<const float>(dy),
                                              pointer_to<float>(dx), workspace);
                 });
}

EMSCRIPTEN_BINDINGS(pool2d) {
  emscripten::value_object<Pool2dCall>("Pool2dCall")
      .field("n", &Pool2dCall::n)
      .field("c", &Pool2dCall::c)
      .field("h", &Pool2dCall::h)
      .field("w", &Pool2dCall::w)
      .field("oh", &Pool2dCall::oh)
      .field("ow", &Pool2dCall::ow)
      .field("kernelH", &Pool2dCall::kernel_h)
      .field("kernelW", &Pool2dCall::kernel_w)
      .field("strideH", &Pool2dCall::stride_h)
      .field("strideW", &Pool2dCall::stride_w)
      .field("padTop", &Pool2dCall::pad_top)
      .field("padLeft", &Pool2dCall::pad_left)
      .field("padBottom", &Pool2dCall::pad_bottom)
      .field("padRight", &Pool2dCall::pad_right)
      .field("dilationH", &Pool2dCall::dilation_h)
      .field("dilationW", &Pool2dCall::dilation_w)
      .field("ceilMode", &Pool2dCall::ceil_mode)
      .field("countIncludePad", &Pool2dCall::count_include_pad);
  emscripten::function("maxPool2dForward", &max_forward);
  emscripten::function("maxPool2dBackward", &max_backward);
  emscripten::function("avgPool2dForward", &avg_forward);
  emscripten::function("avgPool2dBackward", &avg_backward);
}

}  // namespace
}  // namespace convgrad::bindings
