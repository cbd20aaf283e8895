// What pooling does to a picture, and to the same picture moved to the side.
import type { ConvGrad, PlainTensor } from "convgrad";

export interface PictureState {
  /** [side, side] in [0, 1]. */
  readonly pixels: Float32Array;
  readonly side: number;
  readonly kind: "max" | "mean";
  readonly size: number;
  /** Pixels to the right. */
  readonly shift: number;
}

export interface PictureComputed {
  readonly shifted: Float32Array;
  readonly pooled: Float32Array;
  readonly pooledSide: number;
  /** Share of the numbers that differ visibly from those of the picture unmoved: before and after pooling. */
  readonly changedBefore: number;
  readonly changedAfter: number;
}

/** A difference that can be seen: a sixteenth of the way from black to white. */
const VISIBLE = 1 / 16;

export function compute(cg: ConvGrad, state: PictureState): PictureComputed {
  const { pixels, side, kind, size, shift } = state;
  const shifted = pixels.map((_, at) => {
    const column = Math.max(0, (at % side) - shift);
    return pixels[at - (at % side) + column] as number;
  });
  const pool = (data: Float32Array): PlainTensor => {
    const x = { shape: [1, 1, side, side], data };
    return kind === "max" ? cg.maxPool2d(x, { kernel: size }).y : cg.avgPool2d(x, { kernel: size });
  };
  const [before, after] = [pool(pixels), pool(shifted)];
  return {
    shifted,
    pooled: after.data,
    pooledSide: after.shape[3] as number,
    changedBefore: changed(pixels, shifted),
    changedAfter: changed(before.data, after.data),
  };
}

const changed = (a: Float32Array, b: Float32Array) =>
  a.filter((value, i) => Math.abs(value - (b[i] as number)) > VISIBLE).length / a.length;
