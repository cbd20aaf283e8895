// What every bound function shares: its answer is a number, its algorithm comes as one, its
// workspace, threads and profile are the module's.
#pragma once

#include <cstddef>
#include <optional>

#include "convgrad/algorithm.h"
#include "convgrad/profile.h"
#include "convgrad/status.h"
#include "memory.h"
#include "profile.h"

namespace convgrad::bindings {

// The numbers of the answers, as web/package/src/engine.ts reads them: those of Status, and one
// that the library does not have because it takes no memory itself.
inline constexpr int kOutOfMemory = 100;
static_assert(static_cast<int>(Status::kOk) == 0);
static_assert(static_cast<int>(Status::kShapeMismatch) == 1);
static_assert(static_cast<int>(Status::kBadArgument) == 2);
static_assert(static_cast<int>(Status::kEmptyOutput) == 3);
static_assert(static_cast<int>(Status::kTooLarge) == 4);
static_assert(static_cast<int>(Status::kWorkspaceTooSmall) == 5);

static_assert(static_cast<int>(Algorithm::kAuto) == 0);
static_assert(static_cast<int>(Algorithm::kDirect) == 1);
static_assert(static_cast<int>(Algorithm::kIm2col) == 2);
static_assert(static_cast<int>(Algorithm::kReference) == 3);
static_assert(static_cast<int>(Algorithm::kWinograd) == 4);
static_assert(static_cast<int>(Algorithm::kWinograd4) == 5);

[[nodiscard]] inline int answer(Status status) { return static_cast<int>(status); }

[[nodiscard]] inline std::optional<Algorithm> to_algorithm(int number) {
  if (number < 0 || number > static_cast<int>(Algorithm::kWinograd4)) return std::nullopt;
  return static_cast<Algorithm>(number);
}

// Calls run(workspace) with `bytes` of scratch memory, provided that asking for them succeeded, and
// with the pool that they were asked for.
template <typename Run>
[[nodiscard]] int with_workspace(Status asked, std::size_t bytes, ThreadPool* pool, Run run) {
  if (asked != Status::kOk) return answer(asked);
  Workspace workspace{.pool = pool, .profile = active_profile()};
  if (bytes > 0) {
    workspace.data = scratch().ensure(bytes);
    workspace.bytes = bytes;
    if (workspace.data == nullptr) return kOutOfMemory;
  }
  const PhaseTimer timer(workspace, Phase::kOther);
  return answer(run(workspace));
}

}  // namespace convgrad::bindings
