// A run as a document to keep: raw samples, environment, version; and back, believing nothing.
import { parametersOf, setupFrom } from "./link.ts";
import type { FirstCall, Load, Phases } from "./run.ts";
import { EXTRAS, type Line, linesOf, PATHS, type Pass, type Settings } from "./settings.ts";
import { firstSetup } from "./setup.ts";
import type { RunState, SweepState } from "./state.ts";
import { summarise } from "./statistics.ts";
import { MOST_ROUNDS, type Series } from "./timing.ts";

const FORMAT = "convgrad-lab";
const FORMAT_VERSION = 1;
/** Files larger than this are no runs. */
export const LARGEST_FILE = 16 * 2 ** 20;
/** Earlier runs that are shown at once. */
export const MOST_EARLIER = 4;

/** Where a run was made. */
export interface Environment {
  readonly version: string;
  readonly browser: string;
  readonly cores: number;
  readonly isolated: boolean;
  /** Of the clock, in milliseconds. */
  readonly clockStep: number;
}

/** A run that was loaded from a file. */
export interface EarlierRun {
  readonly name: string;
  readonly made: string;
  readonly environment: Environment;
  readonly settings: Settings;
  readonly series: readonly Series[];
}

/** Why a text is not a run: no JSON of ours, a later form of it, or nothing in it. */
export type Refusal = "format" | "version" | "empty";

export interface RecordedSeries {
  readonly line: string;
  readonly pass: Pass;
  readonly batch: number;
  readonly samples: readonly number[];
}

/** What the export gives. Times are milliseconds a call; one sample for each round. */
export interface RunRecord {
  readonly format: typeof FORMAT;
  readonly formatVersion: number;
  readonly made: string;
  readonly environment: Environment;
  readonly settings: Settings;
  readonly end: string;
  readonly rounds: number;
  readonly droppedRounds: number;
  readonly loads: readonly Load[];
  readonly firstCalls: readonly Of<FirstCall>[];
  readonly series: readonly RecordedSeries[];
  readonly phases: readonly Of<Phases>[];
  readonly agreement: readonly Record<string, unknown>[];
  readonly sweep?: unknown;
}

type Of<T extends { readonly line: Line }> = Omit<T, "line"> & { readonly line: string };
const named = <T extends { readonly line: Line }>({ line, ...rest }: T): Of<T> => ({
  line: line.id,
  ...rest,
});

export function recordOf(
  run: RunState,
  environment: Environment,
  sweep?: SweepState | undefined,
): RunRecord {
  const { timing, agreement = [], adjoint = [], numerical = [] } = run;
  return {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    made: run.made,
    environment,
    settings: run.settings,
    end:
      typeof run.end === "object" ? `failed: ${run.end.failure.message}` : (run.end ?? "running"),
    rounds: timing?.rounds ?? 0,
    droppedRounds: timing?.dropped ?? 0,
    loads: run.loads ?? [],
    firstCalls: (run.firstCalls ?? []).map(named),
    series: (timing?.series ?? []).map(named),
    phases: (run.phases ?? []).map(named),
    agreement: [
      ...agreement.map(({ heat: _, ...rest }) => ({ check: "reference", ...named(rest) })),
      ...adjoint.map((each) => ({ check: "adjoint", ...named(each) })),
      ...numerical.map(({ found, ...rest }) => ({
        check: "difference",
        ...rest,
        found: found.map(named),
      })),
    ],
    ...(sweep ? { sweep: sweepOf(sweep) } : {}),
  };
}

function sweepOf({ plan, settings, points }: SweepState) {
  const flat = points.map(({ times, ...rest }) => ({ ...rest, times: times.map(named) }));
  return { plan, settings, points: flat };
}

/** The raw samples as a table. */
export function csvOf(series: readonly Series[]): string {
  const rows = series.flatMap(({ line, pass, batch, samples }) =>
    samples.map((ms, round) => [line.path, line.build, pass, round, batch, ms].join(",")),
  );
  return ["path,build,pass,round,batch,ms", ...rows, ""].join("\r\n");
}

/** Medians and quartiles of a sweep as a table. */
export function sweepCsvOf({ plan, points }: SweepState): string {
  const rows = points.flatMap(({ value, times }) =>
    times.map(({ line, pass, summary: { q1, median, q3, count } }) =>
      [value, line.path, pass, median, q1, q3, count].join(","),
    ),
  );
  return [`${plan.parameter},path,pass,median_ms,q1_ms,q3_ms,rounds`, ...rows, ""].join("\r\n");
}

/** The run that a text holds, or why there is none. Settings are made legal as those of an address. */
export function readRun(text: string): Omit<EarlierRun, "name"> | { readonly why: Refusal } {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return { why: "format" };
  }
  const document = isObject(given) ? given : {};
  if (document.format !== FORMAT) return { why: "format" };
  if (document.formatVersion !== FORMAT_VERSION) return { why: "version" };
  const environment = isObject(document.environment) ? document.environment : {};
  const settings = isObject(document.settings) ? (document.settings as unknown as Settings) : {};
  const asked = new Map(
    parametersOf({ ...firstSetup, settings: { ...firstSetup.settings, ...settings } }),
  );
  const series = (Array.isArray(document.series) ? document.series : []).flatMap(seriesFrom);
  if (series.length === 0) return { why: "empty" };
  return {
    made: textIn(document.made),
    environment: {
      version: textIn(environment.version),
      browser: textIn(environment.browser),
      cores: numberIn(environment.cores),
      isolated: environment.isolated === true,
      clockStep: numberIn(environment.clockStep),
    },
    settings: setupFrom((name) => asked.get(name) ?? null).settings,
    series,
  };
}

/** All lines that there can be. */
const LINES = new Map(
  linesOf({ ...firstSetup.settings, paths: PATHS, extras: EXTRAS }).map((line) => [line.id, line]),
);

function seriesFrom(given: unknown): Series[] {
  if (!isObject(given) || typeof given.line !== "string") return [];
  const line = LINES.get(given.line);
  const { pass, samples } = given;
  if (!line || (pass !== "forward" && pass !== "backward") || !Array.isArray(samples)) return [];
  const sound = samples.filter((ms): ms is number => Number.isFinite(ms) && ms > 0);
  if (summarise(sound) === undefined) return [];
  return [{ line, pass, batch: numberIn(given.batch) || 1, samples: sound.slice(0, MOST_ROUNDS) }];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textIn = (value: unknown) => (typeof value === "string" ? value.slice(0, 200) : "");
const numberIn = (value: unknown) =>
  typeof value === "number" && Number.isFinite(value) ? value : 0;
