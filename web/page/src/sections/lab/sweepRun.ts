// A sweep as the worker does it: each step is timed like a run, with fewer rounds.
import type { ConvGrad } from "convgrad";
import { operationsOf } from "./geometry.ts";
import type { Host } from "./run.ts";
import { makeRunner, type Runner } from "./runners.ts";
import { linesOf } from "./settings.ts";
import { ratioOf, summarise } from "./statistics.ts";
import type { SweepPoint, SweepStep } from "./sweep.ts";
import { type Series, type TimingEnd, takeTimes } from "./timing.ts";
import { makeWorkload } from "./workload.ts";

export type SweepReport =
  | { readonly kind: "stage"; readonly done: number; readonly of: number }
  | { readonly kind: "point"; readonly point: SweepPoint };

const ROUNDS = 15;

export async function runSweep(
  host: Host,
  steps: readonly SweepStep[],
  report: (report: SweepReport) => void,
): Promise<TimingEnd> {
  const { cg } = await host.open("main");
  try {
    for (const [done, step] of steps.entries()) {
      report({ kind: "stage", done, of: steps.length });
      const point = await measure(host, cg, step);
      if (!point) return "cancelled";
      report({ kind: "point", point });
      cg.releaseMemory();
    }
    return "rounds";
  } finally {
    cg.dispose();
  }
}

async function measure(
  { clock, step }: Host,
  cg: ConvGrad,
  { settings, value }: SweepStep,
): Promise<SweepPoint | undefined> {
  const work = makeWorkload(settings);
  const runners: Runner[] = [];
  try {
    const lines = linesOf(settings);
    for (const { path } of lines) runners.push(makeRunner(path, cg, work));
    for (const runner of runners) {
      runner.forward();
      runner.backward();
    }
    const agree = sameResults(runners);
    const jobs = lines.flatMap((line, which) =>
      (["forward", "backward"] as const).map((pass) => ({
        line,
        pass,
        call: () => runners[which]?.[pass](),
      })),
    );
    let series: readonly Series[] = [];
    const plan = { rounds: ROUNDS, limit: 0, step, seed: settings.seed };
    const end = await takeTimes(jobs, plan, clock, (timing) => {
      series = timing.series;
    });
    if (end === "cancelled") return undefined;
    const times = series.flatMap(({ line, pass, samples }) => {
      const summary = summarise(samples);
      const base = series.find((each) => each.pass === pass);
      const ratio = base && base.line !== line ? ratioOf(samples, base.samples) : undefined;
      return summary ? [{ line, pass, summary, ratio }] : [];
    });
    const operations = {
      forward: operationsOf(settings, "forward"),
      backward: operationsOf(settings, "backward"),
    };
    return { value, operations, times, agree };
  } finally {
    for (const runner of runners) runner.dispose();
  }
}

/** A rough check that the times are of the same work: the run itself compares strictly. */
function sameResults([first, second]: readonly Runner[]): boolean {
  const [a, b] = [
    first?.results(["forward", "backward"]),
    second?.results(["forward", "backward"]),
  ];
  return (["y", "dx", "dw", "db"] as const).every((name) => {
    const [one, other] = [a?.[name]?.data ?? [], b?.[name]?.data ?? []];
    let [largest, apart] = [0, 0];
    for (let i = 0; i < one.length; ++i) {
      largest = Math.max(largest, Math.abs(other[i] as number));
      apart = Math.max(apart, Math.abs((one[i] as number) - (other[i] as number)));
    }
    return one.length === other.length && apart <= 1e-4 * largest;
  });
}
