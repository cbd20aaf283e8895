import { formatNumber, t } from "../../i18n/index.ts";
import { unravel } from "./agreement.ts";
import { ErrorMap } from "./ErrorMap.tsx";
import { GradientChecks, PassMark } from "./GradientChecks.tsx";
import { NumbersTable } from "./NumbersTable.tsx";
import { presetOf, published } from "./presets.ts";
import type { RunState } from "./state.ts";
import type { Agreement, ChapterCheck } from "./verify.ts";
import { lineName, tensorName } from "./words.ts";

/** Every path's tensors against the reference, and the chapter's checks where it has any. */
export function AgreementPanel({ run }: { run: RunState }) {
  const { agreement, checks, settings } = run;
  if (!agreement) return null;
  const preset = presetOf(settings);
  const isChapters = preset !== undefined && published[preset] !== undefined;
  return (
    <section class="card" aria-labelledby="agreement-title" data-panel="agreement">
      <h3 id="agreement-title">{t("lab.agreement.title")}</h3>
      {agreement.length === 0 ? (
        <p class="hint">{t("lab.agreement.only")}</p>
      ) : (
        <>
          <Conclusion run={run} />
          <p class="hint">{t("lab.agreement.lead")}</p>
          <AgreementTable run={run} agreement={agreement} />
          <p class="tolerance">{t("lab.agreement.formula")}</p>
          <p class="hint">{t("lab.agreement.formulaNote")}</p>
          <ErrorMap agreement={agreement} operation={settings.operation} />
          <GradientChecks run={run} />
        </>
      )}
      {isChapters && checks && checks.length > 0 && <ChapterChecks checks={checks} />}
    </section>
  );
}

/** All checks of the run in one sentence. */
function Conclusion({ run }: { run: RunState }) {
  const { agreement = [], adjoint = [], numerical = [] } = run;
  const all = [...agreement, ...adjoint, ...numerical.flatMap(({ found }) => found)];
  const failed = all.filter(({ pass }) => !pass).length;
  return (
    <p class={failed === 0 ? "verdict good" : "verdict bad"} data-failed={failed}>
      {failed === 0 ? "✓" : "✗"}{" "}
      {t(failed === 0 ? "lab.agreement.allPass" : "lab.agreement.someFail", {
        count: all.length,
        failed,
      })}
    </p>
  );
}

function AgreementTable({ run, agreement }: { run: RunState; agreement: readonly Agreement[] }) {
  const tensors = [...new Set(agreement.map(({ tensor }) => tensor))];
  return (
    <NumbersTable
      class="agreement"
      label={t("lab.agreement.title")}
      columns={[
        t("lab.agreement.tensor"),
        t("lab.agreement.path"),
        t("lab.agreement.verdict"),
        t("lab.agreement.units"),
        t("lab.agreement.absolute"),
        t("lab.agreement.relative"),
        t("lab.agreement.ulp"),
      ]}
    >
      <tbody>
        {tensors.map((tensor) => {
          const rows = agreement.filter((each) => each.tensor === tensor);
          return rows.map((row, index) => (
            <tr
              key={`${tensor} ${row.line.id}`}
              data-tensor={tensor}
              data-path={row.line.path}
              data-line={row.line.id}
            >
              {index === 0 && (
                <th scope="rowgroup" rowSpan={rows.length}>
                  {tensorName(tensor)}
                  <small>{row.shape.join("×")}</small>
                </th>
              )}
              <th scope="row">{lineName(row.line, run.settings.operation)}</th>
              <td data-pass={row.pass}>
                <PassMark pass={row.pass} />
              </td>
              <td>{units(row)}</td>
              <td>{located(row.absolute, row.absoluteAt, row.shape)}</td>
              <td>{located(row.relative, row.relativeAt, row.shape)}</td>
              <td data-ulp={row.ulp}>{located(row.ulp, row.ulpAt, row.shape)}</td>
            </tr>
          ));
        })}
      </tbody>
    </NumbersTable>
  );
}

const units = ({ units: error, factor }: Agreement) =>
  factor === 0 ? t("lab.agreement.exact") : `${formatNumber(error, 2)} / ${factor}`;

function located(value: number, at: number, shape: readonly number[]) {
  if (at < 0) return t("lab.agreement.none");
  return (
    <>
      {formatNumber(value)} <small>[{unravel(at, shape).join(",")}]</small>
    </>
  );
}

/** In the form in which the chapter prints them. */
function ChapterChecks({ checks }: { checks: readonly ChapterCheck[] }) {
  return (
    <div class="chapter-checks">
      <h4>{t("lab.agreement.chapter")}</h4>
      <pre>
        {checks.map(({ word, pass }) => (
          <span key={word} data-check={word}>
            {word}: {t(pass ? "lab.agreement.true" : "lab.agreement.false")}
            {"\n"}
          </span>
        ))}
      </pre>
      <p class="hint">{t("lab.agreement.chapterNote")}</p>
    </div>
  );
}
