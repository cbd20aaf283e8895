// Pooling for JavaScript. Addresses point to arrays of the shapes that pool2d.h gives: float32, and
// int32 for indices. The shape is in the block of parameters.h; every function answers a
// number of call.h.
#include <emscripten/bind.h>

#include <cstdint>

#include "call.h"
#include "convgrad/pool2d.h"
#include "parameters.h"
#include "threads.h"

namespace convgrad::bindings {
namespace {

// Calls run(shape, algorithm, workspace) when everything the caller said holds together.
template <typename Run>
[[nodiscard]] int checked(int algorithm_number, Run run) {
  const auto algorithm = to_algorithm(algorithm_number);
  if (!algorithm) return answer(Status::kBadArgument);
  Pool2dShape shape;
  if (const Status status = read_shape(&shape); status != Status::kOk) return answer(status);
  std::size_t bytes = 0;
  const double elements = static_cast<double>(shape.x_size()) + static_cast<double>(shape.y_size());
  ThreadPool* pool = pool_for(elements / kPooledElementsPerMicrosecond);
  const Status asked = pool2d_workspace(shape, *algorithm, &bytes, threads_of(pool));
  return with_workspace(asked, bytes, pool,
                        [&](Workspace workspace) { return run(shape, *algorithm, workspace); });
}

int max_forward(int algorithm_number, std::uintptr_t x, std::uintptr_t y, std::uintptr_t indices) {
  return checked(algorithm_number, [=](const Pool2dShape& shape, Algorithm algorithm,
                                       Workspace workspace) {
    return max_pool2d_forward(shape, algorithm, pointer_to<const float>(x), pointer_to<float>(y),
                              pointer_to<std::int32_t>(indices), workspace);
  });
}

int max_backward(int algorithm_number, std::uintptr_t dy, std::uintptr_t indices,
                 std::uintptr_t dx) {
  return checked(algorithm_number,
                 [=](const Pool2dShape& shape, Algorithm algorithm, Workspace workspace) {
                   return max_pool2d_backward(shape, algorithm, pointer_to<const float>(dy),
                                              pointer_to<const std::int32_t>(indices),
                                              pointer_to<float>(dx), workspace);
                 });
}

int avg_forward(int algorithm_number, std::uintptr_t x, std::uintptr_t y) {
  return checked(algorithm_number,
                 [=](const Pool2dShape& shape, Algorithm algorithm, Workspace workspace) {
                   return avg_pool2d_forward(shape, algorithm, pointer_to<const float>(x),
                                             pointer_to<float>(y), workspace);
                 });
}

int avg_backward(int algorithm_number, std::uintptr_t dy, std::uintptr_t dx) {
  return checked(algorithm_number,
                 [=](const Pool2dShape& shape, Algorithm algorithm, Workspace workspace) {
                   return avg_pool2d_backward(shape, algorithm, pointer_to<const float>(dy),
                                              pointer_to<float>(dx), workspace);
                 });
}

EMSCRIPTEN_BINDINGS(pool2d) {
  emscripten::function("maxPool2dForward", &max_forward);
  emscripten::function("maxPool2dBackward", &max_backward);
  emscripten::function("avgPool2dForward", &avg_forward);
  emscripten::function("avgPool2dBackward", &avg_backward);
}

}  // namespace
}  // namespace convgrad::bindings
