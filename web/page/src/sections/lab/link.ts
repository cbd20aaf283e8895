// Settings as the parameters of an address, and back. What an address says is believed only where it
// is legal: numbers are clamped, unknown words ignored, and what cannot run together is made to fit.
import { adapt } from "./adapt.ts";
import { axisOf, span } from "./geometry.ts";
import { type Bounds, LIMITS, problemsOf } from "./rules.ts";
import {
  applies,
  EXTRAS,
  type Extra,
  PATHS,
  type Pair,
  type Path,
  type Settings,
} from "./settings.ts";
import { firstSetup, type Setup } from "./setup.ts";
import { PARAMETERS, POINTS, RANGES, type SweepPlan } from "./sweep.ts";

/** What begins the names of the laboratory's parameters. */
export const PREFIX = "lab.";

const WORDS = {
  operation: ["conv2d", "maxPool2d", "avgPool2d"],
  source: ["digits", "picture", "random"],
  planes: ["grey", "rgb"],
  distribution: ["normal", "uniform"],
  filters: ["normal", "edges"],
  delta: ["ones", "uniform", "normal"],
  reduction: ["sum", "mean"],
  direction: ["forward", "backward", "both"],
} as const;
const NUMBERS = [
  ...(["firstDigit", "seed", "n", "c", "h", "w", "k", "groups"] as const),
  ...(["rounds", "timeLimit"] as const),
];
const PAIRS = ["kernel", "stride", "padding", "dilation"] as const;
const FLAGS = ["ceilMode", "countIncludePad"] as const;

const written = (value: unknown): string =>
  Array.isArray(value)
    ? value.join(value.every((each) => typeof each === "number") ? "x" : ".")
    : String(value);

/** Name and value of everything that is not as at first. */
export function parametersOf({ settings, sweep }: Setup): readonly (readonly [string, string])[] {
  const names = Object.keys(firstSetup.settings) as (keyof Settings)[];
  const set = names.map((name) => [name, written(settings[name])] as const);
  const swept = [sweep.parameter, sweep.from, sweep.to, sweep.points].map(written).join(".");
  const first = new Map(names.map((name) => [name as string, written(firstSetup.settings[name])]));
  const { parameter, from, to, points } = firstSetup.sweep;
  first.set("sweep", [parameter, from, to, points].join("."));
  return [...set, ["sweep", swept] as const]
    .filter(([name, value]) => first.get(name) !== value)
    .map(([name, value]) => [PREFIX + name, value] as const);
}

/** The setup that an address asks for, as near as is legal. */
export function setupFrom(get: (name: string) => string | null): Setup {
  const asked: Record<string, unknown> = {};
  const ask = (name: string) => get(PREFIX + name);
  for (const [name, words] of Object.entries(WORDS)) {
    const word = ask(name);
    if (word !== null && (words as readonly string[]).includes(word)) asked[name] = word;
  }
  for (const name of NUMBERS) {
    const number = numberIn(ask(name), LIMITS[name]);
    if (number !== undefined) asked[name] = number;
  }
  for (const name of PAIRS) {
    const [a, b] = (ask(name) ?? "").split("x").map((text) => numberIn(text, LIMITS[name]));
    if (a !== undefined) asked[name] = [a, b ?? a];
  }
  for (const name of FLAGS) {
    const flag = ask(name);
    if (flag === "true" || flag === "false") asked[name] = flag === "true";
  }
  const paths = among<Path>(ask("paths"), PATHS);
  if (paths && paths.length > 0) asked.paths = paths;
  const extras = among<Extra>(ask("extras"), EXTRAS);
  if (extras) asked.extras = extras;
  const settings = legal({ ...firstSetup.settings, ...(asked as Partial<Settings>) });
  return { settings, sweep: planFrom(ask("sweep")) };
}

function planFrom(text: string | null): SweepPlan {
  const [name, ...numbers] = (text ?? "").split(".");
  const parameter = PARAMETERS.find((each) => each === name);
  if (!parameter) return firstSetup.sweep;
  const [from, to] = numbers.map((number) => numberIn(number, RANGES[parameter]));
  const points = numberIn(numbers[2] ?? null, POINTS);
  if (from === undefined || to === undefined || points === undefined) return firstSetup.sweep;
  return { parameter, from: Math.min(from, to), to: Math.max(from, to), points };
}

/** A whole number, clamped; undefined for anything else. */
function numberIn(text: string | null, { min, max }: Bounds): number | undefined {
  if (text === null || !/^-?\d{1,15}$/.test(text)) return undefined;
  return Math.max(min, Math.min(max, Number(text)));
}

/** Those of a list that are known, in our order. */
function among<T extends string>(text: string | null, known: readonly T[]): T[] | undefined {
  if (text === null) return undefined;
  const named = text.split(".");
  return known.filter((each) => named.includes(each));
}

/** The nearest settings that can run: windows that fit, groups that divide, work that ends. */
export function legal(wanted: Settings): Settings {
  // Where the input decides about extents, it does so as when it is chosen.
  let fitting = adapt({ ...wanted, source: "random", operation: "conv2d" }, wanted);
  const both = (of: (axis: 0 | 1) => number): Pair => [of(0), of(1)];
  if (fitting.operation !== "conv2d") {
    const padding = both((a) => Math.min(fitting.padding[a], fitting.kernel[a] - 1));
    fitting = { ...fitting, padding };
  }
  const reach = (a: 0 | 1) => axisOf(fitting, a).extent + 2 * fitting.padding[a];
  const fits = (a: 0 | 1) => span(axisOf(fitting, a)) <= reach(a);
  fitting = { ...fitting, dilation: both((a) => (fits(a) ? fitting.dilation[a] : 1)) };
  fitting = {
    ...fitting,
    kernel: both((a) => Math.min(fitting.kernel[a], reach(a))),
  };
  if (fitting.kernel.some((extent) => extent !== 3)) fitting = { ...fitting, filters: "normal" };
  const paths = fitting.paths.filter((path) => applies(path, fitting));
  fitting = { ...fitting, paths: paths.length > 0 ? paths : firstSetup.settings.paths };
  for (const name of ["n", "k", "c", "h", "w"] as const) {
    while (fitting[name] > 1 && problemsOf(fitting).some(({ field }) => field === "size")) {
      const before = fitting[name];
      fitting = adapt(fitting, { [name]: Math.ceil(before / 2) });
      if (fitting[name] === before) break;
    }
  }
  return problemsOf(fitting).length === 0 ? fitting : firstSetup.settings;
}
