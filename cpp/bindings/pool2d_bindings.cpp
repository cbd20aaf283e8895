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

// One of the library's functions, with the addresses that JavaScript gave.
using Run = Status (*)(const Pool2dShape& shape, Algorithm algorithm,
                       const std::uintptr_t* addresses, Workspace workspace);

// Calls run() when everything the caller said holds together. Not a template, which would be there
// four times.
[[gnu::noinline]] int checked(int algorithm_number, const std::uintptr_t* addresses, Run run) {
  const auto algorithm = to_algorithm(algorithm_number);
  if (!algorithm) return answer(Status::kBadArgument);
  Pool2dShape shape;
  if (const Status status = read_shape(&shape); status != Status::kOk) return answer(status);
  std::size_t bytes = 0;
  const double elements = static_cast<double>(shape.x_size()) + static_cast<double>(shape.y_size());
  ThreadPool* pool = pool_for(elements / kPooledElementsPerMicrosecond);
  const Status asked = pool2d_workspace(shape, *algorithm, &bytes, threads_of(pool));
  return with_workspace(asked, bytes, pool, [&](Workspace workspace) {
    return run(shape, *algorithm, addresses, workspace);
  });
}

int max_forward(int algorithm_number, std::uintptr_t x, std::uintptr_t y, std::uintptr_t indices) {
  const std::uintptr_t addresses[] = {x, y, indices};
  return checked(algorithm_number, addresses,
                 [](const Pool2dShape& shape, Algorithm algorithm, const std::uintptr_t* at,
                    Workspace workspace) {
                   return max_pool2d_forward(shape, algorithm, pointer_to<const float>(at[0]),
                                             pointer_to<float>(at[1]),
                                             pointer_to<std::int32_t>(at[2]), workspace);
                 });
}

int max_backward(int algorithm_number, std::uintptr_t dy, std::uintptr_t indices,
                 std::uintptr_t dx) {
  const std::uintptr_t addresses[] = {dy, indices, dx};
  return checked(algorithm_number, addresses,
                 [](const Pool2dShape& shape, Algorithm algorithm, const std::uintptr_t* at,
                    Workspace workspace) {
                   return max_pool2d_backward(shape, algorithm, pointer_to<const float>(at[0]),
                                              pointer_to<const std::int32_t>(at[1]),
                                              pointer_to<float>(at[2]), workspace);
                 });
}

int avg_forward(int algorithm_number, std::uintptr_t x, std::uintptr_t y) {
  const std::uintptr_t addresses[] = {x, y};
  return checked(algorithm_number, addresses,
                 [](const Pool2dShape& shape, Algorithm algorithm, const std::uintptr_t* at,
                    Workspace workspace) {
                   return avg_pool2d_forward(shape, algorithm, pointer_to<const float>(at[0]),
                                             pointer_to<float>(at[1]), workspace);
                 });
}

int avg_backward(int algorithm_number, std::uintptr_t dy, std::uintptr_t dx) {
  const std::uintptr_t addresses[] = {dy, dx};
  return checked(algorithm_number, addresses,
                 [](const Pool2dShape& shape, Algorithm algorithm, const std::uintptr_t* at,
                    Workspace workspace) {
                   return avg_pool2d_backward(shape, algorithm, pointer_to<const float>(at[0]),
                                              pointer_to<float>(at[1]), workspace);
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
