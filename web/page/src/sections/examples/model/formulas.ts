// Formulas (1)-(8): a 3×3 input A, a 2×2 kernel W, a bias b, and what comes back from behind.
import type { ConvGrad } from "convgrad";
import {
  counting,
  type FormulaPart,
  given,
  type Part,
  padded,
  shown,
  type Term,
  tensor,
  type Worked,
} from "./worked.ts";

const A = counting([1, 1, 3, 3], 1);
const W = counting([1, 1, 2, 2], 1);
const B = 5;
const DELTA_IN = tensor([1, 1, 2, 2], [5, 6, 7, 8]);

type Names = readonly (readonly [string, string])[];

/** As the chapter prints them: the terms of z, and those of ∂J/∂a. */
const FORWARD: readonly { number: string; name: string; terms: Names }[] = [
  ["(1)", "z11", "w11·a11 w12·a12 w21·a21 w22·a22"],
  ["(2)", "z12", "w11·a12 w12·a13 w21·a22 w22·a23"],
  ["(3)", "z21", "w11·a21 w12·a22 w21·a31 w22·a32"],
  ["(4)", "z22", "w11·a22 w12·a23 w21·a32 w22·a33"],
].map(readFormula);

/** Formulas 5 to 7 are printed, "and likewise for all a" stands for the others. */
const PRINTED_BACKWARD = 3;
const BACKWARD: readonly { number: string; name: string; terms: Names }[] = [
  ["(5)", "δa11", "δz11·w11"],
  ["(6)", "δa12", "δz11·w12 δz12·w11"],
  ["(7)", "δa22", "δz11·w22 δz12·w21 δz21·w12 δz22·w11"],
  ["", "δa13", "δz12·w12"],
  ["", "δa21", "δz11·w21 δz21·w11"],
  ["", "δa23", "δz12·w22 δz22·w12"],
  ["", "δa31", "δz21·w21"],
  ["", "δa32", "δz21·w22 δz22·w21"],
  ["", "δa33", "δz22·w22"],
].map(readFormula);

function readFormula([number, name, terms]: string[]) {
  const pairs = (terms as string).split(" ").map((term) => term.split("·") as [string, string]);
  return { number: number as string, name: name as string, terms: pairs };
}

export function workFormulas(cg: ConvGrad): Worked {
  const z = cg.conv2d(A, W, { bias: tensor([1], [B]) });
  const { dx } = cg.conv2dBackward(DELTA_IN, A, W);
  const values = new Map<string, number>();
  const name = (prefix: string, data: Float32Array, width: number) =>
    data.forEach((value, i) => {
      values.set(`${prefix}${Math.floor(i / width) + 1}${(i % width) + 1}`, value);
    });
  name("a", A.data, 3);
  name("w", W.data, 2);
  name("δz", DELTA_IN.data, 2);
  name("z", z.data, 2);
  name("δa", dx.data, 3);
  const value = (of: string) => values.get(of) as number;

  const formula = (
    { number, name, terms }: (typeof FORWARD)[number],
    constant?: { name: string; value: number },
  ): FormulaPart => {
    const written: Term[] = terms.map(([a, b]) => ({
      names: [a, b],
      values: [value(a), value(b)],
    }));
    const products = written.map(({ values: [a, b] }) => a * b);
    const sum = products.reduce((a, b) => a + b, constant?.value ?? 0);
    const computed = value(name);
    const part = { kind: "formula", number, name, terms: written, sum, computed } as const;
    return { ...part, ...(constant ? { constant } : {}), agrees: sum === computed };
  };

  const rotated = cg.rot180(W);
  const surrounded = padded(cg, DELTA_IN, 1);
  const united = cg.conv2d(surrounded, rotated);
  const forward = FORWARD.map((line) => formula(line, { name: "b", value: B }));
  const parts: Part[] = [
    given({ note: "formulaA", word: "A", code: "x" }, A),
    given({ note: "formulaW", word: "W", code: "w", planes: "filters" }, W),
    ...forward,
    shown(
      { note: "formulaZ", word: "Z = W * A + b", code: "cg.conv2d(x, w, { bias })" },
      z,
      forward.map(({ sum }) => sum),
      "rule",
    ),
    given({ note: "formulaDelta", word: "δ_in", code: "dy" }, DELTA_IN),
    ...BACKWARD.slice(0, PRINTED_BACKWARD).map((line) => formula(line)),
    { kind: "remark", note: "formulaLikewise", agrees: undefined },
    ...BACKWARD.slice(PRINTED_BACKWARD).map((line) => formula(line)),
    shown(
      { note: "formulaPadded", word: "δ_in + zero padding", code: "dy + 1" },
      surrounded,
      [0, 0, 0, 0, 0, 5, 6, 0, 0, 7, 8, 0, 0, 0, 0, 0],
      "rule",
    ),
    shown(
      { note: "formulaRotated", word: "W rot180", code: "cg.rot180(w)", planes: "filters" },
      rotated,
      [4, 3, 2, 1],
      "rule",
    ),
    shown(
      {
        note: "formula8",
        word: "(8)  δ_out = δ_in * W rot180",
        code: "cg.conv2d(dy + 1, cg.rot180(w))",
      },
      united,
      dx.data,
      "otherWay",
    ),
  ];
  return { id: "formulas", parts };
}
