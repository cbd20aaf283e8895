// The parameters of a convolution as JavaScript sends them.
#pragma once

#include "convgrad/shape.h"

namespace convgrad::bindings {

// The caller has sized y by its own arithmetic: oh and ow say how, and must agree with the
// library's.
struct Conv2dCall : Conv2dParams {
  std::int32_t oh = 0, ow = 0;

  [[nodiscard]] Status shape(Conv2dShape* shape) const {
    Conv2dShape made;
    const Status status = Conv2dShape::make(*this, &made);
    if (status != Status::kOk) return status;
    if (made.oh != oh || made.ow != ow) return Status::kShapeMismatch;
    *shape = made;
    return Status::kOk;
  }
};

}  // namespace convgrad::bindings
