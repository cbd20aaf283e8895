// The allocator that the module is linked with: pieces never share memory, up to the limit of 4
// GiB.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

namespace convgrad {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

// What malloc gave, 8 bytes at least, marked at both ends. Only those are touched, so gigabytes
// cost no memory.
class Piece {
 public:
  Piece(std::size_t bytes, std::uint32_t mark)
      : data_(static_cast<std::byte*>(std::malloc(bytes))), bytes_(bytes), mark_(mark) {
    if (data_ == nullptr) return;
    std::memcpy(data_, &mark_, sizeof mark_);
    std::memcpy(data_ + bytes_ - sizeof mark_, &mark_, sizeof mark_);
  }
  Piece(Piece&& other) noexcept : data_(other.data_), bytes_(other.bytes_), mark_(other.mark_) {
    other.data_ = nullptr;
  }
  Piece& operator=(Piece&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    std::swap(mark_, other.mark_);
    return *this;
  }
  Piece(const Piece&) = delete;
  Piece& operator=(const Piece&) = delete;
  ~Piece() { std::free(data_); }

  [[nodiscard]] bool there() const { return data_ != nullptr; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::uintptr_t begin() const { return reinterpret_cast<std::uintptr_t>(data_); }
  [[nodiscard]] bool whole() const {
    return std::memcmp(data_, &mark_, sizeof mark_) == 0 &&
           std::memcmp(data_ + bytes_ - sizeof mark_, &mark_, sizeof mark_) == 0;
  }

 private:
  std::byte* data_;
  std::size_t bytes_;
  std::uint32_t mark_;
};

TEST_CASE("allocator: a request that would reach over 4 GiB is refused") {
  const Piece low(1900 * kMiB, 1), middle(1300 * kMiB, 2);
  Piece gap(64 * kMiB, 3);
  const Piece high(1000, 4);
  REQUIRE((low.there() && middle.there() && gap.there() && high.there()));
  REQUIRE(gap.begin() + 900 * kMiB < gap.begin());
  gap = Piece(1000, 5);
  CHECK_FALSE(Piece(900 * kMiB, 6).there());
  CHECK(Piece(64 * kMiB, 7).there());
  CHECK((low.whole() && middle.whole() && high.whole()));
}

TEST_CASE(
    "allocator: pieces of any size stay apart, and memory that is given back is found again") {
  std::mt19937 random(1);
  constexpr std::uint32_t kSteps = 20000;
  std::vector<Piece> pieces;
  pieces.reserve(kSteps);
  int refused = 0;
  for (std::uint32_t step = 0; step < kSteps; ++step) {
    const auto any = static_cast<std::size_t>(random());
    if (random() % 100 < 52) {
      Piece piece(8 + (any >> (random() % 29 + 3)), step);
      if (piece.there()) {
        pieces.push_back(std::move(piece));
      } else {
        ++refused;
      }
    } else if (!pieces.empty()) {
      std::swap(pieces[any % pieces.size()], pieces.back());
      CHECK(pieces.back().whole());
      pieces.pop_back();
    }
  }
  CHECK(refused > 100);
  CHECK(std::all_of(pieces.begin(), pieces.end(), [](const Piece& p) { return p.whole(); }));
  std::sort(pieces.begin(), pieces.end(),
            [](const Piece& a, const Piece& b) { return a.begin() < b.begin(); });
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    CHECK(pieces[i - 1].begin() + pieces[i - 1].bytes() <= pieces[i].begin());
  }
  pieces.clear();
  // What other tests hold may lie anywhere.
  CHECK(Piece(1000 * kMiB, 1).there());
}

}  // namespace
}  // namespace convgrad
