import { engine } from "../../engine/client.ts";
import { t } from "../../i18n/index.ts";
import { FailureNotice } from "../../ui/FailureNotice.tsx";
import { type Field, problemsOf } from "./rules.ts";
import { cancel, lastRun, type RunState, run, running, settings } from "./state.ts";
import { problemText } from "./words.ts";

/** The id of what a run fills. */
export const RESULTS = "lab-results";

/** As in the style sheet: settings and results stand side by side. */
const besideResults = matchMedia("(min-width: 64rem)");

/** Run, cancel, how far it is, and why it cannot be run. */
export function RunBar() {
  const state = lastRun.value;
  const [problem] = problemsOf(settings.value);
  const ready = engine.value !== undefined && "value" in engine.value;
  const failure = state?.end && typeof state.end === "object" ? state.end.failure : undefined;
  const { done, of } = running.value && state ? state.stage : { done: 0, of: 1 };
  const press = () => {
    if (problem) {
      focusField(problem.field);
      return;
    }
    // On a narrow screen the results are far below the settings: go along with them.
    if (!besideResults.matches) document.getElementById(RESULTS)?.scrollIntoView();
    void run();
  };
  return (
    <div class="run-bar">
      <div class="run-line">
        <button
          type="button"
          class="run"
          disabled={running.value || !ready}
          aria-disabled={problem ? "true" : undefined}
          aria-describedby="run-status"
          onClick={press}
        >
          {t("lab.run.run")}
        </button>
        <button type="button" class="secondary" disabled={!running.value} onClick={cancel}>
          {t("lab.run.cancel")}
        </button>
        {problem ? (
          <p id="run-status" class="problem">
            {t("lab.problem.cannotRun")} {problemText(problem)}
          </p>
        ) : (
          <p id="run-status" class="status" role="status">
            {statusText(state)}
          </p>
        )}
      </div>
      <progress
        aria-label={t("lab.times.title")}
        class={running.value ? "" : "rest"}
        {...(running.value && state?.stage.name !== "time" ? {} : { value: done, max: of })}
      />
      {failure && <FailureNotice failure={failure} title={t("lab.run.failed")} />}
    </div>
  );
}

function statusText(state: RunState | undefined): string {
  if (!state) return t("lab.run.idle");
  if (typeof state.end === "object") return t("lab.run.failed");
  if (state.end) return t(`lab.run.${state.end}`);
  const { name, done, of } = state.stage;
  return t(`lab.run.${name}`, { done, of });
}

/** The control that is wrong: messages lead to it. */
function focusField(field: Field): void {
  const name = field === "paths" ? "[name=direct]" : `[data-field="${field}"]`;
  document.querySelector<HTMLElement>(`.settings ${name}`)?.focus();
}
