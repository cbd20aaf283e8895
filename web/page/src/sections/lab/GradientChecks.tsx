import { formatNumber, t } from "../../i18n/index.ts";
import { unravel } from "./agreement.ts";
import { LineCell } from "./LineCell.tsx";
import { NumbersTable } from "./NumbersTable.tsx";
import { passesOf } from "./settings.ts";
import type { RunState } from "./state.ts";
import { lineName } from "./words.ts";

export function PassMark({ pass }: { pass: boolean }) {
  return (
    <span class={pass ? "verdict good" : "verdict bad"}>
      {pass ? "✓" : "✗"} {t(pass ? "lab.agreement.pass" : "lab.agreement.fail")}
    </span>
  );
}

/** Checks of the backward pass that need no second implementation of it. */
export function GradientChecks({ run }: { run: RunState }) {
  const { adjoint = [], numerical, settings } = run;
  const backward = passesOf(settings.direction).includes("backward");
  return (
    <>
      {adjoint.length > 0 && <Adjoint run={run} />}
      {backward && numerical && (
        <>
          <h4>{t("lab.agreement.numerical")}</h4>
          <p class="hint">
            {t(
              numerical.length > 0
                ? "lab.agreement.numericalNote"
                : "lab.agreement.numericalSkipped",
            )}
          </p>
          {numerical.length > 0 && <Numerical run={run} />}
        </>
      )}
    </>
  );
}

function Adjoint({ run }: { run: RunState }) {
  const { adjoint = [], settings } = run;
  const rows = settings.operation === "conv2d" ? 2 : 1;
  const bias = settings.operation === "conv2d" ? "z − b" : "z";
  return (
    <>
      <h4>{t("lab.agreement.adjoint")}</h4>
      <p class="hint">{t("lab.agreement.adjointNote")}</p>
      <NumbersTable
        data-panel="adjoint"
        label={t("lab.agreement.adjoint")}
        columns={[
          t("lab.agreement.path"),
          { name: t("lab.agreement.identity"), class: "words" },
          t("lab.agreement.left"),
          t("lab.agreement.right"),
          t("lab.agreement.difference"),
          t("lab.agreement.verdict"),
        ]}
      >
        <tbody>
          {adjoint.map(({ line, gradient, forward, backward, tolerance, pass }, index) => (
            <tr key={`${line.id} ${gradient}`} data-line={line.id} data-gradient={gradient}>
              <LineCell line={line} operation={settings.operation} rows={rows} row={index % rows} />
              <th scope="row">
                ⟨{bias}, dy⟩ = ⟨{gradient.slice(1)}, {gradient}⟩
              </th>
              <td>{formatNumber(forward, 9)}</td>
              <td>{formatNumber(backward, 9)}</td>
              <td>{formatNumber(Math.abs(forward - backward) / tolerance, 2)}</td>
              <td data-pass={pass}>
                <PassMark pass={pass} />
              </td>
            </tr>
          ))}
        </tbody>
      </NumbersTable>
    </>
  );
}

function Numerical({ run }: { run: RunState }) {
  const { numerical = [], settings } = run;
  const lines = numerical[0]?.found.map(({ line }) => line) ?? [];
  return (
    <NumbersTable
      data-panel="numerical"
      label={t("lab.agreement.numerical")}
      columns={[
        t("lab.agreement.element"),
        t("lab.agreement.quotient"),
        ...lines.map((line) => lineName(line, settings.operation)),
      ]}
    >
      <tbody>
        {numerical.map(({ tensor, index, shape, numerical: quotient, found }) => (
          <tr key={`${tensor} ${index}`} data-tensor={tensor}>
            <th scope="row">
              {tensor}[{unravel(index, shape).join(",")}]
            </th>
            <td>{formatNumber(quotient, 6)}</td>
            {found.map(({ line, value, pass }) => (
              <td key={line.id} data-pass={pass}>
                {pass ? "✓" : "✗"} {formatNumber(value, 6)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </NumbersTable>
  );
}
