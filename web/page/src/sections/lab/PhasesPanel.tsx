import { t } from "../../i18n/index.ts";
import { geometryOf } from "./geometry.ts";
import { LineCell } from "./LineCell.tsx";
import { NumbersTable } from "./NumbersTable.tsx";
import { passesOf } from "./settings.ts";
import type { RunState } from "./state.ts";
import { formatBytes, passName } from "./words.ts";

/** The phases of a call, as bars and in words, and the memory that it works in. */
export function PhasesPanel({ run }: { run: RunState }) {
  const { phases, settings } = run;
  if (!phases || phases.length === 0) return null;
  const passes = passesOf(settings.direction).length;
  const { col } = geometryOf(settings);
  const whole = formatBytes(4 * col[0] * col[1]);
  return (
    <section class="card" aria-labelledby="phases-title" data-panel="phases">
      <h3 id="phases-title">{t("lab.phases.title")}</h3>
      <p class="hint">
        {t("lab.phases.lead")} {t("lab.phases.columns", { size: whole })}
      </p>
      <NumbersTable
        class="phases"
        label={t("lab.phases.title")}
        columns={[
          t("lab.times.path"),
          { name: t("lab.how.direction"), class: "words" },
          { name: t("lab.phases.table"), class: "wide" },
          t("lab.phases.scratch"),
        ]}
      >
        <tbody>
          {phases.map(({ line, pass, phases: spent, scratch }, index) => {
            const all = spent.reduce((sum, { ms }) => sum + ms, 0);
            const share = (ms: number) => (100 * ms) / all;
            return (
              <tr key={`${line.id} ${pass}`} data-line={line.id} data-pass={pass}>
                <LineCell
                  line={line}
                  operation={settings.operation}
                  rows={passes}
                  row={index % passes}
                />
                <th scope="row">{passName(pass)}</th>
                <td class="wide">
                  <span class="phase-bar" aria-hidden="true">
                    {spent.map(({ name, ms }) => (
                      <i key={name} class={name} style={{ width: `${share(ms)}%` }} />
                    ))}
                  </span>
                  <ul class="phase-list">
                    {spent.map(({ name, ms }) => (
                      <li key={name} data-phase={name}>
                        <i class={name} aria-hidden="true" />
                        {t("lab.phases.value", {
                          phase: t(`lab.phases.${name}`),
                          share: share(ms) < 1 ? "<1" : Math.round(share(ms)),
                        })}
                      </li>
                    ))}
                  </ul>
                </td>
                <td data-scratch={scratch}>{formatBytes(scratch)}</td>
              </tr>
            );
          })}
        </tbody>
      </NumbersTable>
    </section>
  );
}
