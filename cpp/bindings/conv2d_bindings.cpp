// Convolution for JavaScript. Addresses point to float32 arrays of the shapes that conv2d.h gives;
// 0 stands for null. The shape is in the block of parameters.h; every function answers a number of
// call.h.
#include <emscripten/bind.h>

#include <cstdint>

#include "call.h"
#include "convgrad/conv2d.h"
#include "parameters.h"
#include "threads.h"

namespace convgrad::bindings {
namespace {

// Multiply-adds of one of the three convolutions.
double multiply_adds(const Conv2dShape& shape) {
  return static_cast<double>(shape.y_size()) * static_cast<double>(shape.w_size() / shape.k);
}

int forward(int algorithm_number, std::uintptr_t x, std::uintptr_t w, std::uintptr_t b,
            std::uintptr_t y) {
  const auto algorithm = to_algorithm(algorithm_number);
  if (!algorithm) return answer(Status::kBadArgument);
  Conv2dShape shape;
  if (const Status status = read_shape(&shape); status != Status::kOk) return answer(status);
  ThreadPool* pool = pool_for(multiply_adds(shape) / kMultiplyAddsPerMicrosecond);
  std::size_t bytes = 0;
  const Status asked = conv2d_forward_workspace(shape, *algorithm, &bytes, threads_of(pool));
  return with_workspace(asked, bytes, pool, [&](Workspace workspace) {
    return conv2d_forward(shape, *algorithm, pointer_to<const float>(x), pointer_to<const float>(w),
                          pointer_to<const float>(b), pointer_to<float>(y), workspace);
  });
}

// A gradient whose address is 0 is not wanted.
int backward(int algorithm_number, bool mean, std::uintptr_t dy, std::uintptr_t x, std::uintptr_t w,
             std::uintptr_t dx, std::uintptr_t dw, std::uintptr_t db) {
  const auto algorithm = to_algorithm(algorithm_number);
  if (!algorithm) return answer(Status::kBadArgument);
  Conv2dShape shape;
  if (const Status status = read_shape(&shape); status != Status::kOk) return answer(status);
  const Reduction reduction = mean ? Reduction::kMean : Reduction::kSum;
  const Conv2dGradients gradients{
      .dx = pointer_to<float>(dx), .dw = pointer_to<float>(dw), .db = pointer_to<float>(db)};
  const int convolutions = (dx != 0 ? 1 : 0) + (dw != 0 ? 1 : 0);
  ThreadPool* pool = pool_for(convolutions * multiply_adds(shape) / kMultiplyAddsPerMicrosecond);
  std::size_t bytes = 0;
  const Status asked =
      conv2d_backward_workspace(shape, *algorithm, gradients, &bytes, threads_of(pool));
  return with_workspace(asked, bytes, pool, [&](Workspace workspace) {
    return conv2d_backward(shape, *algorithm, reduction, pointer_to<const float>(dy),
                           pointer_to<const float>(x), pointer_to<const float>(w), gradients,
                           workspace);
  });
}

EMSCRIPTEN_BINDINGS(conv2d) {
  emscripten::function("conv2dForward", &forward);
  emscripten::function("conv2dBackward", &backward);
}

}  // namespace
}  // namespace convgrad::bindings
