// Convolution forward and dx by Winograd's minimal filtering: for each of the (m+2)^2 positions of
// a transformed patch a product of matrices, kernels [K][C] x tiles [C][tiles]. A task takes a
// block of tiles through all three steps, so that what lies between them stays in the cache.
#include <algorithm>
#include <atomic>

#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/conv2d_winograd_correlation.h"
#include "convgrad/kernels/conv2d_winograd_steps.h"
#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/gemm.h"
#include "convgrad/kernels/parallel.h"
#include "convgrad/kernels/strided_columns.h"
#include "convgrad/kernels/workspace_layout.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

// Transformed input of one block, in floats: 640 KiB, for the better part of a second-level cache.
constexpr Index kBlockFloats = 160 * 1024;
// Panels of kTileColumns tiles in a block.
constexpr Index kMostPanels = 16;

// Where a tile's patch lies in the input, and the tile in the output, channel 0 of group 0.
struct TilePlace {
  Index in_offset;  // of the patch's corner, which may be outside
  Index out_offset;
  Index row_begin, row_end, column_begin, column_end;  // the part of the patch inside the input
  Index out_row;                                       // of the tile, counted through all images
  Index out_rows, out_columns;                         // the part of the tile inside the output
};

// Between the products of a panel, so that they do not all fall on the same lines of the cache.
constexpr Index kPitchGap = 16;

// Floats from product to product of a panel of kernels [depth][rows].
Index kernel_pitch(Index depth, Index rows) { return depth * rows + kPitchGap; }

// products[p] = kernels[p][depth][rows]^T * inputs[p][depth][kTileColumns]
void multiply(Index rows, Index count, Index depth, const float* kernels, const float* inputs,
              Index input_pitch, float (*products)[kTileRows][kTileColumns]) {
  for (Index p = 0; p < count; ++p) {
    gemm(rows, depth, kernels + p * kernel_pitch(depth, rows), inputs + p * input_pitch, nullptr,
         false, &products[p][0][0], kTileColumns);
  }
}

class WinogradRun {
 public:
  WinogradRun(const Correlation& correlation, int tile, int threads)
      : c_(correlation),
        tile_(tile),
        patch_(tile + 2),
        products_(winograd_products(tile)),
        tiles_h_(divide_up(c_.out_h, tile)),
        tiles_w_(divide_up(c_.out_w, tile)),
        tiles_(c_.n * tiles_h_ * tiles_w_),
        channels_(c_.in_channels, most_channels()),
        pitch_(input_pitch(channels_.size(0))),
        panels_(all_panels(), most_panels(threads)),
        rows_(c_.out_channels, most_rows()) {
    // Few blocks: threads share a block's output channels, and each transforms its input.
    const Index blocks = c_.groups * panels_.parts();
    parts_ = std::min<Index>(divide_up(threads, blocks), rows_.parts());
    const Index tiles = panels_.size(0) * kTileColumns;
    const std::int64_t all_kernels = std::int64_t{c_.groups} * products_ * group_kernels();
    if (!kernels_on_the_spot()) kernels_ = layout_.reserve<float>(all_kernels);
    scratch_bytes_ = -layout_.bytes();
    if (kernels_on_the_spot()) {
      kernels_ = layout_.reserve<float>(products_ * kernel_pitch(channels_.size(0), rows_.size(0)));
    }
    places_ = layout_.reserve<TilePlace>(tiles);
    patches_ = layout_.reserve<float>(tiles * products_);
    inputs_ = layout_.reserve<float>(panels_.size(0) * products_ * pitch_);
    scratch_bytes_ += layout_.bytes();
    bytes_ = layout_.bytes() + (threads - 1) * scratch_bytes_;
  }

  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

  [[nodiscard]] bool run(const float* in, const float* w, const float* bias, float* out,
                         const Workspace& workspace) const {
    if (!kernels_on_the_spot()) {
      auto* kernels = WorkspaceLayout::at<float>(workspace.data, kernels_);
      parallel_for(workspace, c_.groups * rows_.parts(), [&](Index task, int worker) {
        const PhaseTimer timer(workspace, Phase::kTransform, worker);
        const Index group = task / rows_.parts(), tile = task % rows_.parts();
        for (Index q = 0; q < channels_.parts(); ++q) {
          transform_kernels(group, q, tile, w, kernels + kernels_at(group, q, tile));
        }
      });
    }
    std::atomic<bool> finite = true;
    const Index blocks = panels_.parts();
    parallel_for(workspace, c_.groups * blocks * parts_, [&](Index task, int worker) {
      if (!finite.load(std::memory_order_relaxed)) return;
      const std::int64_t offset = worker * scratch_bytes_;
      const Block block{
          .group = task / parts_ / blocks,
          .first = panels_.begin(task / parts_ % blocks) * kTileColumns,
          .panels = panels_.size(task / parts_ % blocks),
          .kernels = WorkspaceLayout::at<float>(workspace.data,
                                                kernels_ + (kernels_on_the_spot() ? offset : 0)),
          .places = WorkspaceLayout::at<TilePlace>(workspace.data, places_ + offset),
          .patches = WorkspaceLayout::at<float>(workspace.data, patches_ + offset),
          .inputs = WorkspaceLayout::at<float>(workspace.data, inputs_ + offset),
      };
      PhaseTimer timer(workspace, Phase::kTransform, worker);
      if (!run_block(block, task % parts_, in, w, bias, out, &timer)) {
        finite.store(false, std::memory_order_relaxed);
      }
    });
    return finite.load();
  }

 private:
  // Floats from product to product of a panel of inputs.
  [[nodiscard]] static Index input_pitch(Index channels) {
    return channels * kTileColumns + kPitchGap;
  }
  [[nodiscard]] Index all_panels() const { return (tiles_ + kTileColumns - 1) / kTileColumns; }
  // Panels of a block: what fits the cache, and where that makes several blocks anyway, enough
  // blocks for the threads to end at the same time.
  [[nodiscard]] Index most_panels(int threads) const {
    const Index fitting = std::clamp<Index>(kBlockFloats / (products_ * pitch_), 1, kMostPanels);
    if (threads == 1 || fitting >= all_panels()) return fitting;
    return std::min(fitting, divide_up(all_panels(), 4 * Index{threads}));
  }
  // Terms of a sum in one go; half as many where all tiles then fit into a single block.
  [[nodiscard]] Index most_channels() const {
    const Index half = kBlockTerms / 2;
    const Index fitting = kBlockFloats / (products_ * all_panels());
    return input_pitch(kBlockTerms) > fitting && input_pitch(half) <= fitting ? half : kBlockTerms;
  }

  struct Block {
    Index group, first, panels;
    float* kernels;     // those of all row tiles, or room for one
    TilePlace* places;  // [panels * kTileColumns]
    float* patches;     // [panels * kTileColumns][products]: those on the border, padded
    float* inputs;      // [panels][products][pitch_], a product's being [channels][kTileColumns]
  };

  // With a single block of tiles every kernel is used once, and transformed right before that: the
  // transformed kernels are then too many to be worth their way through the memory.
  [[nodiscard]] bool kernels_on_the_spot() const { return panels_.parts() == 1; }
  // Then whole vectors of them, which transform_kernels() stores as they are.
  [[nodiscard]] Index most_rows() const {
    return kernels_on_the_spot() ? std::min<Index>(kTileRows, simd::kLanes) : kTileRows;
  }

  // w of channel block q and a row tile -> panels[products][channels][rows].
  void transform_kernels(Index group, Index q, Index tile, const float* w, float* panels) const {
    const Index row = rows_.begin(tile), rows = rows_.size(tile);
    const Index first = channels_.begin(q), depth = channels_.size(q);
    const Index pitch = kernel_pitch(depth, rows);
    w +=
        group * c_.out_channels * c_.in_channels * 9 + row * c_.w_out_pitch + first * c_.w_in_pitch;
    // A row a lane, as the panel has them, for as many as are whole vectors; a channel a lane for
    // the others.
    alignas(64) float values[winograd_products(kMostWinogradTile) * simd::kLanes];
    for (Index m = 0; m < rows;) {
      const bool whole = rows - m >= simd::kLanes;
      const Index step = whole ? 1 : simd::kLanes;
      for (Index c = 0; c < depth; c += step) {
        float* panel = panels + c * rows + m;
        const Index lanes = whole ? simd::kLanes : std::min(simd::kLanes, depth - c);
        winograd_kernels(tile_, w + m * c_.w_out_pitch + c * c_.w_in_pitch,
                         whole ? c_.w_out_pitch : c_.w_in_pitch, lanes, c_.rotated,
                         whole ? panel : values, whole ? pitch : simd::kLanes);
        if (whole) continue;
        for (Index p = 0; p < products_; ++p) {
          for (Index lane = 0; lane < lanes; ++lane) {
            panel[p * pitch + lane * rows] = values[p * simd::kLanes + lane];
          }
        }
      }
      m += whole ? simd::kLanes : 1;
    }
  }

  // Floats of a group's kernels, by products_; and where the row tile's panels begin.
  [[nodiscard]] std::int64_t group_kernels() const {
    return std::int64_t{c_.out_channels} * c_.in_channels +
           rows_.parts() * channels_.parts() * kPitchGap;
  }
  [[nodiscard]] Index kernels_at(Index group, Index q, Index tile) const {
    const Index before = c_.out_channels * channels_.begin(q) +
                         rows_.begin(tile) * channels_.size(q) +
                         (q * rows_.parts() + tile) * kPitchGap;
    return products_ * (group * static_cast<Index>(group_kernels()) + before);
  }

  // The output channels of `part` of a block; false where a result is not finite.
  [[nodiscard]] bool run_block(const Block& block, Index part, const float* in, const float* w,
                               const float* bias, float* out, PhaseTimer* timer) const {
    const Index count = std::min(block.panels * kTileColumns, tiles_ - block.first);
    for (Index i = 0; i < block.panels * kTileColumns; ++i) {
      // Lanes behind the last tile repeat it.
      block.places[i] = place_of(block.first + std::min(i, count - 1));
    }
    clear_columns(block.patches, block.panels * kTileColumns * products_);
    const EvenSplit shares(rows_.parts(), (rows_.parts() + parts_ - 1) / parts_);
    const Index tile_begin = part < shares.parts() ? shares.begin(part) : 0;
    const Index tile_end = part < shares.parts() ? shares.begin(part + 1) : 0;
    FiniteCheck finite;
    for (Index q = 0; q < channels_.parts() && tile_begin < tile_end; ++q) {
      const Index depth = channels_.size(q);
      const float* group_in =
          in + (block.group * c_.in_channels + channels_.begin(q)) * c_.in_h * c_.in_w;
      for (Index j = 0; j < block.panels; ++j) transform_inputs(block, j, group_in, depth);
      for (Index tile = tile_begin; tile < tile_end; ++tile) {
        const Index row = rows_.begin(tile), k = block.group * c_.out_channels + row;
        const float* kernels = block.kernels;
        if (kernels_on_the_spot()) {
          transform_kernels(block.group, q, tile, w, block.kernels);
        } else {
          kernels += kernels_at(block.group, q, tile);
        }
        for (Index j = 0; j < block.panels; ++j) {
          alignas(64) float products[winograd_products(kMostWinogradTile)][kTileRows][kTileColumns];
          timer->enter(Phase::kMultiply);
          multiply(rows_.size(tile), products_, depth, kernels,
                   block.inputs + j * products_ * pitch_, pitch_, products);
          timer->enter(Phase::kTransform);
          const Index first = j * kTileColumns;
          for (Index m = 0; m < rows_.size(tile); ++m) {
            const float* start = bias != nullptr && q == 0 ? bias + k + m : nullptr;
            for (Index v = 0; v < kTileColumns; v += simd::kLanes) {
              finish(block.places + first + v, count - first - v, &products[0][m][v], start, q > 0,
                     out + (k + m) * c_.out_h * c_.out_w, &finite);
            }
          }
        }
      }
    }
    return finite.passed();
  }

  [[nodiscard]] TilePlace place_of(Index tile) const {
    const Index n = tile / (tiles_h_ * tiles_w_);
    const Index oh = tile / tiles_w_ % tiles_h_ * tile_, ow = tile % tiles_w_ * tile_;
    const Index ih = oh - c_.pad_top, iw = ow - c_.pad_left;
    const Index row_begin = std::clamp<Index>(-ih, 0, patch_);
    const Index column_begin = std::clamp<Index>(-iw, 0, patch_);
    return {
        .in_offset = (n * c_.groups * c_.in_channels * c_.in_h + ih) * c_.in_w + iw,
        .out_offset = (n * c_.groups * c_.out_channels * c_.out_h + oh) * c_.out_w + ow,
        .row_begin = row_begin,
        .row_end = std::clamp<Index>(c_.in_h - ih, row_begin, patch_),
        .column_begin = column_begin,
        .column_end = std::clamp<Index>(c_.in_w - iw, column_begin, patch_),
        .out_row = n * c_.out_h + oh,
        .out_rows = std::min<Index>(tile_, c_.out_h - oh),
        .out_columns = std::min<Index>(tile_, c_.out_w - ow),
    };
  }

  // in[depth][in_h][in_w] under the tiles of panel j -> the panel's inputs.
  void transform_inputs(const Block& block, Index j, const float* in, Index depth) const {
    for (Index v = 0; v < kTileColumns; v += simd::kLanes) {
      const Index first = j * kTileColumns + v;
      const TilePlace* places = block.places + first;
      const float* corners[simd::kLanes];
      Index pitches[simd::kLanes], steps[simd::kLanes];
      bool all_inside = true;
      for (Index lane = 0; lane < simd::kLanes; ++lane) {
        const bool inside = is_inside(places[lane]);
        corners[lane] =
            inside ? in + places[lane].in_offset : block.patches + (first + lane) * products_;
        pitches[lane] = inside ? c_.in_w : patch_;
        steps[lane] = inside ? c_.in_h * c_.in_w : 0;
        all_inside = all_inside && inside;
      }
      float* out = block.inputs + j * products_ * pitch_ + v;
      for (Index c = 0; c < depth; ++c, out += kTileColumns) {
        if (!all_inside) {
          for (Index lane = 0; lane < simd::kLanes; ++lane) {
            if (steps[lane] == 0) {
              copy_patch(places[lane], in + c * c_.in_h * c_.in_w,
                         block.patches + (first + lane) * products_);
            }
          }
        }
        winograd_inputs(tile_, corners, pitches, out, pitch_);
        CONVGRAD_UNROLL
        for (Index lane = 0; lane < simd::kLanes; ++lane) corners[lane] += steps[lane];
      }
    }
  }

  [[nodiscard]] bool is_inside(const TilePlace& place) const {
    return place.row_end - place.row_begin == patch_ &&
           place.column_end - place.column_begin == patch_;
  }

  void copy_patch(const TilePlace& place, const float* in, float* patch) const {
    const Index columns = place.column_end - place.column_begin;
    in += place.in_offset + place.row_begin * c_.in_w + place.column_begin;
    patch += place.row_begin * patch_ + place.column_begin;
    for (Index i = place.row_begin; i < place.row_end; ++i, in += c_.in_w, patch += patch_) {
      for (Index j = 0; j < columns; ++j) patch[j] = in[j];
    }
  }

  // One row and vector of the products, a tile a lane, -> `count` tiles of an output map.
  void finish(const TilePlace* places, Index count, const float* products, const float* bias,
              bool accumulate, float* out, FiniteCheck* finite) const {
    alignas(64) float rows[kMostWinogradTile * kMostWinogradTile * simd::kLanes];
    const Index row_pitch = tile_ * simd::kLanes;
    winograd_outputs(tile_, products, bias != nullptr ? *bias : 0.0f, rows, finite);
    if (count >= simd::kLanes && adjacent(places)) {
      for (Index i = 0; i < tile_; ++i) {
        write(rows + i * row_pitch, row_pitch, accumulate,
              out + places[0].out_offset + i * c_.out_w);
      }
      return;
    }
    for (Index lane = 0; lane < std::min(simd::kLanes, count); ++lane) {
      const TilePlace& place = places[lane];
      for (Index i = 0; i < place.out_rows; ++i) {
        write(rows + i * row_pitch + lane * tile_, place.out_columns, accumulate,
              out + place.out_offset + i * c_.out_w);
      }
    }
  }

  // target[count] (+)= source.
  static void write(const float* source, Index count, bool accumulate, float* target) {
    Index i = 0;
    for (; i + simd::kLanes <= count; i += simd::kLanes) {
      const simd::Vec sum = simd::load(source + i);
      simd::store(target + i, accumulate ? sum + simd::load(target + i) : sum);
    }
    for (; i < count; ++i) target[i] = accumulate ? source[i] + target[i] : source[i];
  }

  // Whether the tiles of a vector are whole and side by side.
  [[nodiscard]] bool adjacent(const TilePlace* places) const {
    const TilePlace& last = places[simd::kLanes - 1];
    return last.out_offset - places[0].out_offset == (simd::kLanes - 1) * tile_ &&
           last.out_row == places[0].out_row && last.out_rows == tile_ && last.out_columns == tile_;
  }

  Correlation c_;
  Index tile_, patch_, products_;
  Index tiles_h_, tiles_w_, tiles_;  // per image, per image, in all
  EvenSplit channels_;               // blocks of a sum
  Index pitch_;                      // floats from product to product of a panel
  EvenSplit panels_;                 // blocks of tiles, in panels
  EvenSplit rows_;                   // tiles of output channels
  Index parts_ = 1;                  // tasks that share a block
  WorkspaceLayout layout_;
  std::int64_t kernels_ = 0, places_ = 0, patches_ = 0, inputs_ = 0;
  std::int64_t scratch_bytes_ = 0;  // of one worker
  std::int64_t bytes_ = 0;
};

bool run(const Correlation& correlation, int tile, const float* in, const float* w,
         const float* bias, float* out, const Workspace& workspace) {
  return WinogradRun(correlation, tile, worker_count(workspace)).run(in, w, bias, out, workspace);
}

}  // namespace

bool conv2d_winograd_applies(const Conv2dShape& shape) {
  return shape.r == 3 && shape.s == 3 && shape.stride_h == 1 && shape.stride_w == 1 &&
         shape.dilation_h == 1 && shape.dilation_w == 1;
}

std::int64_t conv2d_forward_winograd_workspace(const Conv2dShape& shape, int tile, int threads) {
  return WinogradRun(Correlation::forward(shape), tile, threads).bytes();
}

// x[N,C,H,W] w[K,C/g,3,3] b[K] -> y[N,K,OH,OW]
bool conv2d_forward_winograd(const Conv2dShape& shape, int tile, const float* x, const float* w,
                             const float* b, float* y, const Workspace& workspace) {
  return run(Correlation::forward(shape), tile, x, w, b, y, workspace);
}

std::int64_t conv2d_dx_winograd_workspace(const Conv2dShape& shape, int tile, int threads) {
  return WinogradRun(Correlation::dx(shape), tile, threads).bytes();
}

// dy[N,K,OH,OW] w[K,C/g,3,3] -> dx[N,C,H,W]: dy * rot180(w), which has lost 2 - padding rows.
bool conv2d_dx_winograd(const Conv2dShape& shape, int tile, const float* dy, const float* w,
                        float* dx, const Workspace& workspace) {
  return run(Correlation::dx(shape), tile, dy, w, nullptr, dx, workspace);
}

}  // namespace convgrad::kernels
