// The chapter's building blocks for JavaScript. Addresses point to float32 arrays of the shapes
// that lowering.h gives; im2col and col2im find the shape in the block of parameters.h. Every
// function answers a number of call.h.
#include <emscripten/bind.h>

#include <cstdint>

#include "call.h"
#include "convgrad/lowering.h"
#include "convgrad/profile.h"
#include "parameters.h"
#include "profile.h"

namespace convgrad::bindings {
namespace {

int run_im2col(std::uintptr_t x, std::uintptr_t col) {
  Conv2dShape shape;
  if (const Status status = read_shape(&shape); status != Status::kOk) return answer(status);
  const PhaseTimer timer({.profile = active_profile()}, Phase::kLower);
  return answer(im2col(shape, pointer_to<const float>(x), pointer_to<float>(col)));
}

int run_col2im(std::uintptr_t col, std::uintptr_t dx) {
  Conv2dShape shape;
  if (const Status status = read_shape(&shape); status != Status::kOk) return answer(status);
  const PhaseTimer timer({.profile = active_profile()}, Phase::kScatter);
  return answer(col2im(shape, pointer_to<const float>(col), pointer_to<float>(dx)));
}

int run_rot180(std::int32_t planes, std::int32_t r, std::int32_t s, std::uintptr_t w,
               std::uintptr_t out) {
  const PhaseTimer timer({.profile = active_profile()}, Phase::kOther);
  return answer(rot180(planes, r, s, pointer_to<const float>(w), pointer_to<float>(out)));
}

int run_zero_insert(std::int32_t planes, std::int32_t oh, std::int32_t ow, std::int32_t stride_h,
                    std::int32_t stride_w, std::uintptr_t dy, std::uintptr_t out) {
  const PhaseTimer timer({.profile = active_profile()}, Phase::kOther);
  return answer(zero_insert(planes, oh, ow, stride_h, stride_w, pointer_to<const float>(dy),
                            pointer_to<float>(out)));
}

EMSCRIPTEN_BINDINGS(lowering) {
  emscripten::function("im2col", &run_im2col);
  emscripten::function("col2im", &run_col2im);
  emscripten::function("rot180", &run_rot180);
  emscripten::function("zeroInsert", &run_zero_insert);
}

}  // namespace
}  // namespace convgrad::bindings
