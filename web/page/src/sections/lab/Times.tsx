import { formatNumber, t } from "../../i18n/index.ts";
import { ScrollBox } from "../../ui/ScrollBox.tsx";
import { operationsOf } from "./geometry.ts";
import { type Path, passesOf, type Settings } from "./settings.ts";
import type { RunState } from "./state.ts";
import { type Summary, summarise } from "./statistics.ts";
import { pathName, pathNote } from "./words.ts";

interface Row {
  readonly path: Path;
  readonly summary: Summary;
  /** "rounds × calls" */
  readonly calls: string;
  readonly rate: number;
}

interface Group {
  readonly name: "forward" | "backward" | "both";
  readonly rows: readonly Row[];
}

export function Times({ run }: { run: RunState }) {
  const groups = groupsOf(run);
  if (groups.length === 0) return null;
  const { unit, scale } = unitFor(groups);
  const pools = run.settings.operation !== "conv2d";
  return (
    <section class="card" aria-labelledby="times-title">
      <h3 id="times-title">{t("lab.times.title")}</h3>
      <p class="hint">
        {t("lab.times.caption")} {t("lab.times.unit", { unit: t(`unit.${unit}`) })}
      </p>
      <ScrollBox label={t("lab.times.title")}>
        <table class="numbers times">
          <thead>
            <tr>
              <th scope="col">{t("lab.times.path")}</th>
              <th scope="col">{t("lab.times.median")}</th>
              <th scope="col" class="wide">
                {t("lab.times.ratio")}
              </th>
              <th scope="col">{t(pools ? "lab.times.poolRate" : "lab.times.rate")}</th>
              <th scope="col">{t("lab.times.min")}</th>
              <th scope="col">{t("lab.times.p95")}</th>
              <th scope="col">{t("lab.times.calls")}</th>
            </tr>
          </thead>
          {groups.map((group) => (
            <GroupRows key={group.name} group={group} scale={scale} run={run} />
          ))}
        </table>
      </ScrollBox>
      <p class="hint">{t(pools ? "lab.times.poolRateNote" : "lab.times.rateNote")}</p>
    </section>
  );
}

function GroupRows({ group, scale, run }: { group: Group; scale: number; run: RunState }) {
  const medians = group.rows.map(({ summary }) => summary.median);
  const [fastest, slowest] = [Math.min(...medians), Math.max(...medians)];
  const title = group.name === "both" ? t("lab.times.both") : t(`lab.how.${group.name}`);
  return (
    <tbody data-pass={group.name}>
      <tr class="group">
        <th scope="rowgroup" colSpan={7}>
          {title}
        </th>
      </tr>
      {group.rows.map(({ path, summary, calls, rate }) => (
        <tr key={path} data-path={path}>
          <th scope="row">
            {pathName(path, run.settings.operation)} <small>{pathNote(path)}</small>
          </th>
          <td data-median={summary.median}>{formatNumber(summary.median * scale)}</td>
          <td class="wide">
            <span class="ratio">
              <span
                class={summary.median === fastest ? "bar best" : "bar"}
                style={{ width: `${Math.max(3, (100 * summary.median) / slowest)}%` }}
              />
              <span class="times-sign">{formatNumber(summary.median / fastest)}×</span>
            </span>
          </td>
          <td>{formatNumber(rate)}</td>
          <td>{formatNumber(summary.min * scale)}</td>
          <td>{formatNumber(summary.p95 * scale)}</td>
          <td>{calls}</td>
        </tr>
      ))}
    </tbody>
  );
}

/** One group for each pass, and one for both together where both were timed. */
function groupsOf({ settings, series }: RunState): readonly Group[] {
  const passes = passesOf(settings.direction);
  const groups: Group[] = passes.map((name) => ({
    name,
    rows: settings.paths.flatMap((path) => {
      const found = series.find((each) => each.path === path && each.pass === name);
      const summary = found && summarise(found.samples);
      if (!found || !summary) return [];
      const rate = operationsOf(settings, name) / summary.median / 1e6;
      return [{ path, summary, calls: `${summary.count} × ${found.batch}`, rate }];
    }),
  }));
  if (passes.length === 2) groups.push({ name: "both", rows: bothRows(settings, series) });
  return groups.filter(({ rows }) => rows.length > 0);
}

/** Forward and backward of the same round, added. */
function bothRows(settings: Settings, series: RunState["series"]): readonly Row[] {
  return settings.paths.flatMap((path) => {
    const summary = summarise(sumOfPasses(series, path));
    if (!summary) return [];
    const work = operationsOf(settings, "forward") + operationsOf(settings, "backward");
    const rate = work / summary.median / 1e6;
    return [{ path, summary, calls: String(summary.count), rate }];
  });
}

/** Milliseconds of a forward and a backward call, round by round. */
export function sumOfPasses(series: RunState["series"], path: Path): number[] {
  const of = (pass: "forward" | "backward") =>
    series.find((each) => each.path === path && each.pass === pass)?.samples ?? [];
  const [forward, backward] = [of("forward"), of("backward")];
  return forward
    .slice(0, backward.length)
    .map((value, round) => value + (backward[round] as number));
}

/** Milliseconds, or what suits the fastest better. */
function unitFor(groups: readonly Group[]): { unit: "ms" | "us" | "s"; scale: number } {
  const medians = groups.flatMap(({ rows }) => rows.map(({ summary }) => summary.median));
  const fastest = Math.min(...medians);
  if (fastest < 0.1) return { unit: "us", scale: 1000 };
  return fastest >= 1000 ? { unit: "s", scale: 1e-3 } : { unit: "ms", scale: 1 };
}
