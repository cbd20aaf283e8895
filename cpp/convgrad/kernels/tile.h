// Register tiles: their size, the even division of an extent into them, and the step from a tile's
// height at run time to the template argument that keeps its accumulators in registers.
#pragma once

#include <utility>

#include "convgrad/simd.h"

namespace convgrad::kernels {

// A tile of kTileRows x kTileVecs accumulators, kTileVecs loads and one broadcast: 13 vectors, what
// V8 keeps in registers on x86-64 without spilling, and SSE and AVX2 (16 registers) as well.
inline constexpr int kTileRows = 5;
inline constexpr int kTileVecs = 2;
inline constexpr Index kTileColumns = kTileVecs * simd::kLanes;

// Terms that one accumulator sums up before the sum moves on to the next level. Float32 sums of
// positive numbers err as the square root of their length; blocks keep that below 8 * 2^-23.
inline constexpr Index kBlockTerms = 256;

inline constexpr Index divide_up(Index extent, Index part) { return (extent + part - 1) / part; }

// `extent` divided into as few parts of at most `most` as possible, as even as possible: 6 rows
// make 3 + 3 rather than 5 + 1, which would run the second tile at a fifth of its speed.
class EvenSplit {
 public:
  EvenSplit(Index extent, Index most) : EvenSplit(into((extent + most - 1) / most, extent)) {}
  [[nodiscard]] static EvenSplit into(Index parts, Index extent) {
    EvenSplit split;
    split.parts_ = parts;
    split.least_ = extent / parts;
    split.longer_ = extent % parts;
    return split;
  }
  [[nodiscard]] Index parts() const { return parts_; }
  [[nodiscard]] Index begin(Index part) const {
    return part * least_ + (part < longer_ ? part : longer_);
  }
  [[nodiscard]] Index size(Index part) const { return least_ + (part < longer_ ? 1 : 0); }

 private:
  EvenSplit() = default;

  // Divided once: divisions are slow. The first `longer_` parts are one longer than the others.
  Index parts_ = 0, least_ = 0, longer_ = 0;
};

// Calls run.template operator()<rows>() for a `rows` in kLeast..kMost known only at run time.
template <int kMost, int kLeast = 1, typename Run>
inline void with_rows(Index rows, Run&& run) {
  if constexpr (kMost > kLeast) {
    if (rows < kMost) return with_rows<kMost - 1, kLeast>(rows, std::forward<Run>(run));
  }
  run.template operator()<kMost>();
}

}  // namespace convgrad::kernels
