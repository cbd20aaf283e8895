// "When the weights are N×N, delta_in needs padding = N − 1."
import type { ConvGrad } from "convgrad";
import { counting, type Part, padded, type SizePart, type Worked } from "./worked.ts";

/** Input A and N; the last is the chapter's own example with the sizes it prints. */
const CASES: readonly { input: [number, number]; n: number; printed?: readonly number[][] }[] = [
  { input: [3, 3], n: 2 },
  { input: [5, 5], n: 3 },
  {
    input: [10, 8],
    n: 5,
    printed: [
      [10, 8],
      [5, 5],
      [6, 4],
      [14, 12],
      [10, 8],
    ],
  },
];

export function workPadding(cg: ConvGrad): Worked {
  const parts: Part[] = CASES.map(({ input, n, printed }): SizePart => {
    const a = counting([1, 1, ...input], 1);
    const w = counting([1, 1, n, n], 1);
    const z = cg.conv2d(a, w);
    // Small integers, different everywhere, and every sum below 2²⁴: exact whatever the order.
    const dz = counting(z.shape, 1);
    const wide = padded(cg, dz, n - 1);
    const da = cg.conv2d(wide, cg.rot180(w));
    const { dx } = cg.conv2dBackward(dz, a, w);
    const steps = [
      { label: "A", size: a.shape.slice(2) },
      { label: "W", size: w.shape.slice(2) },
      { label: "Z", size: z.shape.slice(2) },
      { label: `δ_z + ${n - 1} padding`, size: wide.shape.slice(2) },
      { label: "δ_a", size: da.shape.slice(2) },
    ];
    const sameSizes =
      !printed || JSON.stringify(steps.map(({ size }) => size)) === JSON.stringify(printed);
    const sameValues =
      da.data.length === dx.data.length && da.data.every((value, i) => value === dx.data[i]);
    return {
      kind: "size",
      note: printed ? "paddingPrinted" : "paddingCase",
      steps,
      agrees: sameSizes && sameValues,
    };
  });
  return { id: "padding", parts };
}
