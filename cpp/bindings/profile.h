// Whether calls are being measured, and by what.
#pragma once

#include "convgrad/profile.h"

namespace convgrad::bindings {

// The profile that calls add to, or null while nobody measures.
[[nodiscard]] Profile* active_profile();

}  // namespace convgrad::bindings
