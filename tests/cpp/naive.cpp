#include "naive.h"

namespace convgrad::test {

// One walk over all products of the forward pass; each is a term of y, and gives dx and dw theirs.
NaiveConv naive_conv(const Conv2dParams& p, const Conv2dShape& shape, const std::vector<float>& x,
                     const std::vector<float>& w, const std::vector<float>& b,
                     const std::vector<float>& dy, Reduction reduction) {
  NaiveConv result{Terms(shape.y_size()), Terms(shape.x_size()), Terms(shape.w_size()),
                   Terms(shape.k)};
  const double scale = reduction == Reduction::kMean && p.n > 0 ? 1.0 / p.n : 1.0;
  const Index group_c = p.c / p.groups, group_k = p.k / p.groups;
  Index out = 0;
  for (Index n = 0; n < p.n; ++n) {
    for (Index k = 0; k < p.k; ++k) {
      for (Index oh = 0; oh < shape.oh; ++oh) {
        for (Index ow = 0; ow < shape.ow; ++ow, ++out) {
          const double gradient = static_cast<double>(dy[out]);
          if (!b.empty()) result.y.add(out, static_cast<double>(b[k]));
          result.db.add(k, gradient * scale);
          for (Index c = 0; c < group_c; ++c) {
            for (Index r = 0; r < p.r; ++r) {
              for (Index s = 0; s < p.s; ++s) {
                const Index ih = oh * p.stride_h + r * p.dilation_h - p.pad_top;
                const Index iw = ow * p.stride_w + s * p.dilation_w - p.pad_left;
                if (ih < 0 || ih >= p.h || iw < 0 || iw >= p.w) continue;
                const Index in = ((n * p.c + k / group_k * group_c + c) * p.h + ih) * p.w + iw;
                const Index at = ((k * group_c + c) * p.r + r) * p.s + s;
                const double pixel = static_cast<double>(x[in]);
                const double weight = static_cast<double>(w[at]);
                result.y.add(out, pixel * weight);
                result.dx.add(in, gradient * weight);
                result.dw.add(at, gradient * pixel * scale);
              }
            }
          }
        }
      }
    }
  }
  return result;
}

NaivePool naive_pool(const Pool2dParams& p, const Pool2dShape& shape, const std::vector<float>& x,
                     const std::vector<float>& dy) {
  NaivePool result;
  result.max.resize(shape.y_size());
  result.indices.resize(shape.y_size());
  result.dx_max = Terms(shape.x_size());
  result.mean = Terms(shape.y_size());
  result.dx_mean = Terms(shape.x_size());
  Index out = 0;
  for (Index plane = 0; plane < shape.planes(); ++plane) {
    const Index base = plane * p.h * p.w;
    for (Index oh = 0; oh < shape.oh; ++oh) {
      for (Index ow = 0; ow < shape.ow; ++ow, ++out) {
        std::vector<Index> inside;
        Index counted = 0;
        for (Index r = 0; r < p.kernel_h; ++r) {
          for (Index s = 0; s < p.kernel_w; ++s) {
            const Index ih = oh * p.stride_h + r * p.dilation_h - p.pad_top;
            const Index iw = ow * p.stride_w + s * p.dilation_w - p.pad_left;
            if (ih >= 0 && ih < p.h && iw >= 0 && iw < p.w) inside.push_back(ih * p.w + iw);
            if (ih < p.h + p.pad_bottom && iw < p.w + p.pad_right) ++counted;
          }
        }
        const double gradient = static_cast<double>(dy[out]);
        const auto divisor =
            static_cast<double>(p.count_include_pad ? counted : static_cast<Index>(inside.size()));
        Index best = inside.front();
        for (const Index i : inside) {
          const double value = static_cast<double>(x[base + i]);
          const double champion = static_cast<double>(x[base + best]);
          if (value > champion || (std::isnan(value) && !std::isnan(champion))) best = i;
          result.mean.add(out, value / divisor);
          result.dx_mean.add(base + i, gradient / divisor);
        }
        result.max[out] = static_cast<double>(x[base + best]);
        result.indices[out] = static_cast<std::int32_t>(best);
        result.dx_max.add(base + best, gradient);
      }
    }
  }
  return result;
}

}  // namespace convgrad::test
