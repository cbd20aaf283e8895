import { useSignalEffect } from "@preact/signals";
import { useState } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import { AgreementPanel } from "./AgreementPanel.tsx";
import { Pictures } from "./Pictures.tsx";
import { PresetPicker } from "./PresetPicker.tsx";
import { PublishedPanel } from "./PublishedPanel.tsx";
import { RunBar } from "./RunBar.tsx";
import { SettingsForm } from "./SettingsForm.tsx";
import { Sizes } from "./Sizes.tsx";
import type { Settings } from "./settings.ts";
import { createLab, LabContext, useLab } from "./state.ts";
import { Times } from "./Times.tsx";

export interface LabProps {
  /** What is set at first; the chapter's convolution test without. */
  readonly initial?: Settings | undefined;
  /** Called with the settings whenever they have changed and are sound. */
  readonly onSettings?: ((settings: Settings) => void) | undefined;
  /** Called with the document that the export gives, once a run has ended. */
  readonly onResult?: ((json: string) => void) | undefined;
}

/**
 * The laboratory: choose, run, compare. It stands on its own, anywhere, more than once: it touches
 * neither address, document nor storage.
 */
export function Lab({ initial, onSettings, onResult }: LabProps) {
  const [lab] = useState(() => createLab(initial));
  useSignalEffect(() => {
    if (lab.problems.value.length === 0) onSettings?.(lab.settings.value);
  });
  useSignalEffect(() => {
    if (lab.lastRun.value?.end) onResult?.(JSON.stringify(lab.lastRun.value));
  });
  return (
    <LabContext.Provider value={lab}>
      <div class="lab">
        <PresetPicker />
        <div class="bench">
          <SettingsForm />
          <RunBar />
          <div class="results">
            <Sizes />
            <Found />
          </div>
        </div>
      </div>
    </LabContext.Provider>
  );
}

/** What the last run found, as far as it has come. */
function Found() {
  const { lastRun, stale } = useLab();
  const run = lastRun.value;
  if (!run) return <p class="empty">{t("lab.run.empty")}</p>;
  return (
    <div class={stale.value ? "found stale" : "found"}>
      {stale.value && <p class="notice">{t("lab.run.stale")}</p>}
      <Times run={run} />
      <PublishedPanel run={run} />
      <AgreementPanel run={run} />
      <Pictures run={run} />
    </div>
  );
}
