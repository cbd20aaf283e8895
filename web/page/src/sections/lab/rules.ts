// Which settings are legal, which values each field may take given the others, and in words why not.
import {
  axisOf,
  elements,
  geometryOf,
  memoryOf,
  operationsOf,
  positions,
  span,
} from "./geometry.ts";
import { applies, PATHS, passesOf, type Settings } from "./settings.ts";

/** The fields that can be wrong. */
export type Field =
  | "firstDigit"
  | "seed"
  | "n"
  | "c"
  | "h"
  | "w"
  | "k"
  | "kernel0"
  | "kernel1"
  | "stride0"
  | "stride1"
  | "padding0"
  | "padding1"
  | "dilation0"
  | "dilation1"
  | "groups"
  | "filters"
  | "paths"
  | "rounds"
  | "timeLimit"
  | "size";

/** Why a field's value does not do; `values` fill the sentence. */
export interface Problem {
  readonly field: Field;
  readonly reason:
    | "range"
    | "window"
    | "poolPadding"
    | "digits"
    | "groups"
    | "edges"
    | "noPath"
    | "winograd"
    | "memory"
    | "work";
  readonly values: Readonly<Record<string, number>>;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export const DIGITS = { count: 512, height: 28, width: 28 };
const MAX_EXTENT = 512;
const MAX_KERNEL = 31;
const MAX_DILATION = 16;
/** Bytes that all tensors of a run may take. */
export const MAX_MEMORY = 1024 * 2 ** 20;
/** Arithmetic operations that one call may take: some seconds for plain loops. */
export const MAX_WORK = 20e9;

/** What each number may be, whatever the others are. */
export const LIMITS = {
  firstDigit: { min: 0, max: DIGITS.count - 1 },
  seed: { min: 0, max: 2 ** 31 - 1 },
  n: { min: 1, max: MAX_EXTENT },
  c: { min: 1, max: MAX_EXTENT },
  h: { min: 1, max: MAX_EXTENT },
  w: { min: 1, max: MAX_EXTENT },
  k: { min: 1, max: MAX_EXTENT },
  kernel: { min: 1, max: MAX_KERNEL },
  stride: { min: 1, max: 2 * MAX_EXTENT },
  padding: { min: 0, max: MAX_KERNEL },
  dilation: { min: 1, max: MAX_DILATION },
  groups: { min: 1, max: MAX_EXTENT },
  /** Fewer rounds give no interval worth the name. */
  rounds: { min: 30, max: 1000 },
  timeLimit: { min: 1, max: 600 },
} as const;

const clamp = (value: number, min: number, max: number) => Math.max(min, Math.min(max, value));

/**
 * The values that a field may take while all others stay as they are. Never empty for legal settings;
 * for illegal ones at least a single value is left.
 */
export function boundsOf(settings: Settings): Readonly<Record<Field, Bounds>> {
  const pools = settings.operation !== "conv2d";
  const digits = settings.source === "digits";
  const axis = (a: 0 | 1) => {
    const { extent, kernel, stride, padding, dilation } = axisOf(settings, a);
    const padded = extent + 2 * padding;
    const widest = Math.floor((padded - 1) / dilation) + 1;
    const needed = Math.ceil((dilation * (kernel - 1) + 1 - extent) / 2);
    return {
      extent: {
        min: clamp(
          span({ extent, kernel, stride, padding, dilation }) - 2 * padding,
          1,
          MAX_EXTENT,
        ),
        max: MAX_EXTENT,
      },
      kernel: { min: pools ? padding + 1 : 1, max: clamp(widest, 1, MAX_KERNEL) },
      stride: { min: 1, max: Math.max(1, padded) },
      padding: { min: Math.max(0, needed), max: pools ? kernel - 1 : MAX_KERNEL },
      dilation: {
        min: 1,
        max:
          kernel > 1
            ? clamp(Math.floor((padded - 1) / (kernel - 1)), 1, MAX_DILATION)
            : MAX_DILATION,
      },
    };
  };
  const [vertical, horizontal] = [axis(0), axis(1)];
  const largestBatch = digits ? Math.max(1, DIGITS.count - settings.firstDigit) : MAX_EXTENT;
  return {
    firstDigit: { min: 0, max: Math.max(0, DIGITS.count - settings.n) },
    seed: LIMITS.seed,
    n: { min: 1, max: largestBatch },
    c: LIMITS.c,
    h: vertical.extent,
    w: horizontal.extent,
    k: LIMITS.k,
    kernel0: vertical.kernel,
    kernel1: horizontal.kernel,
    stride0: vertical.stride,
    stride1: horizontal.stride,
    padding0: vertical.padding,
    padding1: horizontal.padding,
    dilation0: vertical.dilation,
    dilation1: horizontal.dilation,
    groups: { min: 1, max: Math.min(settings.c, settings.k) },
    filters: { min: 0, max: 1 },
    paths: { min: 1, max: PATHS.length },
    rounds: LIMITS.rounds,
    timeLimit: LIMITS.timeLimit,
    size: { min: 1, max: MAX_EXTENT },
  };
}

/** The group counts that divide channels and filters alike. */
export function legalGroups({ c, k }: Settings): readonly number[] {
  const all = Array.from({ length: Math.max(0, Math.min(c, k)) || 0 }, (_, i) => i + 1);
  return all.filter((g) => c % g === 0 && k % g === 0);
}

/** Everything that is wrong, the first of it first. Empty: the settings can run. */
export function problemsOf(settings: Settings): readonly Problem[] {
  const found: Problem[] = [];
  const wrong = (field: Field, reason: Problem["reason"], values: Record<string, number> = {}) =>
    found.push({ field, reason, values });
  const convolves = settings.operation === "conv2d";
  const whole = (field: Field, value: number, { min, max }: Bounds) => {
    if (!Number.isInteger(value) || value < min || value > max) {
      wrong(field, "range", { min, max });
    }
  };

  for (const name of ["n", "c", "h", "w", "seed", "rounds", "timeLimit"] as const) {
    whole(name, settings[name], LIMITS[name]);
  }
  if (convolves) whole("k", settings.k, LIMITS.k);
  for (const name of ["kernel", "stride", "padding", "dilation"] as const) {
    for (const a of [0, 1] as const) whole(`${name}${a}`, settings[name][a], LIMITS[name]);
  }
  if (settings.source === "digits") {
    whole("firstDigit", settings.firstDigit, LIMITS.firstDigit);
    if (settings.firstDigit + settings.n > DIGITS.count) {
      wrong("n", "digits", { count: DIGITS.count, left: DIGITS.count - settings.firstDigit });
    }
  }
  if (settings.paths.length === 0) wrong("paths", "noPath");
  // Relations mean something between sound numbers only.
  if (found.some(({ reason }) => reason === "range")) return found;

  for (const a of [0, 1] as const) {
    const axis = axisOf(settings, a);
    if (!convolves && axis.padding >= axis.kernel) {
      wrong(`padding${a}`, "poolPadding", { padding: axis.padding, kernel: axis.kernel });
    }
    if (positions(axis, false) < 1) {
      wrong(`kernel${a}`, "window", { span: span(axis), padded: axis.extent + 2 * axis.padding });
    }
  }
  if (convolves && !legalGroups(settings).includes(settings.groups)) {
    wrong("groups", "groups", { groups: settings.groups, c: settings.c, k: settings.k });
  }
  if (!settings.paths.every((path) => applies(path, settings))) wrong("paths", "winograd");
  const isEdge = settings.kernel[0] === 3 && settings.kernel[1] === 3;
  if (convolves && settings.filters === "edges" && !isEdge) wrong("filters", "edges");
  if (found.length > 0) return found;

  const memory = memoryOf(settings);
  if (memory > MAX_MEMORY) {
    wrong("size", "memory", { megabytes: memory / 2 ** 20, max: MAX_MEMORY / 2 ** 20 });
  }
  const work = Math.max(...passesOf(settings.direction).map((p) => operationsOf(settings, p)));
  if (work > MAX_WORK) wrong("size", "work", { billions: work / 1e9, max: MAX_WORK / 1e9 });
  return found;
}

/** Whether the extents are sound enough to be shown: the output has at least one element. */
export function hasOutput(settings: Settings): boolean {
  const blocking = problemsOf(settings).some(({ field }) => field !== "paths" && field !== "size");
  return !blocking && elements(geometryOf(settings).y) > 0;
}
