// What a person can set in the laboratory: one plain object, from which everything else follows.

export type Operation = "conv2d" | "maxPool2d" | "avgPool2d";
export type Direction = "forward" | "backward" | "both";
/** One way backward or forward, as times are taken of it. */
export type Pass = "forward" | "backward";
/** How a result is computed: the package's algorithms, and plain JavaScript. */
export type Path = "direct" | "im2col" | "winograd" | "winograd4" | "reference" | "plain";
export type Source = "digits" | "picture" | "random";
export type Distribution = "normal" | "uniform";
/** Filters: random, or four classical 3×3 ones in turn. */
export type Filters = "normal" | "edges";
/** What comes back from the layer behind, the chapter's delta_in. */
export type Delta = "ones" | "uniform" | "normal";
export type Pair = readonly [number, number];

export interface Settings {
  readonly operation: Operation;
  readonly source: Source;
  /** The first of the digits. */
  readonly firstDigit: number;
  readonly planes: "grey" | "rgb";
  readonly distribution: Distribution;
  readonly seed: number;
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  /** Filters; convolution only. */
  readonly k: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly groups: number;
  readonly filters: Filters;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly delta: Delta;
  readonly reduction: "sum" | "mean";
  readonly direction: Direction;
  readonly paths: readonly Path[];
  /** Builds of the package besides the fastest on one thread: further lines of method 1 and 2. */
  readonly extras: readonly Extra[];
  /** Rounds that are always run; more follow until the intervals are narrow. */
  readonly rounds: number;
  /** When to stop the rounds beyond these, in seconds. */
  readonly timeLimit: number;
}

/** "main" is the fastest build that the engine runs, on one thread. */
export type Build = "main" | Extra;
export type Extra = "baseline" | "threads";

/** One line of a run: a path by a build of the package. */
export interface Line {
  readonly id: string;
  readonly path: Path;
  readonly build: Build;
}

export const PATHS: readonly Path[] = [
  "direct",
  "im2col",
  "winograd",
  "winograd4",
  "reference",
  "plain",
];
/** The side of the output tiles of Winograd's algorithms; of the others, none. */
export const tileOf = (path: Path): number | undefined =>
  path === "winograd" ? 2 : path === "winograd4" ? 4 : undefined;

/** Whether these settings can be run by a path. */
export const applies = (path: Path, { operation, kernel, stride, dilation }: Settings): boolean =>
  tileOf(path) === undefined ||
  (operation === "conv2d" &&
    kernel.every((extent) => extent === 3) &&
    [...stride, ...dilation].every((step) => step === 1));

export const EXTRAS: readonly Extra[] = ["baseline", "threads"];

/** All lines of a run, the first of them the one that the others are compared with. */
export function linesOf({ paths, extras }: Settings): readonly Line[] {
  const main = paths.map((path): Line => ({ id: path, path, build: "main" }));
  const further = extras.flatMap((build) =>
    paths
      .filter((path) => path === "direct" || path === "im2col")
      .map((path): Line => ({ id: `${path}@${build}`, path, build })),
  );
  return [...main, ...further];
}

/** The passes that a direction stands for. */
export function passesOf(direction: Direction): readonly Pass[] {
  return direction === "both" ? ["forward", "backward"] : [direction];
}

/** Before anything is chosen; each preset says where it differs. */
export const defaults: Settings = {
  operation: "conv2d",
  source: "random",
  firstDigit: 0,
  planes: "rgb",
  distribution: "normal",
  seed: 1,
  n: 64,
  c: 3,
  h: 28,
  w: 28,
  k: 4,
  kernel: [3, 3],
  stride: [1, 1],
  padding: [0, 0],
  dilation: [1, 1],
  groups: 1,
  filters: "normal",
  ceilMode: false,
  countIncludePad: false,
  delta: "normal",
  reduction: "sum",
  direction: "both",
  paths: ["direct", "im2col", "plain"],
  extras: [],
  rounds: 30,
  timeLimit: 10,
};
