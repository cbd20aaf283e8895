import { useState } from "preact/hooks";
import { engine } from "../../engine/client.ts";
import { formatNumber, t } from "../../i18n/index.ts";
import { FailureNotice } from "../../ui/FailureNotice.tsx";
import { NumberField } from "../../ui/NumberField.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { SelectField } from "../../ui/SelectField.tsx";
import { SweepChart } from "./charts/SweepChart.tsx";
import { NumbersTable } from "./NumbersTable.tsx";
import { Download } from "./RecordPanel.tsx";
import { sweepCsvOf } from "./record.ts";
import type { Pass } from "./settings.ts";
import { type SweepState, useLab } from "./state.ts";
import {
  crossingsOf,
  PARAMETERS,
  POINTS,
  RANGES,
  type SweepPlan,
  stepsOf,
  suggested,
} from "./sweep.ts";
import { estimateText, passName } from "./words.ts";

/** One parameter over a range. */
export function SweepPanel() {
  const { lastSweep, sweepPlan, settings } = useLab();
  const sweep = lastSweep.value;
  const stale = sweep?.end && (sweep.plan !== sweepPlan.value || sweep.settings !== settings.value);
  return (
    <section class="card sweep" aria-labelledby="sweep-title" data-panel="sweep">
      <h3 id="sweep-title">{t("lab.sweep.title")}</h3>
      <p class="hint">{t("lab.sweep.lead")}</p>
      <PlanFields />
      <SweepBar />
      {stale && <p class="notice">{t("lab.sweep.stale")}</p>}
      {sweep && sweep.points.length > 0 && <SweepResult sweep={sweep} />}
    </section>
  );
}

function PlanFields() {
  const { sweepPlan, settings, running } = useLab();
  const plan = sweepPlan.value;
  const convolves = settings.value.operation === "conv2d";
  const set = (changes: Partial<SweepPlan>) => {
    sweepPlan.value = { ...plan, ...changes };
  };
  const number = (field: "from" | "to" | "points", { min, max }: { min: number; max: number }) => (
    <NumberField
      field={`sweep-${field}`}
      label={t(`lab.sweep.${field}`)}
      value={plan[field]}
      min={min}
      max={max}
      hint={t("lab.shape.bounds", { min, max })}
      problem={inside(plan[field], min, max) ? undefined : t("lab.problem.range", { min, max })}
      onChange={(value) => set({ [field]: value })}
    />
  );
  const range = RANGES[plan.parameter];
  return (
    <fieldset class="lock" disabled={running.value !== false}>
      <legend class="hidden">{t("lab.sweep.title")}</legend>
      <div class="fields four">
        <SelectField
          field="sweep-parameter"
          label={t("lab.sweep.parameter")}
          value={plan.parameter}
          options={PARAMETERS.map((value) => ({
            value,
            label: t(`lab.sweep.${value}`),
            disabled: value === "k" && !convolves,
          }))}
          onChange={(parameter) => {
            sweepPlan.value = suggested[parameter];
          }}
        />
        {number("from", { min: range.min, max: isSound(plan.to) ? plan.to : range.max })}
        {number("to", { min: isSound(plan.from) ? plan.from : range.min, max: range.max })}
        {number("points", POINTS)}
      </div>
    </fieldset>
  );
}

const isSound = (value: number) => Number.isInteger(value) && value > 0;
const inside = (value: number, min: number, max: number) =>
  Number.isInteger(value) && value >= min && value <= max;

/** Start, stop, how far it is; and which values it will visit. */
function SweepBar() {
  const { sweepPlan, settings, problems, running, lastSweep, runSweep, cancel } = useLab();
  const plan = sweepPlan.value;
  const { min, max } = RANGES[plan.parameter];
  // The methods are its own, whatever is chosen for a run.
  const sound =
    problems.value.every(({ field }) => field === "paths") &&
    inside(plan.from, min, max) &&
    inside(plan.to, plan.from, max) &&
    inside(plan.points, POINTS.min, POINTS.max);
  const { steps, left } = sound ? stepsOf(settings.value, plan) : { steps: [], left: 0 };
  const legal = steps.map(({ value }) => value);
  const sweep = lastSweep.value;
  const sweeping = running.value === "sweep";
  const ready = engine.value !== undefined && "value" in engine.value;
  const failure = sweep && typeof sweep.end === "object" ? sweep.end.failure : undefined;
  return (
    <>
      <p class="hint" data-values={legal.join(",")}>
        {legal.length > 0
          ? t("lab.sweep.values", { values: legal.join(", ") })
          : t("lab.sweep.none")}{" "}
        {left > 0 && legal.length > 0 && t("lab.sweep.left", { count: left })}
      </p>
      <div class="run-line">
        <button
          type="button"
          class="secondary start-sweep"
          disabled={running.value !== false || !ready || legal.length === 0}
          onClick={() => void runSweep()}
        >
          {t("lab.sweep.run")}
        </button>
        <button type="button" class="secondary" disabled={!sweeping} onClick={cancel}>
          {t("lab.sweep.cancel")}
        </button>
        <p class="sweep-status" role="status">
          {statusOf(sweep)}
        </p>
      </div>
      <progress
        aria-label={t("lab.sweep.title")}
        class={sweeping ? "" : "rest"}
        value={sweeping ? (sweep?.done ?? 0) : 0}
        max={sweep?.of ?? 1}
      />
      {failure && <FailureNotice failure={failure} title={t("lab.sweep.failed")} />}
    </>
  );
}

function statusOf(sweep: SweepState | undefined): string {
  if (!sweep) return "";
  if (typeof sweep.end === "object") return t("lab.sweep.failed");
  if (sweep.end) return t(`lab.sweep.${sweep.end}`);
  return t("lab.sweep.progress", { done: sweep.done + 1, of: sweep.of });
}

const PASSES: readonly Pass[] = ["forward", "backward"];

function SweepResult({ sweep }: { sweep: SweepState }) {
  const [metric, setMetric] = useState<"time" | "rate">("time");
  const wrong = sweep.points.filter(({ agree }) => !agree);
  return (
    <>
      <Segmented
        legend={t("lab.sweep.metric")}
        value={metric}
        options={[
          { value: "time", label: t("lab.sweep.time") },
          { value: "rate", label: t("lab.sweep.rate") },
        ]}
        onChange={setMetric}
      />
      <SweepChart sweep={sweep} metric={metric} />
      {wrong.map(({ value }) => (
        <p key={value} class="problem" role="alert">
          {t("lab.sweep.disagree", { value })}
        </p>
      ))}
      <h4>{t("lab.sweep.crossings")}</h4>
      <ul class="crossings">
        {PASSES.map((pass) => (
          <Crossings key={pass} sweep={sweep} pass={pass} />
        ))}
      </ul>
      <details>
        <summary>{t("lab.sweep.table")}</summary>
        <SweepTable sweep={sweep} />
      </details>
      {sweep.end && (
        <div class="card-actions">
          <Download name="convgrad-sweep.csv" type="text/csv" text={sweepCsvOf(sweep)}>
            {t("lab.record.csv")}
          </Download>
        </div>
      )}
    </>
  );
}

function Crossings({ sweep, pass }: { sweep: SweepState; pass: Pass }) {
  const { points, plan } = sweep;
  const found = crossingsOf(points, pass);
  const parameter = t(`lab.sweep.${plan.parameter}`);
  if (found.length === 0) {
    const ratios = points.flatMap(({ times }) => {
      const ratio = times.find((each) => each.pass === pass && each.ratio)?.ratio;
      return ratio ? [ratio] : [];
    });
    const line = (ratios[0]?.value ?? 1) < 1 ? "im2col" : "direct";
    const sure = ratios.every(({ low, high }) => low > 1 || high < 1);
    const words = { pass: passName(pass), line };
    return <li>{t(sure ? "lab.sweep.noCrossing" : "lab.sweep.noneSeen", words)}</li>;
  }
  return (
    <>
      {found.map(({ value, between, beyond, sure }) => (
        <li key={value} data-crossing={value}>
          {t("lab.sweep.crossing", {
            pass: passName(pass),
            parameter,
            value: formatNumber(value, 3),
            a: between[0],
            b: between[1],
            beyond,
          })}{" "}
          {!sure && t("lab.sweep.unsure")}
        </li>
      ))}
    </>
  );
}

function SweepTable({ sweep }: { sweep: SweepState }) {
  return (
    <NumbersTable
      label={t("lab.sweep.table")}
      columns={[
        t(`lab.sweep.${sweep.plan.parameter}`),
        t("lab.how.direction"),
        `direct, ${t("unit.ms")}`,
        `im2col, ${t("unit.ms")}`,
        t("lab.sweep.ratio"),
      ]}
    >
      <tbody>
        {sweep.points.flatMap(({ value, times }) =>
          PASSES.map((pass) => {
            const of = (path: string) =>
              times.find((each) => each.line.path === path && each.pass === pass);
            const [direct, im2col] = [of("direct"), of("im2col")];
            return (
              <tr key={`${value} ${pass}`} data-value={value} data-pass={pass}>
                <th scope="row">{value}</th>
                <td>{passName(pass)}</td>
                <td>{formatNumber(direct?.summary.median ?? Number.NaN)}</td>
                <td>{formatNumber(im2col?.summary.median ?? Number.NaN)}</td>
                <td>{estimateText(im2col?.ratio)}</td>
              </tr>
            );
          }),
        )}
      </tbody>
    </NumbersTable>
  );
}
