#include "convgrad/status.h"

namespace convgrad {

const char* status_name(Status status) {
  switch (status) {
    case Status::kOk:
      return "ok";
    case Status::kShapeMismatch:
      return "shape-mismatch";
    case Status::kBadArgument:
      return "bad-argument";
    case Status::kEmptyOutput:
      return "empty-output";
    case Status::kTooLarge:
      return "too-large";
    case Status::kWorkspaceTooSmall:
      return "workspace-too-small";
  }
  return "unknown";
}

}  // namespace convgrad
