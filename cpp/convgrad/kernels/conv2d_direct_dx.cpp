// dx by direct loops, method 1 of the chapter: zero-inserted, padded dy * rot180(w), formula (8).
//
// The inserted zeros are never multiplied. With stride 2, say, the even and the odd columns of dx
// see different taps of w and every dy, so each residue of (ih + pad_top, iw + pad_left) modulo the
// stride - a phase - is a stride-1 correlation of dy with its own taps:
//
//   ih + pad_top = u*stride_h + rho,  tap r belongs to phase rho = (r*dilation_h) mod stride_h,
//   dx[c, u, v] = sum over k and the taps (r, s) of the phase of
//                 w[k,c,r,s] * dy[k, u - (r*dilation_h)/stride_h, v - (s*dilation_w)/stride_w]
//
// Larger r and s read further back: that is the rotation by 180 degrees.
#include <algorithm>

#include "convgrad/kernels/band.h"
#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/correlate.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {
namespace {

// One axis: positions of dx in units of the stride.
struct PhaseAxis {
  Index extent, kernel, stride, pad, dilation;

  [[nodiscard]] Index first_unit() const { return pad / stride; }
  [[nodiscard]] Index units() const { return (extent - 1 + pad) / stride + 1 - first_unit(); }
  // How far back the last tap reads.
  [[nodiscard]] Index reach() const { return (kernel - 1) * dilation / stride; }
  [[nodiscard]] Index back(Index tap) const { return tap * dilation / stride; }
  [[nodiscard]] Index phase_of_tap(Index tap) const { return tap * dilation % stride; }
  // The phases are numbered by their first position in dx: 0 ... phases() - 1.
  [[nodiscard]] Index phases() const { return std::min(stride, extent); }
  [[nodiscard]] Index phase_at(Index position) const { return (position + pad) % stride; }
  [[nodiscard]] Index unit_at(Index position) const { return (position + pad) / stride; }
};

struct DxPlan {
  Index taps;
  PhaseAxis vertical, horizontal;
  Band band;
  Index rows_per_band;  // of dx, in units of the stride
  Index channels;       // output channels k in a band at a time
  WorkspaceLayout layout;
  std::int64_t offsets, order, weights, planes;

  explicit DxPlan(const Conv2dShape& shape)
      : taps(shape.r * shape.s),
        vertical{shape.h, shape.r, shape.stride_h, shape.pad_top, shape.dilation_h},
        horizontal{shape.w, shape.s, shape.stride_w, shape.pad_left, shape.dilation_w},
        band{.h = shape.oh,
             .w = shape.ow,
             .col_begin = horizontal.first_unit() - horizontal.reach(),
             .phases = 1,
             // A phase may begin one unit later than the first.
             .phase_pitch = horizontal.reach() + 1 + simd::round_up(horizontal.units()),
             .padding = 0.0f} {
    const Index least_rows = vertical.reach() + 1;
    const Index most_channels = std::clamp<Index>(kBlockTerms / taps, 1, shape.group_k());
    channels = std::clamp<Index>(kBandFloats / (least_rows * band.phase_pitch), 1, most_channels);
    const Index rows = kBandFloats / (channels * band.phase_pitch);
    rows_per_band = std::clamp<Index>(rows - vertical.reach(), 1, vertical.units());
    offsets = layout.reserve<Index>(taps);
    order = layout.reserve<Index>(taps);
    weights = layout.reserve<float>(shape.group_k() * shape.group_c() * taps);
    planes = layout.reserve<float>(channels * plane_pitch());
  }

  [[nodiscard]] Index plane_pitch() const {
    return (rows_per_band + vertical.reach()) * band.row_pitch();
  }
};

// The taps of one phase of dx, as a range of the tap table that DxPhases fills.
struct PhaseTaps {
  Index begin, count;
};

// The taps sorted by phase: order[i] = r*S + s, offsets[i] = where tap i lies in a band of dy.
class DxPhases {
 public:
  DxPhases(const Conv2dShape& shape, const DxPlan& plan, Index* order, Index* offsets)
      : shape_(shape), plan_(plan), order_(order), offsets_(offsets) {
    Index filled = 0;
    for_each([&](Index ih, Index iw, PhaseTaps) { filled += fill(ih, iw, filled); });
  }

  // Calls visit(first row, first column, taps) for every phase, by its first position in dx.
  template <typename Visit>
  void for_each(Visit visit) const {
    Index begin = 0;
    for (Index ih = 0; ih < plan_.vertical.phases(); ++ih) {
      for (Index iw = 0; iw < plan_.horizontal.phases(); ++iw) {
        const PhaseTaps taps{begin, count(plan_.vertical, ih) * count(plan_.horizontal, iw)};
        visit(ih, iw, taps);
        begin += taps.count;
      }
    }
  }

 private:
  [[nodiscard]] static Index count(const PhaseAxis& axis, Index position) {
    Index taps = 0;
    for (Index tap = 0; tap < axis.kernel; ++tap) {
      taps += axis.phase_of_tap(tap) == axis.phase_at(position) ? 1 : 0;
    }
    return taps;
  }

  Index fill(Index ih, Index iw, Index begin) {
    const PhaseAxis &vertical = plan_.vertical, &horizontal = plan_.horizontal;
    Index i = begin;
    for (Index r = 0; r < shape_.r; ++r) {
      if (vertical.phase_of_tap(r) != vertical.phase_at(ih)) continue;
      for (Index s = 0; s < shape_.s; ++s) {
        if (horizontal.phase_of_tap(s) != horizontal.phase_at(iw)) continue;
        order_[i] = r * shape_.s + s;
        offsets_[i] = (vertical.reach() - vertical.back(r)) * plan_.band.row_pitch() +
                      horizontal.reach() - horizontal.back(s);
        ++i;
      }
    }
    return i - begin;
  }

  const Conv2dShape& shape_;
  const DxPlan& plan_;
  Index* order_;
  Index* offsets_;
};

// w[K/g][C/g][R*S] -> packed, phase after phase: [tile of c][K/g][taps of the phase][rows].
void pack_weights(const Conv2dShape& shape, const DxPhases& phases, const Index* order,
                  const float* w, float* packed) {
  const Index group_c = shape.group_c(), taps = shape.r * shape.s;
  const EvenSplit tiles(group_c, kTileRows);
  phases.for_each([&](Index, Index, PhaseTaps phase) {
    for (Index tile = 0; tile < tiles.parts(); ++tile) {
      for (Index k = 0; k < shape.group_k(); ++k) {
        for (Index i = phase.begin; i < phase.begin + phase.count; ++i) {
          for (Index c = tiles.begin(tile); c < tiles.begin(tile + 1); ++c) {
            *packed++ = w[(k * group_c + c) * taps + order[i]];
          }
        }
      }
    }
  });
}

}  // namespace

std::int64_t conv2d_dx_direct_workspace(const Conv2dShape& shape, int) {
  return DxPlan(shape).layout.bytes();
}

// dy[N,K,OH,OW] w[K,C/g,R,S] -> dx[N,C,H,W]
bool conv2d_dx_direct(const Conv2dShape& shape, const float* dy, const float* w, float* dx,
                      const Workspace& workspace) {
  // dy is always padded: at the border of dx there are fewer windows than taps.
  FiniteCheck finite;
  finite.add(w, shape.w_size());
  if (!finite.passed()) return false;

  const DxPlan plan(shape);
  auto* offsets = WorkspaceLayout::at<Index>(workspace.data, plan.offsets);
  auto* order = WorkspaceLayout::at<Index>(workspace.data, plan.order);
  auto* weights = WorkspaceLayout::at<float>(workspace.data, plan.weights);
  auto* planes = WorkspaceLayout::at<float>(workspace.data, plan.planes);
  const DxPhases phases(shape, plan, order, offsets);
  const PhaseAxis &vertical = plan.vertical, &horizontal = plan.horizontal;
  const Index group_c = shape.group_c(), group_k = shape.group_k();
  const EvenSplit tiles(group_c, kTileRows);

  // The cells of one phase in the units [u_begin, u_end) of dx, for all C/g channels, from the
  // channels [k, k + channels) of dy whose bands are in `planes`.
  const auto run_phase = [&](Index g, Index n, Index u_begin, Index u_end, Index k, Index channels,
                             Index ih_first, Index iw_first, PhaseTaps phase) {
    const float* phase_weights = weights + phase.begin * group_c * group_k;
    const Index v_shift = horizontal.unit_at(iw_first) - horizontal.first_unit();
    for (Index tile = 0; tile < tiles.parts(); ++tile) {
      const Index m = tiles.begin(tile), rows = tiles.size(tile);
      for (Index u = u_begin; u < u_end; ++u) {
        const Index ih = ih_first + (u - vertical.unit_at(ih_first)) * shape.stride_h;
        if (ih < 0 || ih >= shape.h) continue;
        Correlation job{
            .planes = planes + (u - u_begin) * plan.band.row_pitch() + v_shift,
            .plane_pitch = plan.plane_pitch(),
            .channels = channels,
            .offsets = offsets + phase.begin,
            .taps = 0,
            .weights = nullptr,
            .weight_pitch = phase.count * rows,
            .bias = nullptr,
            .accumulate = k > 0,
            .out = dx + ((n * shape.c + g * group_c + m) * shape.h + ih) * shape.w + iw_first,
            .out_pitch = shape.h * shape.w,
            .out_step = shape.stride_w,
            .columns = (shape.w - iw_first + shape.stride_w - 1) / shape.stride_w};
        // A phase without taps still has to write its zeros once.
        Index t = 0;
        do {
          job.offsets = offsets + phase.begin + t;
          job.taps = std::min(kBlockTerms, phase.count - t);
          job.weights = phase_weights + m * group_k * phase.count + (k * phase.count + t) * rows;
          job.accumulate = k > 0 || t > 0;
          correlate_row(job, rows);
          t += kBlockTerms;
        } while (t < phase.count);
      }
    }
  };

  const Index u_first = vertical.first_unit(), u_last = u_first + vertical.units();
  for (Index g = 0; g < shape.groups; ++g) {
    pack_weights(shape, phases, order, w + g * group_k * group_c * plan.taps, weights);
    for (Index n = 0; n < shape.n; ++n) {
      for (Index u = u_first; u < u_last; u += plan.rows_per_band) {
        const Index u_end = std::min(u + plan.rows_per_band, u_last);
        for (Index k = 0; k < group_k; k += plan.channels) {
          const Index channels = std::min(plan.channels, group_k - k);
          for (Index q = 0; q < channels; ++q) {
            const float* plane = dy + (n * shape.k + g * group_k + k + q) * shape.oh * shape.ow;
            plan.band.copy(plane, u - vertical.reach(), u_end - u + vertical.reach(),
                           planes + q * plan.plane_pitch());
          }
          phases.for_each([&](Index ih, Index iw, PhaseTaps phase) {
            run_phase(g, n, u, u_end, k, channels, ih, iw, phase);
          });
        }
      }
    }
  }
  return true;
}

}  // namespace convgrad::kernels
