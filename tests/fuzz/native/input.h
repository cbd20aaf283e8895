// A fuzzer's bytes as what the entry points take: numbers, shapes, data, and exactly sized memory.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>

#include "convgrad/algorithm.h"
#include "convgrad/shape.h"

namespace convgrad::fuzz {

// Ends the process, which the fuzzer takes for a find.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// Memory of exactly that many elements, so that AddressSanitizer sees the first one beyond.
template <typename T>
class Array {
 public:
  explicit Array(Index count) : count_(count), cells_(new T[static_cast<std::size_t>(count)]) {}
  [[nodiscard]] T* data() const { return cells_.get(); }
  [[nodiscard]] Index size() const { return count_; }
  T& operator[](Index i) const { return cells_[static_cast<std::size_t>(i)]; }

 private:
  Index count_;
  std::unique_ptr<T[]> cells_;
};

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

  // 0 when there is nothing left.
  std::uint8_t byte() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  bool flag() { return (byte() & 1) != 0; }
  std::int32_t between(std::int32_t least, std::int32_t most) {
    return least + byte() % (most - least + 1);
  }
  // Any 32 bits.
  std::int32_t any() {
    std::uint32_t bits = 0;
    for (int i = 0; i < 4; ++i) bits = bits << 8U | byte();
    return static_cast<std::int32_t>(bits);
  }

  // Small integers, which every algorithm must sum to the same result; some not finite, if asked.
  Array<float> values(Index count, bool finite) {
    Array<float> cells(count);
    std::uint32_t state = byte() + 1U;
    for (Index i = 0; i < count; ++i) {
      state = state * 1664525U + 1013904223U;
      cells[i] = static_cast<float>((state >> 24U) % 9U) - 4.0F;
      if (finite || state % 16 != 0) continue;
      constexpr float kInfinity = std::numeric_limits<float>::infinity();
      constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
      const float strange[] = {kInfinity, -kInfinity, kNaN, -0.0F};
      cells[i] = strange[state >> 4U & 3U];
    }
    return cells;
  }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

// What an output holds before it is written.
template <typename T>
Array<T> poisoned(Index count) {
  Array<T> cells(count);
  for (Index i = 0; i < count; ++i) cells[i] = static_cast<T>(-12345);
  return cells;
}

template <typename T>
void require_same(const Array<T>& got, const Array<T>& want, float tolerance, const char* what) {
  for (Index i = 0; i < want.size(); ++i) {
    const bool both_nan = got[i] != got[i] && want[i] != want[i];
    const bool close =
        tolerance > 0 && std::fabs(static_cast<float>(got[i] - want[i])) <= tolerance;
    require(got[i] == want[i] || both_nan || close, what);
  }
}

}  // namespace convgrad::fuzz
