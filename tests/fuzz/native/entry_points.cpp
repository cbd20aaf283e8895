// The public functions of the library on shapes, data and workspaces that libFuzzer makes up, under
// AddressSanitizer and UndefinedBehaviorSanitizer; results are held against the reference.
#include <convgrad/convgrad.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "input.h"

namespace convgrad::fuzz {
namespace {

// Beyond these a call takes too long to be one of many.
constexpr Index kMostElements = 1 << 14;
constexpr Index kMostProducts = 1 << 18;
// Of winograd4 alone, whose sums are not exact.
constexpr float kWinograd4Tolerance = 0.01F;

ThreadPool* pool_if(bool wanted) {
  static ThreadPool pool(3);
  return wanted ? &pool : nullptr;
}

// Of exactly the bytes that were asked for.
class Scratch {
 public:
  Scratch(std::size_t bytes, ThreadPool* pool) : cells_(static_cast<Index>(bytes)), pool_(pool) {}
  [[nodiscard]] Workspace get() const {
    return {.data = cells_.data(), .bytes = static_cast<std::size_t>(cells_.size()), .pool = pool_};
  }

 private:
  Array<std::byte> cells_;
  ThreadPool* pool_;
};

int threads_of(const ThreadPool* pool) { return pool == nullptr ? 1 : pool->threads(); }

// Numbers that are often good, or any at all.
class Numbers {
 public:
  explicit Numbers(Input& in) : in_(in), wild_(in.byte() % 8 == 0) {}
  [[nodiscard]] bool wild() const { return wild_; }
  std::int32_t operator()(std::int32_t least, std::int32_t most) {
    return wild_ ? in_.any() : in_.between(least, most);
  }

 private:
  Input& in_;
  bool wild_;
};

Conv2dParams conv_params(Input& in) {
  Numbers number(in);
  // Channels that groups divide.
  const std::int32_t groups = number.wild() ? 1 : in.between(1, 3);
  return {.n = number(0, 3),
          .c = groups * number(1, 6),
          .h = number(1, 20),
          .w = number(1, 40),
          .k = groups * number(1, 11),
          .r = number(1, 5),
          .s = number(1, 5),
          .stride_h = number(1, 4),
          .stride_w = number(1, 4),
          .pad_top = number(0, 6),
          .pad_left = number(0, 6),
          .pad_bottom = number(0, 6),
          .pad_right = number(0, 6),
          .dilation_h = number(1, 3),
          .dilation_w = number(1, 3),
          .groups = number.wild() ? in.any() : groups};
}

Pool2dParams pool_params(Input& in) {
  Numbers number(in);
  return {.n = number(0, 3),
          .c = number(1, 4),
          .h = number(1, 20),
          .w = number(1, 40),
          .kernel_h = number(1, 6),
          .kernel_w = number(1, 6),
          .stride_h = number(1, 7),
          .stride_w = number(1, 7),
          .pad_top = number(0, 5),
          .pad_left = number(0, 5),
          .pad_bottom = number(0, 5),
          .pad_right = number(0, 5),
          .dilation_h = number(1, 3),
          .dilation_w = number(1, 3),
          .ceil_mode = in.flag(),
          .count_include_pad = in.flag()};
}

// Whether the arrays are small enough; sizes are checked one by one so that their sum cannot wrap.
bool is_small(const Conv2dShape& shape) {
  return shape.x_size() <= kMostElements && shape.w_size() <= kMostElements &&
         shape.y_size() <= kMostElements &&
         shape.y_size() * (shape.w_size() / shape.k) <= kMostProducts &&
         shape.n * shape.oh * shape.ow * shape.c * shape.r * shape.s <= kMostProducts;
}

bool is_small(const Pool2dShape& shape) {
  return shape.x_size() <= kMostElements && shape.y_size() <= kMostElements &&
         shape.kernel_h <= kMostElements && shape.kernel_w <= kMostElements &&
         shape.y_size() * shape.kernel_h * shape.kernel_w <= kMostProducts;
}

// The algorithm; kAuto for those of convolution alone, unless it is one.
Algorithm algorithm_of(Input& in, int count) { return static_cast<Algorithm>(in.byte() % count); }

bool applies(const Conv2dShape& shape, Algorithm algorithm) {
  if (algorithm != Algorithm::kWinograd && algorithm != Algorithm::kWinograd4) return true;
  return shape.r == 3 && shape.s == 3 && shape.stride_h == 1 && shape.stride_w == 1 &&
         shape.dilation_h == 1 && shape.dilation_w == 1;
}

float tolerance_of(Algorithm algorithm) {
  return algorithm == Algorithm::kWinograd4 ? kWinograd4Tolerance : 0.0F;
}

void fuzz_conv2d_forward(Input& in) {
  Conv2dShape shape;
  if (Conv2dShape::make(conv_params(in), &shape) != Status::kOk || !is_small(shape)) return;
  const Algorithm algorithm = algorithm_of(in, 6);
  ThreadPool* pool = pool_if(in.flag());
  const bool with_bias = in.flag();
  const bool finite = in.flag();
  const Array<float> x = in.values(shape.x_size(), finite);
  const Array<float> w = in.values(shape.w_size(), finite);
  const Array<float> b = in.values(shape.k, finite);

  const auto run = [&](Algorithm by, ThreadPool* on) {
    Array<float> y = poisoned<float>(shape.y_size());
    std::size_t bytes = 0;
    const Status asked = conv2d_forward_workspace(shape, by, &bytes, threads_of(on));
    require((asked == Status::kOk) == applies(shape, by), "the algorithm applies");
    if (asked != Status::kOk) return y;
    const Scratch scratch(bytes, on);
    require(conv2d_forward(shape, by, x.data(), w.data(), with_bias ? b.data() : nullptr, y.data(),
                           scratch.get()) == Status::kOk,
            "conv2d_forward");
    return y;
  };
  const Array<float> got = run(algorithm, pool);
  if (!applies(shape, algorithm)) return;
  require_same(got, run(Algorithm::kReference, nullptr), tolerance_of(algorithm), "y");
}

struct Gradients {
  explicit Gradients(const Conv2dShape& shape)
      : dx(poisoned<float>(shape.x_size())),
        dw(poisoned<float>(shape.w_size())),
        db(poisoned<float>(shape.k)) {}
  Array<float> dx, dw, db;
};

void fuzz_conv2d_backward(Input& in) {
  Conv2dShape shape;
  if (Conv2dShape::make(conv_params(in), &shape) != Status::kOk || !is_small(shape)) return;
  const Algorithm algorithm = algorithm_of(in, 6);
  ThreadPool* pool = pool_if(in.flag());
  const bool finite = in.flag();
  const std::uint8_t need = in.byte();
  const Reduction reduction = in.flag() ? Reduction::kMean : Reduction::kSum;
  const Array<float> dy = in.values(shape.y_size(), finite);
  const Array<float> x = in.values(shape.x_size(), finite);
  const Array<float> w = in.values(shape.w_size(), finite);

  const auto run = [&](Algorithm by, ThreadPool* on) {
    Gradients made(shape);
    const Conv2dGradients wanted{.dx = (need & 1) != 0 ? made.dx.data() : nullptr,
                                 .dw = (need & 2) != 0 ? made.dw.data() : nullptr,
                                 .db = (need & 4) != 0 ? made.db.data() : nullptr};
    std::size_t bytes = 0;
    const Status asked = conv2d_backward_workspace(shape, by, wanted, &bytes, threads_of(on));
    require((asked == Status::kOk) == applies(shape, by), "the algorithm applies");
    if (asked != Status::kOk) return made;
    const Scratch scratch(bytes, on);
    require(conv2d_backward(
                shape, by, reduction, dy.data(), wanted.dw != nullptr ? x.data() : nullptr,
                wanted.dx != nullptr ? w.data() : nullptr, wanted, scratch.get()) == Status::kOk,
            "conv2d_backward");
    return made;
  };
  const Gradients got = run(algorithm, pool);
  if (!applies(shape, algorithm)) return;
  const Gradients want = run(Algorithm::kReference, nullptr);
  require_same(got.dx, want.dx, tolerance_of(algorithm), "dx");
  require_same(got.dw, want.dw, 0.0F, "dw");
  require_same(got.db, want.db, 0.0F, "db");
}

struct Pooled {
  explicit Pooled(const Pool2dShape& shape)
      : y(poisoned<float>(shape.y_size())),
        indices(poisoned<std::int32_t>(shape.y_size())),
        dx(poisoned<float>(shape.x_size())) {}
  Array<float> y;
  // Of maxima alone.
  Array<std::int32_t> indices;
  Array<float> dx;
};

// What run(algorithm, workspace, result) writes by the algorithm of the input, and by the
// reference.
template <typename Run>
std::pair<Pooled, Pooled> by_both(Input& in, const Pool2dShape& shape, Run run) {
  const Algorithm algorithm = algorithm_of(in, 4);
  ThreadPool* pool = pool_if(in.flag());
  const auto result = [&](Algorithm by) {
    std::size_t bytes = 0;
    require(pool2d_workspace(shape, by, &bytes, threads_of(pool)) == Status::kOk, "workspace");
    const Scratch scratch(bytes, pool);
    Pooled made(shape);
    run(by, scratch.get(), made);
    return made;
  };
  Pooled got = result(algorithm);
  return {std::move(got), result(Algorithm::kReference)};
}

void fuzz_max_pool2d(Input& in) {
  Pool2dShape shape;
  if (Pool2dShape::make(pool_params(in), &shape) != Status::kOk || !is_small(shape)) return;
  const bool finite = in.flag();
  // Indices of the caller's own making need not be those of a forward call, nor in the plane.
  const bool wild = in.flag();
  const std::int32_t index = wild ? in.any() : 0;
  const Array<float> x = in.values(shape.x_size(), finite);
  const Array<float> dy = in.values(shape.y_size(), finite);
  const auto run = [&](Algorithm by, const Workspace& workspace, Pooled& made) {
    const auto& [y, indices, dx] = made;
    require(
        max_pool2d_forward(shape, by, x.data(), y.data(), indices.data(), workspace) == Status::kOk,
        "max_pool2d_forward");
    if (wild && shape.y_size() > 0) indices[0] = index;
    const bool inside = !wild || shape.y_size() == 0 || (index >= 0 && index < shape.h * shape.w);
    const Status status =
        max_pool2d_backward(shape, by, dy.data(), indices.data(), dx.data(), workspace);
    require(status == (inside ? Status::kOk : Status::kBadArgument), "max_pool2d_backward");
  };
  const auto [got, want] = by_both(in, shape, run);
  require_same(got.y, want.y, 0.0F, "y");
  require_same(got.indices, want.indices, 0.0F, "indices");
  require_same(got.dx, want.dx, 0.0F, "dx");
}

void fuzz_avg_pool2d(Input& in) {
  Pool2dShape shape;
  if (Pool2dShape::make(pool_params(in), &shape) != Status::kOk || !is_small(shape)) return;
  const bool finite = in.flag();
  const Array<float> x = in.values(shape.x_size(), finite);
  const Array<float> dy = in.values(shape.y_size(), finite);
  const auto run = [&](Algorithm by, const Workspace& workspace, Pooled& made) {
    require(avg_pool2d_forward(shape, by, x.data(), made.y.data(), workspace) == Status::kOk,
            "avg_pool2d_forward");
    require(avg_pool2d_backward(shape, by, dy.data(), made.dx.data(), workspace) == Status::kOk,
            "avg_pool2d_backward");
  };
  const auto [got, want] = by_both(in, shape, run);
  // Quotients are rounded, and their sums depend on the order.
  require_same(got.y, want.y, 1e-4F, "y");
  require_same(got.dx, want.dx, 1e-4F, "dx");
}

// <im2col(x), col> = <x, col2im(col)>: each is the other's adjoint.
void fuzz_lowering(Input& in) {
  Conv2dShape shape;
  if (Conv2dShape::make(conv_params(in), &shape) != Status::kOk || !is_small(shape)) return;
  const Index columns = shape.n * shape.oh * shape.ow * shape.c * shape.r * shape.s;
  const Array<float> x = in.values(shape.x_size(), true);
  const Array<float> col = in.values(columns, true);
  const Array<float> lowered = poisoned<float>(columns);
  const Array<float> raised = poisoned<float>(shape.x_size());
  require(im2col(shape, x.data(), lowered.data()) == Status::kOk, "im2col");
  require(col2im(shape, col.data(), raised.data()) == Status::kOk, "col2im");
  double in_columns = 0;
  double in_image = 0;
  for (Index i = 0; i < columns; ++i) in_columns += static_cast<double>(lowered[i]) * col[i];
  for (Index i = 0; i < x.size(); ++i) in_image += static_cast<double>(x[i]) * raised[i];
  require(in_columns == in_image, "the adjoint");
}

void fuzz_blocks(Input& in) {
  Numbers number(in);
  const Index planes = number(0, 6);
  const Index h = number(0, 9);
  const Index w = number(0, 9);
  const Index stride_h = number(0, 5);
  const Index stride_w = number(0, 5);
  // The largest of the bindings' numbers may come; the arrays here stay small.
  if (planes > 64 || h > 64 || w > 64 || stride_h > 64 || stride_w > 64) return;
  if (planes < 0 || h < 1 || w < 1 || stride_h < 1 || stride_w < 1) return;
  const Index count = planes * h * w;
  const Index spread = planes * ((h - 1) * stride_h + 1) * ((w - 1) * stride_w + 1);
  if (count > kMostElements || spread > kMostElements) return;
  const Array<float> given = in.values(count, false);
  const Array<float> once = poisoned<float>(count);
  const Array<float> twice = poisoned<float>(count);
  require(rot180(planes, h, w, given.data(), once.data()) == Status::kOk, "rot180");
  require(rot180(planes, h, w, once.data(), twice.data()) == Status::kOk, "rot180");
  require_same(twice, given, 0.0F, "two half turns");
  const Array<float> inserted = poisoned<float>(spread);
  require(
      zero_insert(planes, h, w, stride_h, stride_w, given.data(), inserted.data()) == Status::kOk,
      "zero_insert");
}

}  // namespace
}  // namespace convgrad::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace convgrad::fuzz;
  Input in(data, size);
  switch (in.byte() % 6) {
    case 0:
      fuzz_conv2d_forward(in);
      break;
    case 1:
      fuzz_conv2d_backward(in);
      break;
    case 2:
      fuzz_max_pool2d(in);
      break;
    case 3:
      fuzz_avg_pool2d(in);
      break;
    case 4:
      fuzz_lowering(in);
      break;
    default:
      fuzz_blocks(in);
  }
  return 0;
}
