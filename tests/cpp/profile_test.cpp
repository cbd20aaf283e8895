// Profile: nested phases add up, and nothing is measured where it does not belong.
#include "convgrad/profile.h"

#include <doctest/doctest.h>

#include <chrono>

namespace convgrad {
namespace {

void spend(double milliseconds) {
  const auto start = std::chrono::steady_clock::now();
  const std::chrono::duration<double, std::milli> long_enough(milliseconds);
  while (std::chrono::steady_clock::now() - start < long_enough) {
  }
}

TEST_CASE("the outer phase stands still while an inner one is on") {
  Profile profile;
  const Workspace workspace{.profile = &profile};
  const auto start = std::chrono::steady_clock::now();
  {
    const PhaseTimer call(workspace, Phase::kOther);
    spend(1.0);
    {
      const PhaseTimer inner(workspace, Phase::kMultiply);
      spend(3.0);
    }
    const PhaseTimer elsewhere(workspace, Phase::kPack, 1);
    spend(1.0);
  }
  const std::chrono::duration<double, std::milli> whole = std::chrono::steady_clock::now() - start;
  spend(1.0);  // after the call: nobody's
  CHECK(profile.milliseconds(Phase::kOther) >= 2.0);
  CHECK(profile.milliseconds(Phase::kMultiply) >= 3.0);
  CHECK(profile.milliseconds(Phase::kPack) == 0.0);
  CHECK(profile.milliseconds(Phase::kOther) + profile.milliseconds(Phase::kMultiply) <=
        whole.count());
}

TEST_CASE("without a profile nothing happens") {
  const PhaseTimer timer(Workspace{}, Phase::kMultiply);
}

}  // namespace
}  // namespace convgrad
