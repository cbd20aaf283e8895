import { useId, useRef } from "preact/hooks";
import { engine } from "../../engine/client.ts";
import { t } from "../../i18n/index.ts";
import { FailureNotice } from "../../ui/FailureNotice.tsx";
import { type Field, problemsOf } from "./rules.ts";
import { type RunState, useLab } from "./state.ts";
import { problemText } from "./words.ts";

/** As in the style sheet: settings and results stand side by side. */
const besideResults = matchMedia("(min-width: 64rem)");

/** Run, cancel, how far it is, and why it cannot be run. */
export function RunBar() {
  const { cancel, lastRun, run, running, settings } = useLab();
  const bar = useRef<HTMLDivElement>(null);
  const status = useId();
  const state = lastRun.value;
  const [problem] = problemsOf(settings.value);
  const ready = engine.value !== undefined && "value" in engine.value;
  const failure = state?.end && typeof state.end === "object" ? state.end.failure : undefined;
  const busy = running.value === "run";
  const { done, of } = busy && state ? state.stage : { done: 0, of: 1 };
  const press = () => {
    const bench = bar.current?.parentElement;
    if (problem) {
      controlOf(bench, problem.field)?.focus();
      return;
    }
    // On a narrow screen the results are far below the settings: go along with them.
    if (!besideResults.matches) bench?.querySelector(".results")?.scrollIntoView();
    void run();
  };
  return (
    <div class="run-bar" ref={bar}>
      <div class="run-line">
        <button
          type="button"
          class="run"
          disabled={running.value !== false || !ready}
          aria-disabled={problem ? "true" : undefined}
          aria-describedby={status}
          onClick={press}
        >
          {t("lab.run.run")}
        </button>
        <button type="button" class="secondary" disabled={!busy} onClick={cancel}>
          {t("lab.run.cancel")}
        </button>
        {problem ? (
          <p id={status} class="problem">
            {t("lab.problem.cannotRun")} {problemText(problem)}
          </p>
        ) : (
          <p id={status} class="status" role="status">
            {running.value === "sweep" ? t("lab.run.sweeping") : statusText(state)}
          </p>
        )}
      </div>
      <progress
        aria-label={t("lab.times.title")}
        class={busy ? "" : "rest"}
        {...(busy && state?.stage.name !== "time" ? {} : { value: done, max: of })}
      />
      {failure && <FailureNotice failure={failure} title={t("lab.run.failed")} />}
    </div>
  );
}

export function statusText(state: RunState | undefined): string {
  if (!state) return t("lab.run.idle");
  if (typeof state.end === "object") return t("lab.run.failed");
  if (state.end) return t(`lab.run.${state.end}`);
  const { name, done, of } = state.stage;
  return t(`lab.run.${name}`, { done, of });
}

/** The control that is wrong: messages lead to it. */
function controlOf(bench: HTMLElement | null | undefined, field: Field): HTMLElement | null {
  const name = field === "paths" ? "[name=direct]" : `[data-field="${field}"]`;
  return bench?.querySelector<HTMLElement>(`.settings ${name}`) ?? null;
}
