// Max and mean pooling, forward and backward, with stride 2 and with stride 1. The chapter's picture is
// not in its text, so the input is one that shows what the text says of it.
import type { ConvGrad } from "convgrad";
import { counting, given, type NoteId, type Part, shown, tensor, type Worked } from "./worked.ts";

/** b is the largest of the first window; with stride 1 nothing but 3 and 4 comes out. */
const X = tensor([1, 1, 4, 4], [1, 3, 1, 2, 2, 1, 4, 1, 1, 3, 2, 0, 0, 1, 2, 3]);
/** The 4 one pixel further to the right. */
const X_SHIFTED = tensor([1, 1, 4, 4], [1, 3, 1, 2, 2, 1, 1, 4, 1, 3, 2, 0, 0, 1, 2, 3]);
const RESIDUAL = counting([1, 1, 2, 2], 1);
const RESIDUAL_3X3 = counting([1, 1, 3, 3], 1);

const APART = { kernel: 2, stride: 2 };
const OVERLAPPING = { kernel: 2, stride: 1 };

/** What the chapter's rules give, worked out by hand. */
const BY_RULE = {
  max: [3, 4, 3, 3],
  maxBack: [0, 1, 0, 0, 0, 0, 2, 0, 0, 3, 0, 0, 0, 0, 0, 4],
  mean: [7 / 4, 8 / 4, 5 / 4, 7 / 4],
  meanBack: [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4].map((value) => value / 4),
  maxOverlapping: [3, 4, 4, 3, 4, 4, 3, 3, 3],
  maxOverlappingBack: [0, 1, 0, 0, 0, 0, 16, 0, 0, 19, 0, 0, 0, 0, 0, 9],
  meanOverlapping: [7, 9, 8, 7, 10, 7, 5, 8, 7].map((value) => value / 4),
  meanOverlappingBack: [1, 3, 5, 3, 5, 12, 16, 9, 11, 24, 28, 15, 7, 15, 17, 9].map(
    (value) => value / 4,
  ),
};

export function workPooling(cg: ConvGrad): Worked {
  const max = cg.maxPool2d(X, APART);
  const overlapping = cg.maxPool2d(X, OVERLAPPING);
  const back = (note: NoteId, word: string, code: string) => ({ note, word, code });
  const parts: Part[] = [
    given({ note: "poolX", word: "x" }, X),
    size("poolSize", X.shape, 2, 2, max.y.shape),
    shown(
      { note: "poolMax", word: "w = max(a, b, e, f)", code: "cg.maxPool2d(x, { kernel: 2 }).y" },
      max.y,
      BY_RULE.max,
      "rule",
    ),
    shown(
      { note: "poolShift", word: "w = max(a, b, e, f)", code: "cg.maxPool2d(shifted x, …).y" },
      cg.maxPool2d(X_SHIFTED, APART).y,
      BY_RULE.max,
      "rule",
    ),
    given({ note: "poolResidual", word: "[[1,2],[3,4]]", code: "dy" }, RESIDUAL),
    shown(
      back(
        "poolMaxBack",
        "δ_b = δ_w,  δ_a = δ_e = δ_f = 0",
        "cg.maxPool2dBackward(dy, indices, …)",
      ),
      cg.maxPool2dBackward(RESIDUAL, max.indices, X.shape, APART),
      BY_RULE.maxBack,
      "rule",
    ),
    shown(
      { note: "poolMean", word: "w = ¼(a + b + e + f)", code: "cg.avgPool2d(x, { kernel: 2 })" },
      cg.avgPool2d(X, APART),
      BY_RULE.mean,
      "rule",
    ),
    shown(
      back("poolMeanBack", "δ_a = δ_b = δ_e = δ_f = ¼ δ_w", "cg.avgPool2dBackward(dy, x.shape, …)"),
      cg.avgPool2dBackward(RESIDUAL, X.shape, APART),
      BY_RULE.meanBack,
      "rule",
    ),
    size("poolSizeOverlapping", X.shape, 2, 1, overlapping.y.shape),
    shown(
      {
        note: "poolMaxOverlapping",
        word: "stride=1, size=2x2",
        code: "cg.maxPool2d(x, { kernel: 2, stride: 1 }).y",
      },
      overlapping.y,
      BY_RULE.maxOverlapping,
      "rule",
    ),
    given({ note: "poolResidualOverlapping", word: "δ_w", code: "dy" }, RESIDUAL_3X3),
    shown(
      back("poolMaxOverlappingBack", "δ_x", "cg.maxPool2dBackward(dy, indices, …)"),
      cg.maxPool2dBackward(RESIDUAL_3X3, overlapping.indices, X.shape, OVERLAPPING),
      BY_RULE.maxOverlappingBack,
      "rule",
    ),
    shown(
      {
        note: "poolMeanOverlapping",
        word: "w = ¼(a + b + e + f)",
        code: "cg.avgPool2d(x, { kernel: 2, stride: 1 })",
      },
      cg.avgPool2d(X, OVERLAPPING),
      BY_RULE.meanOverlapping,
      "rule",
    ),
    shown(
      back("poolMeanOverlappingBack", "δ_x", "cg.avgPool2dBackward(dy, x.shape, …)"),
      cg.avgPool2dBackward(RESIDUAL_3X3, X.shape, OVERLAPPING),
      BY_RULE.meanOverlappingBack,
      "rule",
    ),
  ];
  return { id: "pooling", parts };
}

/** W₂ = (W₁ − F)/S + 1, held against what the package made of it. */
function size(
  note: NoteId,
  x: readonly number[],
  f: number,
  s: number,
  y: readonly number[],
): Part {
  const [, , , before] = x as readonly [number, number, number, number];
  const after = (before - f) / s + 1;
  return {
    kind: "size",
    note,
    steps: [
      { label: "W₁×H₁", size: x.slice(2) },
      { label: "F", size: [f, f] },
      { label: "S", size: [s] },
      { label: `W₂ = (${before} − ${f})/${s} + 1`, size: y.slice(2) },
    ],
    agrees: y[2] === after && y[3] === after,
  };
}
