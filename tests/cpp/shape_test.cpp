// What the validator accepts, refuses, and makes of extents near the limits of int32.
#include <doctest/doctest.h>

#include <limits>
#include <string_view>

#include "case_table.h"

namespace convgrad::test {
namespace {

constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

Status make(const Conv2dParams& params) {
  Conv2dShape shape;
  const Status status = Conv2dShape::make(params, &shape);
  // A refusal leaves the shape as it was: empty.
  if (status != Status::kOk) CHECK((shape.k == 0 && shape.oh == 0));
  return status;
}

Status make(const Pool2dParams& params) {
  Pool2dShape shape;
  const Status status = Pool2dShape::make(params, &shape);
  if (status != Status::kOk) CHECK((shape.c == 0 && shape.oh == 0));
  return status;
}

TEST_CASE("output extents: W2 = (W1 - F) / S + 1") {
  const Conv2dShape conv = shape_of(Conv2dParams{.h = 10, .w = 8, .r = 5, .s = 5});
  CHECK(conv.oh == 6);
  CHECK(conv.ow == 4);
  const Conv2dShape mixed = shape_of(Conv2dParams{.h = 11,
                                                  .w = 17,
                                                  .r = 3,
                                                  .s = 4,
                                                  .stride_h = 2,
                                                  .stride_w = 3,
                                                  .pad_top = 1,
                                                  .pad_right = 2,
                                                  .dilation_h = 2,
                                                  .dilation_w = 3});
  CHECK(mixed.oh == (11 + 1 - 2 * 2 - 1) / 2 + 1);
  CHECK(mixed.ow == (17 + 2 - 3 * 3 - 1) / 3 + 1);
  for (std::int32_t w = 2; w < 40; ++w) {
    for (std::int32_t stride = 1; stride < 5; ++stride) {
      const Pool2dShape pool = shape_of(Pool2dParams{
          .h = w, .w = w, .kernel_h = 2, .kernel_w = 2, .stride_h = stride, .stride_w = stride});
      CHECK(pool.ow == (w - 2) / stride + 1);
      CHECK(pool.oh == pool.ow);
    }
  }
}

TEST_CASE("ceil_mode adds a window only if it begins inside the input or the padding before it") {
  const auto ow = [](std::int32_t w, std::int32_t kernel, std::int32_t stride, std::int32_t left,
                     std::int32_t right) {
    return shape_of(Pool2dParams{.w = w,
                                 .kernel_w = kernel,
                                 .stride_w = stride,
                                 .pad_left = left,
                                 .pad_right = right,
                                 .ceil_mode = true})
        .ow;
  };
  CHECK(ow(8, 3, 2, 0, 0) == 4);  // floor gives 3
  CHECK(ow(7, 3, 2, 0, 0) == 3);  // nothing hangs over
  CHECK(ow(7, 2, 3, 0, 1) == 3);  // windows at 0, 3, 6: the last begins inside
  CHECK(ow(6, 2, 3, 0, 1) == 2);  // a third would begin at 6, behind the input
  CHECK(ow(5, 2, 3, 1, 1) == 2);  // a third would begin at 5
}

TEST_CASE("bad arguments of a convolution") {
  const Conv2dParams good{.n = 1, .c = 4, .h = 5, .w = 6, .k = 6, .r = 3, .s = 3};
  REQUIRE(make(good) == Status::kOk);
  const auto with = [&](std::int32_t Conv2dParams::*field, std::int32_t value) {
    Conv2dParams params = good;
    params.*field = value;
    return make(params);
  };
  CHECK(with(&Conv2dParams::n, 0) == Status::kOk);
  CHECK(with(&Conv2dParams::n, -1) == Status::kBadArgument);
  for (const auto field :
       {&Conv2dParams::c, &Conv2dParams::h, &Conv2dParams::w, &Conv2dParams::k, &Conv2dParams::r,
        &Conv2dParams::s, &Conv2dParams::stride_h, &Conv2dParams::stride_w,
        &Conv2dParams::dilation_h, &Conv2dParams::dilation_w, &Conv2dParams::groups}) {
    CHECK(with(field, 0) == Status::kBadArgument);
    CHECK(with(field, -3) == Status::kBadArgument);
    CHECK(with(field, std::numeric_limits<std::int32_t>::min()) == Status::kBadArgument);
  }
  for (const auto field : {&Conv2dParams::pad_top, &Conv2dParams::pad_left,
                           &Conv2dParams::pad_bottom, &Conv2dParams::pad_right}) {
    CHECK(with(field, -1) == Status::kBadArgument);
  }
  CHECK(with(&Conv2dParams::groups, 3) == Status::kBadArgument);  // divides K, not C
  CHECK(with(&Conv2dParams::groups, 4) == Status::kBadArgument);  // divides C, not K
  CHECK(with(&Conv2dParams::groups, 2) == Status::kOk);
  CHECK(with(&Conv2dParams::r, 6) == Status::kEmptyOutput);
  CHECK(with(&Conv2dParams::s, 7) == Status::kEmptyOutput);
  CHECK(with(&Conv2dParams::dilation_h, 3) == Status::kEmptyOutput);
  CHECK(with(&Conv2dParams::stride_w, kMax) == Status::kOk);
}

TEST_CASE("bad arguments of pooling") {
  const Pool2dParams good{.n = 1, .c = 2, .h = 7, .w = 8, .kernel_h = 3, .kernel_w = 2};
  REQUIRE(make(good) == Status::kOk);
  const auto with = [&](std::int32_t Pool2dParams::*field, std::int32_t value) {
    Pool2dParams params = good;
    params.*field = value;
    return make(params);
  };
  CHECK(with(&Pool2dParams::n, 0) == Status::kOk);
  CHECK(with(&Pool2dParams::n, -1) == Status::kBadArgument);
  for (const auto field :
       {&Pool2dParams::c, &Pool2dParams::h, &Pool2dParams::w, &Pool2dParams::kernel_h,
        &Pool2dParams::kernel_w, &Pool2dParams::stride_h, &Pool2dParams::stride_w,
        &Pool2dParams::dilation_h, &Pool2dParams::dilation_w}) {
    CHECK(with(field, 0) == Status::kBadArgument);
  }
  CHECK(with(&Pool2dParams::pad_top, 2) == Status::kOk);
  CHECK(with(&Pool2dParams::pad_top, 3) == Status::kBadArgument);
  CHECK(with(&Pool2dParams::pad_bottom, 3) == Status::kBadArgument);
  CHECK(with(&Pool2dParams::pad_left, 2) == Status::kBadArgument);
  CHECK(with(&Pool2dParams::pad_right, 2) == Status::kBadArgument);
  CHECK(with(&Pool2dParams::pad_left, -1) == Status::kBadArgument);
  CHECK(with(&Pool2dParams::kernel_h, 8) == Status::kEmptyOutput);
  // Taps at -1 and 2 of an input of two: the window sees nothing but padding.
  CHECK(make(Pool2dParams{.w = 2, .kernel_w = 2, .pad_left = 1, .pad_right = 1, .dilation_w = 3}) ==
        Status::kBadArgument);
  CHECK(make(Pool2dParams{.w = 3, .kernel_w = 2, .pad_left = 1, .pad_right = 1, .dilation_w = 3}) ==
        Status::kOk);
}

TEST_CASE("extents that cannot be addressed are too large, whatever they wrap to") {
  const Status huge = sizeof(Index) == 4 ? Status::kTooLarge : Status::kOk;
  // 32768 x 32768 floats are 4 GiB: 0 bytes in 32 bits.
  CHECK(make(Conv2dParams{.h = 32768, .w = 32768}) == huge);
  CHECK(make(Pool2dParams{.h = 32768, .w = 32768}) == huge);
  CHECK(make(Conv2dParams{.n = kMax, .c = kMax, .h = kMax, .w = kMax}) == Status::kTooLarge);
  CHECK(make(Conv2dParams{.n = 0, .c = kMax, .h = kMax, .w = kMax}) == Status::kTooLarge);
  CHECK(make(Conv2dParams{
            .c = kMax, .k = kMax, .r = kMax, .s = kMax, .pad_top = kMax, .pad_left = kMax}) ==
        Status::kTooLarge);
  CHECK(make(Conv2dParams{
            .pad_top = kMax, .pad_left = kMax, .pad_bottom = kMax, .pad_right = kMax}) ==
        Status::kTooLarge);
  CHECK(make(Conv2dParams{.h = 2,
                          .w = 2,
                          .r = kMax,
                          .s = kMax,
                          .pad_top = kMax,
                          .pad_left = kMax,
                          .dilation_h = kMax,
                          .dilation_w = kMax}) == Status::kEmptyOutput);
  CHECK(make(Pool2dParams{.n = kMax, .c = kMax, .h = kMax, .w = kMax}) == Status::kTooLarge);
  CHECK(make(Pool2dParams{.h = 65536, .w = 65536}) == Status::kTooLarge);  // indices are int32
}

TEST_CASE("statuses have names") {
  for (const auto& [status, name] :
       {std::pair{Status::kOk, "ok"}, std::pair{Status::kShapeMismatch, "shape-mismatch"},
        std::pair{Status::kBadArgument, "bad-argument"},
        std::pair{Status::kEmptyOutput, "empty-output"}, std::pair{Status::kTooLarge, "too-large"},
        std::pair{Status::kWorkspaceTooSmall, "workspace-too-small"}}) {
    CHECK(std::string_view(status_name(status)) == name);
  }
}

}  // namespace
}  // namespace convgrad::test
