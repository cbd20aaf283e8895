// A step of the training as linked matrices; the picture and what is made of it are too many numbers to
// read, and are shown as pictures.
import { type Scale, scaleOf } from "../../../ui/palette.ts";
import { sum } from "../grids.ts";
import { flat, over, unflat } from "../indices.ts";
import type { Figure, Grid } from "../linked/figure.ts";
import type { Computed, Task } from "./model.ts";

/** From the darkest to the lightest pixel, around 0 though they are. */
const greyOf = (x: Float32Array): Scale => ({
  min: Math.min(...x),
  max: Math.max(...x),
  signed: false,
});

export function figure({ x, side, kernel, rate, broken }: Task, computed: Computed): Figure {
  const inner = side - 2;
  const divided = broken === "mean" ? {} : { divisor: inner ** 2 };
  const shapes = { x: [1, 1, side, side], z: [1, 1, inner, inner], w: [1, 1, 3, 3] } as const;
  const scale = scaleOf(computed.target);
  const { w = [], before } = computed.path.at(-1) ?? {};
  const given = (id: string, data: ArrayLike<number>) =>
    ({ id, word: id, code: "", shape: shapes.w, data, digits: 3, editable: true }) as const;
  const filtered = (by: string) => (at: number) => {
    const [, , i, j] = unflat(shapes.z, at);
    return sum(
      over([3, 3], (r, s) => [
        { grid: by, at: r * 3 + s },
        { grid: "x", at: flat(shapes.x, 0, 0, i + r, j + s) },
      ]),
    );
  };
  const image = (id: string, word: string, code: string, data: Float32Array): Grid => ({
    ...{ id, word, code, data },
    shape: shapes.z,
    picture: scale,
    operator: "=",
  });
  return [
    { ...given("x", x), shape: shapes.x, picture: greyOf(x) },
    { ...given("W", w), operator: "*" },
    { ...image("z", "z", "cg.conv2d(x, W)", computed.output), sumOf: filtered("W") },
    { ...given("sought", kernel), word: "W*", newLine: true },
    {
      ...image("t", "t", "cg.conv2d(x, W*)", computed.target),
      operator: "→",
      sumOf: filtered("sought"),
    },
    {
      ...image(
        "delta",
        "δ_in",
        divided.divisor ? `(z − t) ÷ ${inner ** 2}` : "z − t",
        computed.delta,
      ),
      picture: scaleOf(computed.delta),
      operator: "",
      sumOf: (at) => ({
        ...sum([[{ grid: "z", at }], [{ grid: "t", at }]]),
        minus: 1,
        ...divided,
      }),
    },
    ...(before
      ? [{ ...given("before", before), word: "dW_old", editable: false, newLine: true }]
      : []),
    {
      id: "dW",
      word: "dW",
      code: "dw",
      shape: shapes.w,
      data: computed.dw,
      digits: 3,
      ...(before ? { operator: "+=" } : { newLine: true }),
      wrong: computed.check.wrong,
      sumOf: (at) => {
        const [, , r, s] = unflat(shapes.w, at);
        const products = over([inner, inner], (i, j) => [
          { grid: "x", at: flat(shapes.x, 0, 0, i + r, j + s) },
          { grid: "delta", at: i * inner + j },
        ]);
        return sum(before ? [[{ grid: "before", at }], ...products] : products);
      },
    },
    { ...given("rate", [rate]), word: "η", shape: [1], operator: "·" },
    {
      id: "next",
      word: "W′",
      code: "W − η·dW",
      shape: shapes.w,
      data: computed.next,
      digits: 3,
      operator: "→",
      sumOf: (at) => ({
        ...sum([
          [{ grid: "W", at }],
          [
            { grid: "rate", at: 0 },
            { grid: "dW", at },
          ],
        ]),
        minus: 1,
      }),
    },
  ];
}
