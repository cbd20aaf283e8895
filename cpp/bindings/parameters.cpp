#include "parameters.h"

#include <emscripten/bind.h>

namespace convgrad::bindings {

std::int32_t* parameters() {
  static std::int32_t block[kMaxParameters] = {};
  return block;
}

// Both read the block in the order in which web/package/src/engine.ts writes it.

Status read_shape(Conv2dShape* shape) {
  const std::int32_t* p = parameters();
  const Conv2dParams params{.n = p[0],
                            .c = p[1],
                            .h = p[2],
                            .w = p[3],
                            .k = p[4],
                            .r = p[5],
                            .s = p[6],
                            .stride_h = p[7],
                            .stride_w = p[8],
                            .pad_top = p[9],
                            .pad_left = p[10],
                            .pad_bottom = p[11],
                            .pad_right = p[12],
                            .dilation_h = p[13],
                            .dilation_w = p[14],
                            .groups = p[15]};
  Conv2dShape made;
  const Status status = Conv2dShape::make(params, &made);
  if (status != Status::kOk) return status;
  if (made.oh != p[16] || made.ow != p[17]) return Status::kShapeMismatch;
  *shape = made;
  return Status::kOk;
}

Status read_shape(Pool2dShape* shape) {
  const std::int32_t* p = parameters();
  const Pool2dParams params{.n = p[0],
                            .c = p[1],
                            .h = p[2],
                            .w = p[3],
                            .kernel_h = p[4],
                            .kernel_w = p[5],
                            .stride_h = p[6],
                            .stride_w = p[7],
                            .pad_top = p[8],
                            .pad_left = p[9],
                            .pad_bottom = p[10],
                            .pad_right = p[11],
                            .dilation_h = p[12],
                            .dilation_w = p[13],
                            .ceil_mode = p[14] != 0,
                            .count_include_pad = p[15] != 0};
  Pool2dShape made;
  const Status status = Pool2dShape::make(params, &made);
  if (status != Status::kOk) return status;
  if (made.oh != p[16] || made.ow != p[17]) return Status::kShapeMismatch;
  *shape = made;
  return Status::kOk;
}

namespace {

std::uintptr_t parameters_address() { return reinterpret_cast<std::uintptr_t>(parameters()); }

EMSCRIPTEN_BINDINGS(parameters) { emscripten::function("parameters", &parameters_address); }

}  // namespace
}  // namespace convgrad::bindings
