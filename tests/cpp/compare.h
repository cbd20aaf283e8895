// How a result is held against the truth: == on integers, and on reals an error of so many times
// 2^-23 * (sum of the magnitudes of the terms). A failure prints the whole case.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "naive.h"

namespace convgrad::test {

// Factors of 2^-23 * sum |terms|.
inline constexpr double kSignedTolerance = 4.0;
inline constexpr double kPositiveTolerance = 8.0;
// y and dx by F(4x4, 3x3), whatever the numbers: its sums are less well conditioned.
inline constexpr double kWinograd4Tolerance = 32.0;

template <typename Got, typename Want>
void check_equal(const std::string& what, const std::vector<Got>& got,
                 const std::vector<Want>& want) {
  REQUIRE_MESSAGE(got.size() == want.size(), what);
  std::size_t wrong = got.size();
  for (std::size_t i = got.size(); i-- > 0;) {
    const bool both_nan = got[i] != got[i] && want[i] != want[i];
    // Float results are compared with the correctly rounded truth.
    if (!(got[i] == static_cast<Got>(want[i])) && !both_nan) wrong = i;
  }
  if (wrong == got.size()) {
    CHECK(true);
    return;
  }
  std::ostringstream message;
  message.precision(9);
  message << what << ": element " << wrong << " is " << got[wrong] << ", want " << want[wrong];
  FAIL_CHECK(message.str());
}

inline void check_close(const std::string& what, const std::vector<float>& got, const Terms& want,
                        double tolerance) {
  REQUIRE_MESSAGE(got.size() == want.sum.size(), what);
  double worst = -1.0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double error = std::fabs(static_cast<double>(got[i]) - want.sum[i]);
    // Without terms there is nothing to be wrong about: the result must be zero.
    const double unit = want.magnitude[i] * 0x1p-23 + std::numeric_limits<double>::min();
    const double scaled =
        std::isnan(error) ? std::numeric_limits<double>::infinity() : error / unit;
    if (scaled > worst) {
      worst = scaled;
      at = i;
    }
  }
  if (worst <= tolerance) {
    CHECK(true);
    return;
  }
  std::ostringstream message;
  message.precision(9);
  message << what << ": element " << at << " is " << got[at] << ", want " << want.sum[at]
          << ", an error of " << worst << " * 2^-23 * " << want.magnitude[at] << ", allowed "
          << tolerance;
  FAIL_CHECK(message.str());
}

}  // namespace convgrad::test
