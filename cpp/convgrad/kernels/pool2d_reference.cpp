// The executable specification of pooling: the definitions as loops, sums in double.
#include <algorithm>
#include <cmath>

#include "convgrad/kernels/pool2d_kernels.h"
#include "convgrad/kernels/pool_window.h"

namespace convgrad::kernels {
namespace {

// Calls visit(plane, out_index, vertical taps, horizontal taps, divisor) for every window.
template <typename Visit>
void for_each_window(const Pool2dShape& shape, Visit visit) {
  const PoolAxis vertical = vertical_axis(shape);
  const PoolAxis horizontal = horizontal_axis(shape);
  for (Index plane = 0; plane < shape.planes(); ++plane) {
    for (Index oh = 0; oh < shape.oh; ++oh) {
      for (Index ow = 0; ow < shape.ow; ++ow) {
        const Index divisor = vertical.divisor(oh, shape.count_include_pad) *
                              horizontal.divisor(ow, shape.count_include_pad);
        visit(plane, (plane * shape.oh + oh) * shape.ow + ow, vertical.taps(oh),
              horizontal.taps(ow), static_cast<double>(divisor));
      }
    }
  }
}

// Calls visit(index in the input plane) for every tap of a window inside the input, row by row.
template <typename Visit>
void for_each_tap(const Pool2dShape& shape, PoolAxis::Taps rows, PoolAxis::Taps columns,
                  Visit visit) {
  for (Index r = rows.first; r < rows.last; ++r) {
    for (Index s = columns.first; s < columns.last; ++s) {
      visit((rows.start + r * shape.dilation_h) * shape.w + columns.start + s * shape.dilation_w);
    }
  }
}

}  // namespace

// x[N,C,H,W] -> y[N,C,OH,OW], indices[N,C,OH,OW]
void max_pool2d_forward_reference(const Pool2dShape& shape, const float* x, float* y,
                                  std::int32_t* indices) {
  const Index plane_size = shape.h * shape.w;
  for_each_window(shape,
                  [&](Index plane, Index out, PoolAxis::Taps rows, PoolAxis::Taps columns, double) {
                    const float* source = x + plane * plane_size;
                    Index best = -1;
                    for_each_tap(shape, rows, columns, [&](Index i) {
                      const bool takes_over = best < 0 || source[i] > source[best] ||
                                              (std::isnan(source[i]) && !std::isnan(source[best]));
                      if (takes_over) best = i;
                    });
                    y[out] = source[best];
                    indices[out] = static_cast<std::int32_t>(best);
                  });
}

// dy[N,C,OH,OW] indices[N,C,OH,OW] -> dx[N,C,H,W]
void max_pool2d_backward_reference(const Pool2dShape& shape, const float* dy,
                                   const std::int32_t* indices, float* dx) {
  const Index plane_size = shape.h * shape.w;
  const Index out_size = shape.oh * shape.ow;
  std::fill_n(dx, shape.x_size(), 0.0f);
  for (Index plane = 0; plane < shape.planes(); ++plane) {
    for (Index i = 0; i < out_size; ++i) {
      dx[plane * plane_size + indices[plane * out_size + i]] += dy[plane * out_size + i];
    }
  }
}

// x[N,C,H,W] -> y[N,C,OH,OW]
void avg_pool2d_forward_reference(const Pool2dShape& shape, const float* x, float* y) {
  for_each_window(shape, [&](Index plane, Index out, PoolAxis::Taps rows, PoolAxis::Taps columns,
                             double divisor) {
    const float* source = x + plane * shape.h * shape.w;
    double sum = 0.0;
    for_each_tap(shape, rows, columns, [&](Index i) { sum += static_cast<double>(source[i]); });
    y[out] = static_cast<float>(sum / divisor);
  });
}

// dy[N,C,OH,OW] -> dx[N,C,H,W]. Each cell of dx gathers from the windows that cover it, so that its
// sum can be held in double.
void avg_pool2d_backward_reference(const Pool2dShape& shape, const float* dy, float* dx) {
  const PoolAxis vertical = vertical_axis(shape);
  const PoolAxis horizontal = horizontal_axis(shape);
  // The window of an axis whose tap `tap` lies on `in`, or -1.
  const auto window_at = [](const PoolAxis& axis, Index in, Index tap, Index windows) -> Index {
    const Index start = in + axis.pad_before - tap * axis.dilation;
    if (start < 0 || start % axis.stride != 0 || start / axis.stride >= windows) return -1;
    return start / axis.stride;
  };
  for (Index plane = 0; plane < shape.planes(); ++plane) {
    for (Index ih = 0; ih < shape.h; ++ih) {
      for (Index iw = 0; iw < shape.w; ++iw) {
        double sum = 0.0;
        for (Index r = 0; r < shape.kernel_h; ++r) {
          const Index oh = window_at(vertical, ih, r, shape.oh);
          if (oh < 0) continue;
          for (Index s = 0; s < shape.kernel_w; ++s) {
            const Index ow = window_at(horizontal, iw, s, shape.ow);
            if (ow < 0) continue;
            const Index divisor = vertical.divisor(oh, shape.count_include_pad) *
                                  horizontal.divisor(ow, shape.count_include_pad);
            sum += static_cast<double>(dy[(plane * shape.oh + oh) * shape.ow + ow]) /
                   static_cast<double>(divisor);
          }
        }
        dx[(plane * shape.h + ih) * shape.w + iw] = static_cast<float>(sum);
      }
    }
  }
}

}  // namespace convgrad::kernels
