// The numerical gradient, and what is held against it.

/** How far from the numerical gradient a gradient may be, relative to the largest: float32 rounds. */
const TOLERANCE = 1e-3;

/** (J(v + ε) − J(v − ε)) / 2ε for every v in `values`, which are as before in the end. */
export function numericalGradient(
  values: Float32Array,
  loss: () => number,
  epsilon = 0.5,
): number[] {
  return Array.from(values, (value, at) => {
    values[at] = value + epsilon;
    const above = loss();
    values[at] = value - epsilon;
    const below = loss();
    values[at] = value;
    return (above - below) / (2 * epsilon);
  });
}

/** J = Σ dy·y: the loss whose gradient with respect to y is dy. */
export function weighted(y: Float32Array, dy: Float32Array): number {
  return y.reduce((sum, value, i) => sum + value * (dy[i] as number), 0);
}

export interface Check {
  readonly wrong: readonly boolean[];
  /** The largest difference. */
  readonly difference: number;
  /** What the numerical gradient is. */
  readonly numerical: readonly number[];
}

/** @param least what counts as the largest where all are smaller */
export function compare(found: ArrayLike<number>, numerical: readonly number[], least = 1): Check {
  const size = numerical.reduce((most, value) => Math.max(most, Math.abs(value)), least);
  const differences = numerical.map((value, i) => Math.abs(value - (found[i] as number)));
  return {
    wrong: differences.map((difference) => !(difference <= TOLERANCE * size)),
    difference: Math.max(0, ...differences),
    numerical,
  };
}
