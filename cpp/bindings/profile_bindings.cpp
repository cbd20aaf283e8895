// Phase times for JavaScript.
#include <emscripten/bind.h>

#include "profile.h"

namespace convgrad::bindings {
namespace {

// The numbers of the phases, as web/package/src/engine.ts names them.
static_assert(static_cast<int>(Phase::kPad) == 0);
static_assert(static_cast<int>(Phase::kLower) == 1);
static_assert(static_cast<int>(Phase::kPack) == 2);
static_assert(static_cast<int>(Phase::kMultiply) == 3);
static_assert(static_cast<int>(Phase::kReduce) == 4);
static_assert(static_cast<int>(Phase::kScatter) == 5);
static_assert(static_cast<int>(Phase::kTransform) == 6);
static_assert(static_cast<int>(Phase::kOther) == 7);

Profile& profile() {
  static Profile instance;
  return instance;
}

bool measuring = false;

void measure(bool on) { measuring = on; }

// Milliseconds of the phase in all measured calls so far.
double phase_milliseconds(int phase) { return profile().milliseconds(static_cast<Phase>(phase)); }

EMSCRIPTEN_BINDINGS(profile) {
  emscripten::function("measure", &measure);
  emscripten::function("phaseMilliseconds", &phase_milliseconds);
}

}  // namespace

Profile* active_profile() { return measuring ? &profile() : nullptr; }

}  // namespace convgrad::bindings
