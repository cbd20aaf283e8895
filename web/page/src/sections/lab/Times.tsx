import { formatNumber, t } from "../../i18n/index.ts";
import { StripPlots } from "./charts/StripPlot.tsx";
import { type Group, groupsOf, type Row, samplesOf, unitFor } from "./groups.ts";
import { NumbersTable } from "./NumbersTable.tsx";
import { type RunState, useLab } from "./state.ts";
import { summarise, type Verdict } from "./statistics.ts";
import { estimateText, lineName, passName } from "./words.ts";

/** Words for a table; a verdict's sentences stand above it. */
const SHORT = {
  faster: "lab.verdict.shortFaster",
  slower: "lab.verdict.shortSlower",
  same: "lab.verdict.shortSame",
  unsure: "lab.verdict.shortUnsure",
  few: "lab.verdict.shortFew",
} as const;
/** Beside the words, so that colour never tells alone. */
const SIGNS: Readonly<Record<Verdict, string>> = {
  faster: "▲",
  slower: "▼",
  same: "=",
  unsure: "?",
  few: "?",
};

export function Times({ run }: { run: RunState }) {
  const groups = groupsOf(run.settings, run.timing?.series ?? []);
  if (groups.length === 0) return null;
  const { unit, scale } = unitFor(
    groups.flatMap(({ rows }) => rows.map(({ summary }) => summary.median)),
  );
  const pools = run.settings.operation !== "conv2d";
  const base = groups[0]?.rows[0]?.line;
  const dropped = run.timing?.dropped ?? 0;
  return (
    <section class="card" aria-labelledby="times-title" data-panel="times">
      <h3 id="times-title">{t("lab.times.title")}</h3>
      <p class="hint">
        {t("lab.times.caption")} {t("lab.times.unit", { unit: t(`unit.${unit}`) })}
      </p>
      <NumbersTable
        class="times"
        label={t("lab.times.title")}
        columns={[
          t("lab.times.path"),
          t("lab.times.median"),
          t("lab.times.ratio", {
            base: base ? lineName(base, run.settings.operation) : "",
          }),
          t(pools ? "lab.times.poolRate" : "lab.times.rate"),
          t("lab.times.quartiles"),
          t("lab.times.p95"),
          t("lab.times.calls"),
        ]}
      >
        {groups.map((group) => (
          <GroupRows key={group.name} group={group} scale={scale} run={run} />
        ))}
      </NumbersTable>
      <p class="hint">{t(pools ? "lab.times.poolRateNote" : "lab.times.rateNote")}</p>
      {dropped > 0 && <p class="hint">{t("lab.times.dropped", { count: dropped })}</p>}
      <h4>{t("lab.times.plotTitle")}</h4>
      <StripPlots run={run} groups={groups} unit={unit} scale={scale} />
    </section>
  );
}

function GroupRows({ group, scale, run }: { group: Group; scale: number; run: RunState }) {
  const { earlier } = useLab();
  return (
    <tbody data-pass={group.name}>
      <tr class="group">
        <th scope="rowgroup" colSpan={7}>
          {passName(group.name)}
        </th>
      </tr>
      {group.rows.map((row) => (
        <TimeRow key={row.line.id} row={row} scale={scale} run={run} />
      ))}
      {earlier.value.flatMap(({ name, series }) =>
        group.rows.map(({ line }) => {
          const summary = summarise(samplesOf(series, line.id, group.name));
          if (!summary) return null;
          return (
            <tr key={`${name} ${line.id}`} class="earlier" data-earlier={line.id}>
              <th scope="row">
                {lineName(line, run.settings.operation)}{" "}
                <small>{t("lab.times.earlier", { name })}</small>
              </th>
              <td>{formatNumber(summary.median * scale)}</td>
              <td />
              <td />
              <td>{quartiles(summary, scale)}</td>
              <td>{formatNumber(summary.p95 * scale)}</td>
              <td>{summary.count}</td>
            </tr>
          );
        }),
      )}
    </tbody>
  );
}

function TimeRow({ row, scale, run }: { row: Row; scale: number; run: RunState }) {
  const { line, summary, rate, compared, batch } = row;
  return (
    <tr data-path={line.path} data-line={line.id}>
      <th scope="row">{lineName(line, run.settings.operation)}</th>
      <td data-median={summary.median}>{formatNumber(summary.median * scale)}</td>
      <td class="ratio" data-verdict={compared?.verdict}>
        {compared ? (
          <>
            {estimateText(compared.ratio)}{" "}
            <span class={`short ${compared.verdict}`}>
              {SIGNS[compared.verdict]} {t(SHORT[compared.verdict])}
            </span>
          </>
        ) : (
          <small>{t("lab.times.base")}</small>
        )}
      </td>
      <td>{formatNumber(rate)}</td>
      <td>{quartiles(summary, scale)}</td>
      <td>{formatNumber(summary.p95 * scale)}</td>
      <td>{batch === undefined ? summary.count : `${summary.count} × ${batch}`}</td>
    </tr>
  );
}

const quartiles = ({ q1, q3 }: { q1: number; q3: number }, scale: number) =>
  `${formatNumber(q1 * scale)}–${formatNumber(q3 * scale)}`;
