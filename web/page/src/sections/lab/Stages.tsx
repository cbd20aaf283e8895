import { formatNumber, t } from "../../i18n/index.ts";
import { LineCell } from "./LineCell.tsx";
import { NumbersTable } from "./NumbersTable.tsx";
import { linesOf, passesOf } from "./settings.ts";
import type { RunState } from "./state.ts";
import { summarise } from "./statistics.ts";
import { passName } from "./words.ts";

/** What a visitor waits for once, and what each call takes from then on. */
export function Stages({ run }: { run: RunState }) {
  const { settings, loads = [], firstCalls = [], timing } = run;
  if (firstCalls.length === 0) return null;
  const passes = passesOf(settings.direction);
  const rows = linesOf(settings).flatMap((line) =>
    passes.map((pass) => {
      const load = loads.find(({ build }) => build === line.build);
      const first = firstCalls.find((each) => each.line.id === line.id && each.pass === pass)?.ms;
      const series = timing?.series.find((each) => each.line.id === line.id && each.pass === pass);
      const steady = series && summarise(series.samples)?.median;
      return { line, pass, load: line.path === "plain" ? undefined : load?.ms, first, steady };
    }),
  );
  const time = (ms: number | undefined) =>
    ms === undefined ? "" : `${formatNumber(ms)} ${t("unit.ms")}`;
  return (
    <section class="card" aria-labelledby="stages-title" data-panel="stages">
      <h3 id="stages-title">{t("lab.stages.title")}</h3>
      <p class="hint">{t("lab.stages.lead")}</p>
      <NumbersTable
        label={t("lab.stages.title")}
        columns={[
          t("lab.times.path"),
          { name: t("lab.how.direction"), class: "words" },
          t("lab.stages.load"),
          t("lab.stages.first"),
          t("lab.stages.steady"),
          t("lab.stages.times"),
        ]}
      >
        <tbody>
          {rows.map(({ line, pass, load, first, steady }, index) => (
            <tr key={`${line.id} ${pass}`} data-line={line.id} data-pass={pass}>
              <LineCell
                line={line}
                operation={settings.operation}
                rows={passes.length}
                row={index % passes.length}
              />
              <th scope="row">{passName(pass)}</th>
              <td data-load={load}>{load === undefined ? t("lab.stages.none") : time(load)}</td>
              <td data-first={first}>{time(first)}</td>
              <td>{time(steady)}</td>
              <td>{first && steady ? `${formatNumber(first / steady)}×` : ""}</td>
            </tr>
          ))}
        </tbody>
      </NumbersTable>
    </section>
  );
}
