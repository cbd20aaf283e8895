// What the series of a run say, pass by pass and line by line.
import { operationsOf } from "./geometry.ts";
import { type Line, linesOf, type Pass, passesOf, type Settings } from "./settings.ts";
import {
  type Estimate,
  ratioOf,
  type Summary,
  summarise,
  type Verdict,
  verdictOf,
} from "./statistics.ts";
import type { Series } from "./timing.ts";

export interface Row {
  readonly line: Line;
  readonly samples: readonly number[];
  readonly summary: Summary;
  /** Calls in a sample; absent for sums of both passes. */
  readonly batch?: number;
  /** 10⁹ operations a second. */
  readonly rate: number;
  /** To the base, and what that says; absent for the base. */
  readonly compared?: { readonly ratio: Estimate | undefined; readonly verdict: Verdict };
}

export interface Group {
  readonly name: Pass | "both";
  /** The first row is the base. */
  readonly rows: readonly Row[];
}

/** One group for each pass, and one for both together where both were timed. */
export function groupsOf(settings: Settings, series: readonly Series[]): readonly Group[] {
  const passes = passesOf(settings.direction);
  const lines = linesOf(settings);
  const names: readonly Group["name"][] = passes.length === 2 ? [...passes, "both"] : passes;
  return names
    .map((name): Group => {
      const operations = (name === "both" ? passes : [name]).reduce(
        (sum, pass) => sum + operationsOf(settings, pass),
        0,
      );
      const base = samplesOf(series, lines[0]?.id ?? "", name);
      const rows = lines.flatMap((line, index): Row[] => {
        const samples = samplesOf(series, line.id, name);
        const summary = summarise(samples);
        if (!summary) return [];
        const ratio = ratioOf(samples, base);
        const batch = series.find((each) => each.line.id === line.id && each.pass === name)?.batch;
        return [
          {
            line,
            samples,
            summary,
            rate: operations / summary.median / 1e6,
            ...(batch === undefined ? {} : { batch }),
            ...(index === 0 ? {} : { compared: { ratio, verdict: verdictOf(ratio) } }),
          },
        ];
      });
      return { name, rows };
    })
    .filter(({ rows }) => rows.length > 0);
}

/** Milliseconds a call, round by round; for both passes those of a forward and a backward call. */
export function samplesOf(
  series: readonly Series[],
  line: string,
  name: Group["name"],
): readonly number[] {
  const of = (pass: Pass) =>
    series.find((each) => each.line.id === line && each.pass === pass)?.samples ?? [];
  if (name !== "both") return of(name);
  const [forward, backward] = [of("forward"), of("backward")];
  return forward
    .slice(0, backward.length)
    .map((value, round) => value + (backward[round] as number));
}

/** Milliseconds, or what suits times like these better. */
export function unitFor(times: readonly number[]): { unit: "ms" | "us" | "s"; scale: number } {
  const shortest = Math.min(...times);
  if (shortest < 0.1) return { unit: "us", scale: 1000 };
  return shortest >= 1000 ? { unit: "s", scale: 1e-3 } : { unit: "ms", scale: 1 };
}
