// The matrices of img2col and col2img, linked.
import { type Extents, shapesOf } from "../convolution.ts";
import { moved, type Shape4, unflat } from "../layout.ts";
import type { Cell, Figure, Grid, Sum, Term } from "../linked/figure.ts";
import { type Computed, placeOf, type State } from "./model.ts";

/** As many as the chapter's picture has: red, yellow, blue, green. */
const COLOURS = 4;

export function figure(state: State, computed: Computed, step: number): Figure {
  const { extents: e, numbers } = state.convolution;
  const shapes = shapesOf(e);
  const columns = e.c * e.r * e.s;
  const rows = e.n * shapes.dy[2] * shapes.dy[3];
  const x: Grid = {
    id: "x",
    word: "x",
    code: "",
    shape: shapes.x,
    data: numbers.x,
    editable: true,
  };
  const w: Grid = {
    id: "w",
    word: "w",
    code: "",
    shape: shapes.w,
    data: numbers.w,
    editable: true,
    planes: "filters",
  };
  const colX = moved(
    { id: "colX", word: "col_x", code: "cg.im2col(x)", shape: [rows, columns], operator: "→" },
    x,
    (at) => placeOf(e, Math.floor(at / columns), at % columns),
  );
  const colW = moved(
    { id: "colW", word: "col_w", code: "cg.im2col(w)ᵀ", shape: [columns, e.k], operator: "→" },
    w,
    (at) => (at % e.k) * columns + Math.floor(at / e.k),
  );
  const grids = {
    x,
    w,
    colX: { ...colX, data: computed.colX },
    colW: { ...colW, data: computed.colW },
  };
  return state.pass === "forward"
    ? forward(e, computed, grids)
    : backward(state, computed, grids, step);
}

type Grids = Readonly<Record<"x" | "w" | "colX" | "colW", Grid>>;

/** One row of a matrix for each output position: from [N, K, OH, OW]. */
const rowOf = ([, k, h, w]: Shape4, row: number, channel: number) =>
  (Math.floor(row / (h * w)) * k + channel) * h * w + (row % (h * w));

function forward(e: Extents, computed: Computed, { x, w, colX, colW }: Grids): Figure {
  const shape = shapesOf(e).dy;
  const columns = e.c * e.r * e.s;
  const z2d: Grid = {
    id: "z2d",
    word: "z_2d",
    code: "col_x · col_w",
    shape: [computed.z2d.length / e.k, e.k],
    data: computed.z2d,
    operator: "=",
    newLine: true,
    sumOf: (at) => ({
      kind: "sum",
      terms: Array.from({ length: columns }, (_, i) => [
        { grid: "colX", at: Math.floor(at / e.k) * columns + i },
        { grid: "colW", at: i * e.k + (at % e.k) },
      ]),
    }),
  };
  const area = shape[2] * shape[3];
  const z = moved(
    { id: "z", word: "z", code: "y = cg.conv2d(x, w)", shape, operator: "→" },
    z2d,
    (at) => {
      const [n, k] = unflat(shape, at);
      return (n * area + (at % area)) * e.k + k;
    },
  );
  return [x, colX, w, colW, z2d, { ...z, data: computed.z }];
}

function backward(
  state: State,
  computed: Computed,
  { x, w, colX, colW }: Grids,
  step: number,
): Figure {
  const { extents: e, numbers } = state.convolution;
  const shapes = shapesOf(e);
  const [columns, { k }] = [e.c * e.r * e.s, e];
  const rows = computed.dcol.length / columns;
  const product = (count: number, term: (i: number) => Term): Sum => ({
    kind: "sum",
    terms: Array.from({ length: count }, (_, i) => term(i)),
  });
  const deltaIn: Grid = {
    id: "dy",
    word: "δ_in",
    code: "dy",
    shape: shapes.dy,
    data: numbers.dy,
    editable: true,
    newLine: true,
  };
  const delta2d = moved(
    { id: "delta2d", word: "δ_in_2d", code: "reshape(-1, K)", shape: [rows, k], operator: "→" },
    deltaIn,
    (at) => rowOf(shapes.dy, Math.floor(at / k), at % k),
  );
  const dW2d: Grid = {
    id: "dW2d",
    word: "dW_2d",
    code: "col_xᵀ · δ_in_2d ÷ N",
    shape: [columns, k],
    data: computed.dW2d,
    sumOf: (at) => ({
      ...product(rows, (row) => [
        { grid: "colX", at: row * columns + Math.floor(at / k) },
        { grid: "delta2d", at: row * k + (at % k) },
      ]),
      ...(e.n === 1 ? {} : { divisor: e.n }),
    }),
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
    sumOf: (at) =>
      product(k, (i) => [
        { grid: "delta2d", at: Math.floor(at / columns) * k + i },
        { grid: "colW", at: (at % columns) * k + i },
      ]),
  };
  return [
    x,
    colX,
    w,
    colW,
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
  const { extents: e } = state.convolution;
  const terms = termsOf(e, state.broken, done);
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
    sumOf: (at) => {
      const own = terms[at] ?? [];
      return { kind: own.length === 0 ? "zero" : "sum", terms: own };
    },
  };
}

const placesOf = (e: Extents, row: number) =>
  Array.from({ length: e.c * e.r * e.s }, (_, column) => placeOf(e, row, column)).filter(
    (place) => place !== undefined,
  );

/** For every place of x the elements of dcol's first rows that come back to it. */
function termsOf(e: Extents, broken: boolean, rows: number): readonly Cell[][][] {
  const columns = e.c * e.r * e.s;
  const terms: Cell[][][] = Array.from({ length: e.n * e.c * e.h * e.w }, () => []);
  for (let at = 0; at < rows * columns; ++at) {
    const place = placeOf(e, Math.floor(at / columns), at % columns);
    if (place === undefined) continue;
    const term = [{ grid: "dcol", at }];
    if (broken) terms[place] = [term];
    else terms[place]?.push(term);
  }
  return terms;
}

/** The cells a player visits: forward, every product; back, for each row that place of its window where most meet. */
export function pathOf({ convolution, pass }: State, computed: Computed): readonly Cell[] {
  const { extents: e } = convolution;
  if (pass === "forward") return computed.z2d.map((_, at) => ({ grid: "z2d", at }));
  const rows = computed.partial.length - 1;
  const meeting = termsOf(e, false, rows).map(({ length }) => length);
  return Array.from({ length: rows }, (_, row) => {
    const places = placesOf(e, row);
    const most = Math.max(...places.map((place) => meeting[place] as number));
    return { grid: "dx", at: places.find((place) => meeting[place] === most) ?? 0 };
  });
}
