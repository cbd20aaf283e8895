// Seeded data. Integers are small enough that every sum of the table is exact in float32, whatever
// its order, so that results can be compared with ==.
#pragma once

#include <cstdint>
#include <vector>

#include "convgrad/status.h"

namespace convgrad::test {

enum class Fill { kIntegers, kSigned, kPositive };

class Random {
 public:
  explicit Random(std::uint32_t seed) : state_(seed * 2654435761u + 1u) {}
  // xorshift32 (Marsaglia 2003).
  std::uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }
  int integer(int low, int high) {
    return low + static_cast<int>(next() % static_cast<std::uint32_t>(high - low + 1));
  }
  // In [0, 1).
  float uniform() { return static_cast<float>(next() >> 8) * 0x1p-24f; }

  std::vector<float> floats(Index count, Fill fill) {
    std::vector<float> values(count);
    for (float& value : values) {
      switch (fill) {
        case Fill::kIntegers:
          value = static_cast<float>(integer(-3, 3));
          break;
        case Fill::kSigned:
          value = uniform() * 2.0f - 1.0f;
          break;
        case Fill::kPositive:
          value = uniform();
          break;
      }
    }
    return values;
  }

 private:
  std::uint32_t state_;
};

}  // namespace convgrad::test
