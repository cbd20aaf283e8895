import type { Words } from "../../../i18n/words.ts";
import type { zh } from "./text.zh.ts";

export const en: Words<typeof zh> = {
  title: "1. The forward convolution",
  what: "W is the kernel, * stands for convolution (cross-correlation), A (x) is the input of the layer, b the bias, and Z the layer's output, before any activation function.",
  how: "The kernel covers a window of the input; numbers that meet are multiplied, the products added, and the bias too: that is one output. Choose any number: what it is made of and where it is used light up.",
  agree: "direct, img2col and the double-precision reference agree",
  differ: "direct, img2col and the double-precision reference differ",
};
