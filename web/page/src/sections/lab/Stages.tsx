import { formatNumber, t } from "../../i18n/index.ts";
import { ScrollBox } from "../../ui/ScrollBox.tsx";
import { LineCell } from "./LineCell.tsx";
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
      <ScrollBox label={t("lab.stages.title")}>
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col">{t("lab.times.path")}</th>
              <th scope="col" class="words">
                {t("lab.how.direction")}
              </th>
              <th scope="col">{t("lab.stages.load")}</th>
              <th scope="col">{t("lab.stages.first")}</th>
              <th scope="col">{t("lab.stages.steady")}</th>
              <th scope="col">{t("lab.stages.times")}</th>
            </tr>
          </thead>
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
        </table>
      </ScrollBox>
    </section>
  );
}
