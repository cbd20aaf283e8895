// The matrices of img2col and col2img, linked.
import { type Extents, shapesOf } from "../convolution.ts";
import { arrivals, moved, operand, sum } from "../grids.ts";
import { flat, over, unflat } from "../indices.ts";
import type { Cell, Figure, Grid, Sum } from "../linked/figure.ts";
import { type Computed, placeOf, type State } from "./model.ts";

/** As many as the chapter's picture has: red, yellow, blue, green. */
const COLOURS = 4;

/** The extents of the matrices: one row for each output position, one column for each weight of a filter. */
function matricesOf(e: Extents) {
  const { dy } = shapesOf(e);
  const area = dy[2] * dy[3];
  return { k: e.k, area, rows: e.n * area, columns: e.c * e.r * e.s };
}

type Place = (row: number, column: number) => Cell;
const cells =
  (grid: string, width: number): Place =>
  (row, column) => ({ grid, at: row * width + column });
const transposed =
  (place: Place): Place =>
  (row, column) =>
    place(column, row);

/** The sums that a product of matrices is; its second factor has so many rows and columns. */
const productOf =
  (left: Place, right: Place, rows: number, columns: number) =>
  (at: number): Sum =>
    sum(over([rows], (i) => [left(Math.floor(at / columns), i), right(i, at % columns)]));

export function figure(state: State, computed: Computed, step: number): Figure {
  const { extents: e } = state;
  const { k, rows, columns } = matricesOf(e);
  const [x, w] = [operand(state, "x"), operand(state, "w")];
  const colX = moved(
    { id: "colX", word: "col_x", code: "cg.im2col(x)", shape: [rows, columns], operator: "→" },
    x,
    (at) => placeOf(e, Math.floor(at / columns), at % columns),
  );
  const colW = moved(
    { id: "colW", word: "col_w", code: "cg.im2col(w)ᵀ", shape: [columns, k], operator: "→" },
    w,
    (at) => (at % k) * columns + Math.floor(at / k),
  );
  return [
    x,
    { ...colX, data: computed.colX },
    w,
    { ...colW, data: computed.colW },
    ...(state.pass === "forward" ? forward(e, computed) : backward(state, computed, step)),
  ];
}

function forward(e: Extents, computed: Computed): Figure {
  const { k, area, rows, columns } = matricesOf(e);
  const shape = shapesOf(e).dy;
  const z2d: Grid = {
    id: "z2d",
    word: "z_2d",
    code: "col_x · col_w",
    shape: [rows, k],
    data: computed.z2d,
    operator: "=",
    newLine: true,
    sumOf: productOf(cells("colX", columns), cells("colW", k), columns, k),
  };
  const z = moved(
    { id: "z", word: "z", code: "y = cg.conv2d(x, w)", shape, operator: "→" },
    z2d,
    (at) => {
      const [n, channel] = unflat(shape, at);
      return (n * area + (at % area)) * k + channel;
    },
  );
  return [z2d, { ...z, data: computed.z }];
}

function backward(state: State, computed: Computed, step: number): Figure {
  const { extents: e } = state;
  const shapes = shapesOf(e);
  const { k, area, rows, columns } = matricesOf(e);
  const deltaIn = { ...operand(state, "dy"), newLine: true };
  const delta2d = moved(
    { id: "delta2d", word: "δ_in_2d", code: "reshape(-1, K)", shape: [rows, k], operator: "→" },
    deltaIn,
    (at) => {
      const [n, place, channel] = unflat([e.n, area, k] as const, at);
      return flat([e.n, k, area], n, channel, place);
    },
  );
  const undivided = productOf(transposed(cells("colX", columns)), cells("delta2d", k), rows, k);
  const dW2d: Grid = {
    id: "dW2d",
    word: "dW_2d",
    code: "col_xᵀ · δ_in_2d ÷ N",
    shape: [columns, k],
    data: computed.dW2d,
    sumOf: (at) => ({ ...undivided(at), ...(e.n === 1 ? {} : { divisor: e.n }) }),
  };
  const dW = moved(
    { id: "dW", word: "dW", code: "dw", shape: shapes.w, planes: "filters", operator: "→" },
    dW2d,
    (at) => (at % columns) * k + Math.floor(at / columns),
  );
  const done = step === 0 ? rows : step;
  const dcol: Grid = {
    id: "dcol",
    word: "dcol",
    code: "δ_in_2d · col_wᵀ",
    shape: [rows, columns],
    data: computed.dcol,
    newLine: true,
    tint: (at) => Math.floor(at / columns) % COLOURS,
    pending: (at) => Math.floor(at / columns) >= done,
    sumOf: productOf(cells("delta2d", k), transposed(cells("colW", k)), k, columns),
  };
  return [
    deltaIn,
    delta2d,
    dW2d,
    { ...dW, data: computed.dW },
    dcol,
    deltaOut(state, computed, step, done),
  ];
}

/** delta_out as it stands after the player's step; the window of that step has its row's colour. */
function deltaOut(state: State, computed: Computed, step: number, done: number): Grid {
  const { extents: e, broken } = state;
  const terms = termsOf(e, broken, done);
  const now = new Set(step === 0 ? [] : placesOf(e, step - 1));
  return {
    id: "dx",
    word: "δ_out",
    code: "cg.col2im(dcol)",
    shape: shapesOf(e).x,
    data: computed.partial[done] ?? [],
    operator: "→",
    tint: (at) => (now.has(at) ? (step - 1) % COLOURS : undefined),
    wrong: step === 0 ? computed.check.wrong : [],
    sumOf: (at) => sum(terms[at] ?? []),
  };
}

const placesOf = (e: Extents, row: number) =>
  over([matricesOf(e).columns], (column) => placeOf(e, row, column)).filter(
    (place) => place !== undefined,
  );

/** For every place of x the elements of dcol's first rows that come back to it. */
function termsOf(e: Extents, broken: boolean, rows: number) {
  const moves = over([rows, matricesOf(e).columns], (row, column) => {
    const place = placeOf(e, row, column);
    const from = { grid: "dcol", at: row * matricesOf(e).columns + column };
    return place === undefined ? undefined : ([place, [from]] as const);
  });
  return arrivals(
    e.n * e.c * e.h * e.w,
    broken,
    moves.filter((move) => move !== undefined),
  );
}

/** The cells a player visits: forward, every product; back, for each row that place of its window where most meet. */
export function pathOf({ extents: e, pass }: State, computed: Computed): readonly Cell[] {
  if (pass === "forward") return computed.z2d.map((_, at) => ({ grid: "z2d", at }));
  const { rows } = matricesOf(e);
  const meeting = termsOf(e, false, rows).map(({ length }) => length);
  return over([rows], (row) => {
    const places = placesOf(e, row);
    const most = Math.max(...places.map((place) => meeting[place] as number));
    return { grid: "dx", at: places.find((place) => meeting[place] === most) ?? 0 };
  });
}
