import type { Words } from "../../../i18n/words.ts";
import type { zh } from "./text.zh.ts";

export const en: Words<typeof zh> = {
  title: "4. img2col and col2img (method 2)",
  idea: "The convolution seen as a fully connected layer, with matrix arithmetic in its place: img2col unfolds every window into a row of col_x, each kernel is unfolded into a column of col_w, and a single product of matrices gives all outputs, which are then put into the shape of z.",
  back: "On the way back the error matrix becomes δ_in_2d, a row for each output position and a column for each filter. dW and dcol are just as in a fully connected layer; then col2img turns dcol into the shape of the input.",
  steps:
    "col2img goes row by row: the elements of dcol's first row (red) move to the red places of δ_out; those of the second (yellow) to the yellow ones, and where they meet elements that are there already, the two values are added; likewise the third (blue) and the fourth (green). Step on and see the middle become 0 + 2 + 2 + 0 = 4.",
  pass: "Direction",
  forward: "forward",
  backward: "backward",
  example: "The chapter's examples",
  single: "one sample, one channel",
  batch: "batch",
};
