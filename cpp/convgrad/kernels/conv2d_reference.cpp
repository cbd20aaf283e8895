// The executable specification of convolution: the formulas as loops, sums in double.
#include "convgrad/kernels/conv2d_kernels.h"

namespace convgrad::kernels {
namespace {

// Position in an input axis of length `extent` of a tap, or -1 when it lies in the padding.
Index input_position(Index out, Index stride, Index tap, Index dilation, Index pad, Index extent) {
  const Index in = out * stride + tap * dilation - pad;
  return in < extent ? (in < 0 ? -1 : in) : -1;
}

// Position in an output axis of the window whose tap `tap` lies on `in`, or -1 when there is none.
Index output_position(Index in, Index stride, Index tap, Index dilation, Index pad, Index extent) {
  const Index out = in + pad - tap * dilation;
  if (out < 0 || out % stride != 0) return -1;
  return out / stride < extent ? out / stride : -1;
}

float reduced(double sum, Reduction reduction, Index batch) {
  return static_cast<float>(reduction == Reduction::kMean ? sum / static_cast<double>(batch) : sum);
}

}  // namespace

// x[N,C,H,W] w[K,C/g,R,S] b[K] -> y[N,K,OH,OW]
void conv2d_forward_reference(const Conv2dShape& shape, const float* x, const float* w,
                              const float* b, float* y) {
  const Index group_c = shape.group_c();
  for (Index n = 0; n < shape.n; ++n) {
    for (Index k = 0; k < shape.k; ++k) {
      const Index first_c = k / shape.group_k() * group_c;
      for (Index oh = 0; oh < shape.oh; ++oh) {
        for (Index ow = 0; ow < shape.ow; ++ow) {
          double sum = b != nullptr ? static_cast<double>(b[k]) : 0.0;
          for (Index c = 0; c < group_c; ++c) {
            const float* plane = x + (n * shape.c + first_c + c) * shape.h * shape.w;
            const float* kernel = w + (k * group_c + c) * shape.r * shape.s;
            for (Index r = 0; r < shape.r; ++r) {
              const Index ih =
                  input_position(oh, shape.stride_h, r, shape.dilation_h, shape.pad_top, shape.h);
              if (ih < 0) continue;
              for (Index s = 0; s < shape.s; ++s) {
                const Index iw = input_position(ow, shape.stride_w, s, shape.dilation_w,
                                                shape.pad_left, shape.w);
                if (iw < 0) continue;
                sum += static_cast<double>(plane[ih * shape.w + iw]) *
                       static_cast<double>(kernel[r * shape.s + s]);
              }
            }
          }
          y[((n * shape.k + k) * shape.oh + oh) * shape.ow + ow] = static_cast<float>(sum);
        }
      }
    }
  }
}

// dy[N,K,OH,OW] w[K,C/g,R,S] -> dx[N,C,H,W]: every output that read x[n,c,ih,iw] sends back its
// part.
void conv2d_dx_reference(const Conv2dShape& shape, const float* dy, const float* w, float* dx) {
  const Index group_c = shape.group_c();
  const Index group_k = shape.group_k();
  for (Index n = 0; n < shape.n; ++n) {
    for (Index c = 0; c < shape.c; ++c) {
      const Index first_k = c / group_c * group_k;
      for (Index ih = 0; ih < shape.h; ++ih) {
        for (Index iw = 0; iw < shape.w; ++iw) {
          double sum = 0.0;
          for (Index k = first_k; k < first_k + group_k; ++k) {
            const float* plane = dy + (n * shape.k + k) * shape.oh * shape.ow;
            const float* kernel = w + (k * group_c + c % group_c) * shape.r * shape.s;
            for (Index r = 0; r < shape.r; ++r) {
              const Index oh =
                  output_position(ih, shape.stride_h, r, shape.dilation_h, shape.pad_top, shape.oh);
              if (oh < 0) continue;
              for (Index s = 0; s < shape.s; ++s) {
                const Index ow = output_position(iw, shape.stride_w, s, shape.dilation_w,
                                                 shape.pad_left, shape.ow);
                if (ow < 0) continue;
                sum += static_cast<double>(plane[oh * shape.ow + ow]) *
                       static_cast<double>(kernel[r * shape.s + s]);
              }
            }
          }
          dx[((n * shape.c + c) * shape.h + ih) * shape.w + iw] = static_cast<float>(sum);
        }
      }
    }
  }
}

// dy[N,K,OH,OW] x[N,C,H,W] -> dw[K,C/g,R,S]
void conv2d_dw_reference(const Conv2dShape& shape, Reduction reduction, const float* dy,
                         const float* x, float* dw) {
  const Index group_c = shape.group_c();
  for (Index k = 0; k < shape.k; ++k) {
    const Index first_c = k / shape.group_k() * group_c;
    for (Index c = 0; c < group_c; ++c) {
      for (Index r = 0; r < shape.r; ++r) {
        for (Index s = 0; s < shape.s; ++s) {
          double sum = 0.0;
          for (Index n = 0; n < shape.n; ++n) {
            const float* out_plane = dy + (n * shape.k + k) * shape.oh * shape.ow;
            const float* in_plane = x + (n * shape.c + first_c + c) * shape.h * shape.w;
            for (Index oh = 0; oh < shape.oh; ++oh) {
              const Index ih =
                  input_position(oh, shape.stride_h, r, shape.dilation_h, shape.pad_top, shape.h);
              if (ih < 0) continue;
              for (Index ow = 0; ow < shape.ow; ++ow) {
                const Index iw = input_position(ow, shape.stride_w, s, shape.dilation_w,
                                                shape.pad_left, shape.w);
                if (iw < 0) continue;
                sum += static_cast<double>(out_plane[oh * shape.ow + ow]) *
                       static_cast<double>(in_plane[ih * shape.w + iw]);
              }
            }
          }
          dw[((k * group_c + c) * shape.r + r) * shape.s + s] = reduced(sum, reduction, shape.n);
        }
      }
    }
  }
}

// dy[N,K,OH,OW] -> db[K]
void conv2d_db_reference(const Conv2dShape& shape, Reduction reduction, const float* dy,
                         float* db) {
  const Index plane = shape.oh * shape.ow;
  for (Index k = 0; k < shape.k; ++k) {
    double sum = 0.0;
    for (Index n = 0; n < shape.n; ++n) {
      const float* source = dy + (n * shape.k + k) * plane;
      for (Index i = 0; i < plane; ++i) sum += static_cast<double>(source[i]);
    }
    db[k] = reduced(sum, reduction, shape.n);
  }
}

}  // namespace convgrad::kernels
