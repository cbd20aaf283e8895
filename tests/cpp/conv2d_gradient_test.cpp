// The gradients by what they are: adjoints of the forward pass, exact differences of it, and the
// chapter's formula (8) built from its own blocks.
#include <doctest/doctest.h>

#include <algorithm>

#include "compare.h"
#include "conv_run.h"

namespace convgrad::test {
namespace {

// In double: exact on small integers.
double dot(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

TEST_CASE("adjoint identities: <conv(x), dy> = <x, dx> = <w, dw>, and <b, db> = <y(b), dy>") {
  for (const ConvCase& item : conv_cases()) {
    const Conv2dShape shape = shape_of(item.params);
    const ConvData data(shape, Fill::kIntegers, 11);
    for (const Algorithm algorithm : exact_conv_algorithms(shape)) {
      const std::string what = describe(item.name, to_string(item.params), algorithm);
      const double product = dot(run_forward(what, shape, algorithm, data, false), data.dy);
      const ConvGradients gradients = run_backward(what, shape, algorithm, data);
      CHECK_MESSAGE(product == dot(data.x, gradients.dx), what);
      CHECK_MESSAGE(product == dot(data.w, gradients.dw), what);
      ConvData only_bias = data;
      std::fill(only_bias.w.begin(), only_bias.w.end(), 0.0f);
      CHECK_MESSAGE(
          dot(run_forward(what, shape, algorithm, only_bias), data.dy) == dot(data.b, gradients.db),
          what);
    }
  }
}

// J = <y, dy> is linear in x, in w and in b alone, so that J with one element larger by 1, minus J,
// is exactly that element's gradient.
TEST_CASE("exact differences: every gradient element on integers") {
  for (const char* name : {"3x3 same", "non-square everything", "padding larger than the kernel",
                           "stride 2x3, rows and columns left over", "dilation 3x2, stride 2x3",
                           "depthwise with a multiplier, stride 2", "groups"}) {
    for (const ConvCase& item : conv_cases()) {
      if (item.name != name) continue;
      const Conv2dShape shape = shape_of(item.params);
      const ConvData data(shape, Fill::kIntegers, 13);
      for (const Algorithm algorithm : exact_conv_algorithms(shape)) {
        const std::string what = describe(item.name, to_string(item.params), algorithm);
        const ConvGradients gradients = run_backward(what, shape, algorithm, data);
        // Differences of the reference's loss, so that a fault cannot cancel itself out.
        const auto loss = [&](const ConvData& at) {
          return dot(run_forward(what, shape, Algorithm::kReference, at), at.dy);
        };
        const double base = loss(data);
        const auto compare = [&](std::vector<float> ConvData::*tensor,
                                 const std::vector<float>& gradient, const char* tensor_name) {
          // Up to some 40 elements of each, spread over the tensor.
          const std::size_t step = gradient.size() / 40 + 1;
          ConvData changed = data;
          for (std::size_t i = 0; i < gradient.size(); i += step) {
            (changed.*tensor)[i] += 1.0f;
            CHECK_MESSAGE(loss(changed) - base == static_cast<double>(gradient[i]),
                          what << ", " << tensor_name << "[" << i << "]");
            (changed.*tensor)[i] -= 1.0f;
          }
        };
        compare(&ConvData::x, gradients.dx, "dx");
        compare(&ConvData::w, gradients.dw, "dw");
        compare(&ConvData::b, gradients.db, "db");
      }
    }
  }
}

// Formula (8): delta_out = delta_in * rot180(W), with delta_in expanded to stride 1 and padded by
// what the window reaches beyond it; dilation, groups aside.
TEST_CASE("formula (8): dx is the correlation of expanded, padded dy with rot180(w)") {
  for (const ConvCase& item : conv_cases()) {
    const Conv2dParams& p = item.params;
    if (p.groups != 1 || p.dilation_h != 1 || p.dilation_w != 1 || p.n == 0) continue;
    const Conv2dShape shape = shape_of(p);
    const ConvData data(shape, Fill::kIntegers, 17);
    const Index expanded_h = (shape.oh - 1) * shape.stride_h + 1;
    const Index expanded_w = (shape.ow - 1) * shape.stride_w + 1;
    std::vector<float> expanded(shape.n * shape.k * expanded_h * expanded_w);
    REQUIRE(zero_insert(shape.n * shape.k, shape.oh, shape.ow, shape.stride_h, shape.stride_w,
                        data.dy.data(), expanded.data()) == Status::kOk);
    // w[K, C, R, S] rotated, and seen from the other side: [C, K, R, S].
    std::vector<float> rotated(data.w.size()), swapped(data.w.size());
    REQUIRE(rot180(shape.k * shape.c, shape.r, shape.s, data.w.data(), rotated.data()) ==
            Status::kOk);
    const Index taps = shape.r * shape.s;
    for (Index k = 0; k < shape.k; ++k) {
      for (Index c = 0; c < shape.c; ++c) {
        std::copy_n(&rotated[(k * shape.c + c) * taps], taps, &swapped[(c * shape.k + k) * taps]);
      }
    }
    // "Full" padding N - 1 gives the gradient of the padded input; dx is what lies inside it.
    const Conv2dParams full{.n = p.n,
                            .c = p.k,
                            .h = static_cast<std::int32_t>(expanded_h),
                            .w = static_cast<std::int32_t>(expanded_w),
                            .k = p.c,
                            .r = p.r,
                            .s = p.s,
                            .pad_top = p.r - 1,
                            .pad_left = p.s - 1,
                            .pad_bottom = p.r - 1,
                            .pad_right = p.s - 1};
    const Conv2dShape full_shape = shape_of(full);
    ConvData full_data(full_shape, Fill::kIntegers, 1);
    full_data.x = expanded;
    full_data.w = swapped;
    const std::vector<float> padded =
        run_forward(item.name, full_shape, Algorithm::kReference, full_data, false);
    std::vector<float> want(shape.x_size(), 0.0f);
    for (Index plane = 0; plane < shape.n * shape.c; ++plane) {
      for (Index ih = 0; ih < shape.h; ++ih) {
        for (Index iw = 0; iw < shape.w; ++iw) {
          const Index i = ih + p.pad_top, j = iw + p.pad_left;
          // Rows and columns behind the last window have no gradient.
          if (i >= full_shape.oh || j >= full_shape.ow) continue;
          want[(plane * shape.h + ih) * shape.w + iw] =
              padded[(plane * full_shape.oh + i) * full_shape.ow + j];
        }
      }
    }
    for (const Algorithm algorithm : exact_conv_algorithms(shape)) {
      const std::string what = describe(item.name, to_string(p), algorithm);
      check_equal(what + ", dx", run_backward(what, shape, algorithm, data).dx, want);
    }
  }
}

}  // namespace
}  // namespace convgrad::test
