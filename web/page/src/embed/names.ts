// The names that the elements' attributes take, by the field's words and by the chapter's.
import type { PresetId } from "../sections/lab/presets.ts";
import type { Operation } from "../sections/lab/settings.ts";

export const OPERATIONS: readonly Operation[] = ["conv2d", "maxPool2d", "avgPool2d"];
export const OTHER_OPERATIONS: Readonly<Record<string, Operation>> = {
  conv: "conv2d",
  convolution: "conv2d",
  "max-pool": "maxPool2d",
  "mean-pool": "avgPool2d",
  "mean-pool2d": "avgPool2d",
  "avg-pool": "avgPool2d",
};

export const OTHER_PRESETS: Readonly<Record<string, PresetId>> = {
  "seed-conv": "chapterConv",
  "seed-pool": "chapterPool",
};

export const OTHER_SECTIONS: Readonly<Record<string, string>> = {
  conv: "forward",
  convolution: "forward",
  backward: "dx",
  delta: "dx",
  "delta-out": "dx",
  rot180: "dx",
  rotate180: "dx",
  weights: "dw",
  db: "dw",
  im2col: "img2col",
  col2img: "img2col",
  col2im: "img2col",
  pool: "pooling",
  "max-pool": "pooling",
  "mean-pool": "pooling",
  kernel: "learn",
};
