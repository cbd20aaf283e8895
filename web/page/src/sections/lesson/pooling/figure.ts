// The matrices of pooling, linked.
import type { Cell, Figure, Grid, Sum } from "../linked/figure.ts";
import { type Computed, outputSide, paddedX, SIDE, type State, windowOf } from "./model.ts";

export function figure(state: State, computed: Computed): Figure {
  const side = outputSide(state);
  const x: Grid = {
    id: "x",
    word: "x",
    code: "",
    shape: [1, 1, SIDE, SIDE],
    data: state.x,
    editable: true,
  };
  const zeros = state.broken === "zeroPadding" ? [paddedX(state)] : [];
  const y: Grid = {
    id: "y",
    word: "w",
    code: state.kind === "max" ? "cg.maxPool2d(x).y" : "cg.avgPool2d(x)",
    shape: [1, 1, side, side],
    data: computed.y,
    operator: "→",
    sumOf: (at) => forward(state, at),
  };
  const dy: Grid = {
    id: "dy",
    word: "δ_w",
    code: "dy",
    shape: [1, 1, side, side],
    data: state.dy,
    editable: true,
    newLine: true,
  };
  const dx: Grid = {
    id: "dx",
    word: "δ_x",
    code: "dx",
    shape: [1, 1, SIDE, SIDE],
    data: computed.dx,
    operator: "→",
    wrong: computed.check.wrong,
    sumOf: (at) => backward(state, computed, at),
  };
  return [x, ...zeros, y, dy, dx];
}

function forward(state: State, window: number): Sum {
  const cells: readonly Cell[] =
    state.broken === "zeroPadding"
      ? paddedWindow(state, window)
      : windowOf(state, window).map((at) => ({ grid: "x", at }));
  const terms = cells.map((cell) => [cell]);
  return state.kind === "max"
    ? { kind: "max", terms }
    : { kind: "sum", terms, divisor: terms.length };
}

function paddedWindow(state: State, window: number): readonly Cell[] {
  const { size, stride, padding } = state;
  const [side, wide] = [outputSide(state), SIDE + 2 * padding];
  const first = Math.floor(window / side) * stride * wide + (window % side) * stride;
  return Array.from({ length: size * size }, (_, tap) => ({
    grid: "xPadded",
    at: first + Math.floor(tap / size) * wide + (tap % size),
  }));
}

/** Which residuals come back to a place: those of the windows whose maximum it is, or of all around it. */
function backward(state: State, { indices }: Computed, at: number): Sum {
  const { padding, kind, size } = state;
  const inPlane =
    state.broken === "zeroPadding"
      ? (Math.floor(at / SIDE) + padding) * (SIDE + 2 * padding) + (at % SIDE) + padding
      : at;
  const windows = state.dy
    .map((_, window) => window)
    .filter((window) =>
      kind === "max" ? indices[window] === inPlane : windowOf(state, window).includes(at),
    );
  const counted = state.broken === "assign" ? windows.slice(-1) : windows;
  if (counted.length === 0) return { kind: "zero", terms: [] };
  const terms = counted.map((window) => [{ grid: "dy", at: window }]);
  return kind === "max" ? { kind: "sum", terms } : { kind: "sum", terms, divisor: size * size };
}
