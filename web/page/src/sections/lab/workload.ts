// The tensors that a run works on, made from the settings.
import type { PlainTensor } from "convgrad";
import { fill, normal, uniform } from "../../random.ts";
import { elements, geometryOf } from "./geometry.ts";
import type { Settings } from "./settings.ts";

export interface Workload {
  readonly settings: Settings;
  /** [N, C, H, W] */
  readonly x: PlainTensor;
  /** [K, C/groups, R, S] and [K]; convolution only. */
  readonly w?: PlainTensor;
  readonly b?: PlainTensor;
  /** What comes back: the shape of y. */
  readonly dy: PlainTensor;
}

/** Sobel's two, Laplace's, and a blur: what the filters "edges" take in turn. */
const EDGES: readonly (readonly number[])[] = [
  [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  [-1, -2, -1, 0, 0, 0, 1, 2, 1],
  [0, 1, 0, 1, -4, 1, 0, 1, 0],
  [1, 2, 1, 2, 4, 2, 1, 2, 1].map((value) => value / 16),
];

/**
 * `pixels` are the input where it is not random: [N, C, H, W] in [0, 1]. Each tensor draws from a
 * generator of its own, so that changing the one leaves the others.
 */
export function makeWorkload(settings: Settings, pixels?: Float32Array): Workload {
  const shapes = geometryOf(settings);
  const generator = settings.distribution === "normal" ? normal : uniform;
  const x: PlainTensor = {
    shape: shapes.x,
    data: pixels ?? fill(elements(shapes.x), generator(settings.seed)),
  };
  const dy: PlainTensor = { shape: shapes.y, data: makeDelta(settings, elements(shapes.y)) };
  if (!shapes.w) return { settings, x, dy };
  const bias = fill(settings.k, normal(settings.seed + 2));
  return {
    settings,
    x,
    w: { shape: shapes.w, data: makeFilters(settings, shapes.w) },
    b: {
      shape: [settings.k],
      // Edge filters are looked at: no bias that would shift their maps.
      data: settings.filters === "edges" ? new Float32Array(settings.k) : bias,
    },
    dy,
  };
}

function makeFilters(settings: Settings, shape: readonly number[]): Float32Array {
  const count = elements(shape);
  const perFilter = count / settings.k;
  if (settings.filters === "normal") {
    // As networks are initialised: outputs of the size of the inputs, whatever the number of terms.
    const next = normal(settings.seed + 1);
    return fill(count, () => next() / Math.sqrt(perFilter));
  }
  const channels = perFilter / 9;
  const data = new Float32Array(count);
  for (let i = 0; i < count; ++i) {
    const edge = EDGES[Math.floor(i / perFilter) % EDGES.length] as readonly number[];
    data[i] = (edge[i % 9] as number) / channels;
  }
  return data;
}

function makeDelta({ delta, seed }: Settings, count: number): Float32Array {
  if (delta === "ones") return new Float32Array(count).fill(1);
  return fill(count, delta === "uniform" ? uniform(seed + 3) : normal(seed + 3));
}
