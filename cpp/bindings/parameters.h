// The numbers that describe a call, in a block of the module's memory that JavaScript fills in
// before it. Not Embind value objects: those are allocated for every call, by an operator new that
// ends the program when there is no memory left.
#pragma once

#include <cstdint>

#include "convgrad/shape.h"

namespace convgrad::bindings {

inline constexpr int kMaxParameters = 18;

// The block; its address never changes.
[[nodiscard]] std::int32_t* parameters();

// The block as a convolution or as pooling, checked. The caller has sized y by its own arithmetic:
// it says so, and is refused with kShapeMismatch where the library counts otherwise.
[[nodiscard]] Status read_shape(Conv2dShape* shape);
[[nodiscard]] Status read_shape(Pool2dShape* shape);

}  // namespace convgrad::bindings
