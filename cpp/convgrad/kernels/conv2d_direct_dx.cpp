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
#include <atomic>
#include <numeric>

#include "convgrad/kernels/band.h"
#include "convgrad/kernels/conv2d_depthwise.h"
#include "convgrad/kernels/conv2d_fully_connected.h"
#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/direct_tiles.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/interleave_phases.h"
#include "convgrad/kernels/pack_panel.h"
#include "convgrad/kernels/parallel.h"
#include "convgrad/kernels/strided_columns.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/kernels/workspace_layout.h"
#include "convgrad/profile.h"

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
  // How many phases the taps are spread over, evenly but for a remainder.
  [[nodiscard]] Index phases_of_taps() const { return stride / std::gcd(dilation, stride); }
  // The phases are numbered by their first position in dx: 0 ... phases() - 1.
  [[nodiscard]] Index phases() const { return std::min(stride, extent); }
  // Taps of the phase that has most.
  [[nodiscard]] Index most_taps() const {
    return std::min(kernel, (kernel + phases_of_taps() - 1) / phases_of_taps());
  }
  [[nodiscard]] Index phase_at(Index position) const { return (position + pad) % stride; }
  [[nodiscard]] Index unit_at(Index position) const { return (position + pad) / stride; }
};

// The taps of one phase of dx, as a range of the tap table that DxPhases fills.
struct PhaseTaps {
  Index begin, count;
  Index down;  // in a column of them
};

struct DxPlan {
  DirectTiles tiles;  // of a group's input channels
  bool in_place;      // dy is read where it stands
  Index taps, group_k;
  PhaseAxis vertical, horizontal;
  Band band;
  Index block_channels;  // output channels k of a block of terms
  Index channels;        // output channels k in a band at a time
  EvenSplit shares;      // of a group's tiles
  EvenSplit rows;        // of dx, in units of the stride; a band of them and a share are a task
  Index weights_size;    // of a group
  Index bands_size;      // of one worker
  Index phase_w;         // columns of a phase at most, where a row has several
  Index phase_size;      // floats of one for a tile of channels
  Index apart_size;      // of a row's phases, of one worker
  WorkspaceLayout layout;
  std::int64_t offsets, order, weights, bands, apart;

  DxPlan(const Conv2dShape& shape, int threads)
      : tiles(shape.group_c(), divide_up(shape.h, shape.stride_h),
              divide_up(shape.w, shape.stride_w),
              shape.group_k() * shape.r * shape.s / (shape.stride_h * shape.stride_w)),
        in_place(shape.r * shape.s == 1 && !shape.padded() && shape.oh == shape.h &&
                 shape.ow == shape.w && tiles.reads_windows_only(shape.w) &&
                 !share_sets(shape.h * shape.w, shape.group_k())),
        taps(shape.r * shape.s),
        group_k(shape.group_k()),
        vertical{shape.h, shape.r, shape.stride_h, shape.pad_top, shape.dilation_h},
        horizontal{shape.w, shape.s, shape.stride_w, shape.pad_left, shape.dilation_w},
        band{.h = shape.oh,
             .w = shape.ow,
             .col_begin = horizontal.first_unit() - horizontal.reach(),
             .phases = 1,
             // A phase may begin one unit later than the first.
             .phase_pitch =
                 in_place ? shape.ow : horizontal.reach() + 1 + simd::round_up(horizontal.units()),
             .padding = 0.0f},
        block_channels(std::clamp<Index>(
            kBlockTerms / (vertical.most_taps() * horizontal.most_taps()), 1, shape.group_k())),
        channels(band_channels(shape)),
        shares(split_tiles(tiles.parts(), fitting_rows() == vertical.units(),
                           shape.oh * shape.ow < shape.c * taps, shape.n * shape.groups, threads)),
        rows(split_rows(vertical.units(), fitting_rows(), shape.n * shape.groups,
                        shares.parts() > 1 ? 1 : threads)),
        weights_size(taps * group_k * tiles.lanes()),
        bands_size(in_place ? 0 : channels * band_pitch() + kBandSlack),
        phase_w(divide_up(shape.w, shape.stride_w)),
        phase_size(tiles.most_width() * rows.size(0) * phase_w),
        apart_size(shape.stride_w > 1 ? horizontal.phases() * phase_size : 0) {
    offsets = layout.reserve<Index>(block_channels * taps);
    order = layout.reserve<Index>(taps);
    weights = layout.reserve<float>(weights_size * shape.groups);
    bands = layout.reserve<float>(bands_size * threads);
    apart = layout.reserve<float>(apart_size * threads);
  }

  // Where in the weights of a tile those of a phase begin, from channel k of dy on.
  [[nodiscard]] Index weights_at(Index tile, Index k, PhaseTaps phase) const {
    return (phase.begin * group_k + k * phase.count) * tiles.width(tile);
  }
  // Floats of one channel's band.
  [[nodiscard]] Index band_pitch() const {
    if (in_place) return band.h * band.w;
    return (rows.size(0) + vertical.reach()) * band.row_pitch();
  }

 private:
  [[nodiscard]] Index band_channels(const Conv2dShape& shape) const {
    if (vertical.most_taps() * horizontal.most_taps() > kBlockTerms) return 1;  // several blocks
    if (in_place) return group_k;
    const Index rows =
        least_band_rows(vertical.units(), shape.n, shape.h * shape.w, group_k * taps);
    const Index fitting = kBandFloats / ((vertical.reach() + rows) * band.row_pitch());
    return EvenSplit(group_k, std::clamp<Index>(fitting, 1, group_k)).size(0);
  }
  [[nodiscard]] Index fitting_rows() const {
    const Index fitting = kBandFloats / (channels * band.row_pitch()) - vertical.reach();
    return std::clamp<Index>(fitting, 1, vertical.units());
  }
};

// The taps sorted by phase: order[i] = r*S + s. The terms of a phase are its taps in each of the
// channels of a block: offsets[block_channels*begin ...] says where they lie in the bands of dy.
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
        const Index down = count(plan_.vertical, ih);
        const PhaseTaps taps{begin, down * count(plan_.horizontal, iw), down};
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
        order_[i++] = r * shape_.s + s;
      }
    }
    const Index count = i - begin;
    for (Index q = 0; q < plan_.block_channels; ++q) {
      for (i = begin; i < begin + count; ++i) {
        const Index r = order_[i] / shape_.s, s = order_[i] % shape_.s;
        offsets_[plan_.block_channels * begin + q * count + i - begin] =
            q * plan_.band_pitch() +
            (vertical.reach() - vertical.back(r)) * plan_.band.row_pitch() + horizontal.reach() -
            horizontal.back(s);
      }
    }
    return count;
  }

  const Conv2dShape& shape_;
  const DxPlan& plan_;
  Index* order_;
  Index* offsets_;
};

// The weights of a tile of dx's channels: from w[K/g][C/g][R*S] to [K/g][taps of the phase][width]
// of each phase. Answers whether they are finite.
bool pack_weights(const Conv2dShape& shape, const DxPlan& plan, const DxPhases& phases,
                  const Index* order, Index tile, const float* w, float* packed) {
  const Index group_c = shape.group_c(), c_begin = plan.tiles.begin(tile);
  const Index size = plan.tiles.size(tile), width = plan.tiles.width(tile);
  bool finite = true;
  phases.for_each([&](Index, Index, PhaseTaps phase) {
    float *const begin = packed + plan.weights_at(tile, 0, phase), *out = begin;
    const float* from = w + c_begin * plan.taps;
    if (plan.taps == 1 && phase.count == 1 && size == width) {
      pack_panel_transposed(size, plan.group_k, from, group_c, out);
      out += plan.group_k * width;
    } else {
      for (Index k = 0; k < plan.group_k; ++k, from += group_c * plan.taps) {
        if (phase.count == plan.taps) {  // in their own order
          pack_panel(size, plan.taps, from, plan.taps, out, width);
          out += plan.taps * width;
          continue;
        }
        for (Index j = phase.begin; j < phase.begin + phase.count; ++j) {
          for (Index c = 0; c < width; ++c) {
            *out++ = c < size ? from[c * plan.taps + order[j]] : 0.0f;
          }
        }
      }
    }
    // While they are in the cache.
    finite &= all_finite(begin, out - begin);
  });
  return finite;
}

}  // namespace

std::int64_t conv2d_dx_direct_workspace(const Conv2dShape& shape, int threads) {
  if (conv2d_depthwise_dx_applies(shape)) return conv2d_depthwise_dx_workspace(shape, threads);
  if (conv2d_is_fully_connected(shape)) {
    return conv2d_fully_connected_workspace(shape, threads);
  }
  return DxPlan(shape, threads).layout.bytes();
}

// dy[N,K,OH,OW] w[K,C/g,R,S] -> dx[N,C,H,W]
bool conv2d_dx_direct(const Conv2dShape& shape, const float* dy, const float* w, float* dx,
                      const Workspace& workspace) {
  if (conv2d_depthwise_dx_applies(shape)) {
    return conv2d_depthwise_dx(shape, dy, w, dx, workspace);
  }
  if (conv2d_is_fully_connected(shape)) {
    return conv2d_fully_connected_dx(shape, dy, w, dx, workspace);
  }
  const DxPlan plan(shape, worker_count(workspace));
  auto* offsets = WorkspaceLayout::at<Index>(workspace.data, plan.offsets);
  auto* order = WorkspaceLayout::at<Index>(workspace.data, plan.order);
  auto* weights = WorkspaceLayout::at<float>(workspace.data, plan.weights);
  const DxPhases phases(shape, plan, order, offsets);
  const PhaseAxis &vertical = plan.vertical, &horizontal = plan.horizontal;
  const Index group_c = shape.group_c(), group_k = shape.group_k();
  const Index group_size = group_k * group_c * plan.taps;

  std::atomic<bool> finite = true;
  const auto packed_at = [&](Index g, Index tile) {
    return weights + g * plan.weights_size + plan.tiles.begin(tile) * plan.taps * group_k;
  };

  // The cells of one phase in the units [u_begin, u_end) of dx, for one tile of channels, from the
  // channels [k, k + channels) of dy whose bands are in `bands`. By way of `apart`, where phases of
  // a row are not neighbours: with the last of a row's phases all of them go to dx.
  const auto run_phase = [&](Index g, Index n, Index u_begin, Index u_end, Index k, Index channels,
                             Index tile, Index ih_first, Index iw_first, PhaseTaps phase,
                             const float* packed, const float* bands, float* apart) {
    const Index m = plan.tiles.begin(tile), lines = plan.tiles.size(tile);
    const Index v_shift = horizontal.unit_at(iw_first) - horizontal.first_unit();
    // The phase has a row of dx in all units but the first, perhaps, or the last.
    const Index u_first = vertical.unit_at(ih_first);
    const Index u = std::max(u_begin, u_first);
    const Index rows = std::min(u_end, u_first + divide_up(shape.h - ih_first, shape.stride_h)) - u;
    if (rows <= 0) return;
    const Index ih = ih_first + (u - u_first) * shape.stride_h;
    const Index terms = channels * phase.count, plane = shape.h * shape.w;
    const float* source = bands + (u - u_begin) * plan.band.row_pitch() + v_shift;
    float* to = dx + (n * shape.c + g * group_c + m) * plane + ih * shape.w;
    const Index to_row = shape.stride_h * shape.w;
    const bool is_apart = shape.stride_w > 1;
    const Index line_pitch = is_apart ? rows * plan.phase_w : plane;
    float* out = is_apart ? apart + iw_first * plan.phase_size : to;
    const auto for_each_row = [&](auto visit) {
      for (Index line = 0; line < lines; ++line) {
        for (Index row = 0; row < rows; ++row) {
          visit(to + line * plane + row * to_row, line * line_pitch + row * plan.phase_w);
        }
      }
    };
    if (phase.down == 0) {
      if (iw_first == 0 && k == 0) {
        for_each_row([&](float* row, Index) { clear_columns(row, shape.w); });
      }
      return;
    }
    // A phase without taps still has to write its zeros once.
    Index t = 0, count;
    do {
      const Index first_term = k * phase.count + t;
      count = phase.count <= kBlockTerms ? terms : std::min(terms - t, kBlockTerms);
      plan.tiles.correlate(tile,
                           {.source = source,
                            .source_row = plan.band.row_pitch(),
                            .source_column = 1,
                            .terms = {.offsets = offsets + plan.block_channels * phase.begin + t,
                                      .depth = count,
                                      .block = plan.block_channels * phase.count,
                                      .block_step = plan.block_channels * plan.band_pitch(),
                                      .weights = packed + plan.weights_at(tile, k, phase) +
                                                 t * plan.tiles.width(tile)},
                            .bias = nullptr,
                            .accumulate = is_apart ? t > 0 : first_term > 0,
                            .out = out,
                            .out_pitch = line_pitch,
                            .out_row = is_apart ? plan.phase_w : to_row,
                            .rows = rows,
                            .columns = divide_up(shape.w - iw_first, shape.stride_w)});
      t += count;
    } while (t < terms);
    if (!is_apart || iw_first + 1 < horizontal.phases()) return;
    for_each_row([&](float* row, Index offset) {
      interleave_phases(apart + offset, plan.phase_size, shape.stride_w, shape.w, k > 0, row);
    });
  };

  parallel_for(workspace, shape.groups * plan.tiles.parts(), [&](Index task, int worker) {
    const PhaseTimer timer(workspace, Phase::kPack, worker);
    const Index g = task / plan.tiles.parts(), tile = task % plan.tiles.parts();
    // dy is always padded: at the border of dx there are fewer windows than taps.
    if (!pack_weights(shape, plan, phases, order, tile, w + g * group_size, packed_at(g, tile))) {
      finite = false;
    }
  });
  if (!finite) return false;
  const Index shares = plan.shares.parts(), parts = plan.rows.parts();
  const Index tasks = shape.n * shape.groups;
  parallel_for(workspace, tasks * parts * shares, [&](Index task, int worker) {
    const Index share = task % shares, part = task / shares % parts, group = task / shares / parts;
    const Index g = group % shape.groups, n = group / shape.groups;
    const Index u = vertical.first_unit() + plan.rows.begin(part), units = plan.rows.size(part);
    auto* bands = WorkspaceLayout::at<float>(workspace.data, plan.bands) + worker * plan.bands_size;
    auto* apart = WorkspaceLayout::at<float>(workspace.data, plan.apart) + worker * plan.apart_size;
    for (Index k = 0; k < group_k; k += plan.channels) {
      const Index channels = std::min(plan.channels, group_k - k);
      const float* planes = dy + (n * shape.k + g * group_k + k) * shape.oh * shape.ow;
      const float* source = bands;
      PhaseTimer timer(workspace, Phase::kPad, worker);
      if (plan.in_place) {
        source = planes + u * shape.ow;
      } else {
        for (Index i = 0; i < channels; ++i) {
          plan.band.copy(planes + i * shape.oh * shape.ow, u - vertical.reach(),
                         units + vertical.reach(), bands + i * plan.band_pitch());
        }
      }
      timer.enter(Phase::kMultiply);
      for (Index tile = plan.shares.begin(share); tile < plan.shares.begin(share + 1); ++tile) {
        const float* packed = packed_at(g, tile);
        phases.for_each([&](Index ih, Index iw, PhaseTaps phase) {
          run_phase(g, n, u, u + units, k, channels, tile, ih, iw, phase, packed, source, apart);
        });
      }
    }
  });
  return true;
}

}  // namespace convgrad::kernels
