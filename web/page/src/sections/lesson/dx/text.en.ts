import type { Words } from "../../../i18n/words.ts";
import type { zh } from "./text.zh.ts";

export const en: Words<typeof zh> = {
  title: "2. The error that goes back to the input, δ_out (dx)",
  contribute:
    "The gradient of the loss J with respect to a: a11 contributes to z11 alone; a12 contributes to z11 and z12, so the two partial derivatives are added; a22 is the most involved, as it contributes to every output.",
  turn: "Look at the order of the w in formula (7): the kernel has been rotated by 180 degrees and is convolved with the incoming error, and that gives the error of every element. The a of formulas (5) and (6) sit at the edge, just as with padding in the forward pass.",
  pad: "So the incoming error matrix δ_in is padded with zeros and multiplied with the rotated kernel to give the outgoing error matrix δ_out: 2 rings of zeros for weights of 3×3, 4 for 5×5, and so on, N−1 for N×N, so that δ_out has the right size; and fewer by the padding of the forward pass.",
  stride:
    "Where the stride of the forward pass is not 1, zeros are first put between the numbers of δ_in: the equivalent error array of stride 1.",
  two: "The same numbers come about in two ways. Method 1 gathers: each dx fetches the terms it needs from δ. col2img scatters: each δ is multiplied with the kernel and added onto its window; play it to see dx add up step by step.",
  method: "Method",
  gather: "gather (method 1, rot180)",
  scatter: "scatter (col2img)",
};
