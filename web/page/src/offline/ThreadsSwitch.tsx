import { t } from "../i18n/index.ts";
import { isolation, setIsolation } from "./client.ts";

/** Turns threads on where the host's headers do not; nothing where they do. */
export function ThreadsSwitch() {
  const state = isolation.value;
  if (state === "host" || state === "none") return null;
  const on = state === "on";
  return (
    <div class="threads-switch">
      <button
        type="button"
        disabled={state === "starting"}
        aria-describedby="threads-note"
        onClick={() => setIsolation(!on)}
      >
        {t(on ? "engine.threadsOff" : "engine.threadsOn")}
      </button>
      <span id="threads-note" role="status">
        {t(`engine.threadsNote.${state}`)}
      </span>
    </div>
  );
}
