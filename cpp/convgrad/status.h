// What a public function of convgrad answers. The library throws nothing, prints nothing, aborts
// nowhere.
#pragma once

#include <cstddef>

namespace convgrad {

// Extents, strides and offsets: signed, so that differences and loops downwards are safe.
using Index = std::ptrdiff_t;

enum class Status {
  kOk,
  kShapeMismatch,      // extents of two arguments contradict each other
  kBadArgument,        // a value out of its range, or an algorithm that does not apply
  kEmptyOutput,        // the window does not fit into the padded input
  kTooLarge,           // a tensor or workspace larger than this build can address
  kWorkspaceTooSmall,  // fewer bytes passed in than the matching *_workspace() asked for
};

// A stable English word for logs and tests: "ok", "shape-mismatch", ...
[[nodiscard]] const char* status_name(Status status);

}  // namespace convgrad
