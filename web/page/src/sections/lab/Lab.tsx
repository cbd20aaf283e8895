import { untracked, useSignalEffect } from "@preact/signals";
import { useMemo, useState } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import { AgreementPanel } from "./AgreementPanel.tsx";
import { ChapterCards } from "./ChapterCards.tsx";
import { PhasesPanel } from "./PhasesPanel.tsx";
import { Pictures } from "./Pictures.tsx";
import { PresetPicker } from "./PresetPicker.tsx";
import { RecordPanel, recordText } from "./RecordPanel.tsx";
import { RunBar } from "./RunBar.tsx";
import { SettingsForm } from "./SettingsForm.tsx";
import { ShareLink } from "./ShareLink.tsx";
import { Sizes } from "./Sizes.tsx";
import { Stages } from "./Stages.tsx";
import { SweepPanel } from "./SweepPanel.tsx";
import type { Setup } from "./setup.ts";
import { createLab, LabContext, type RunState, useLab } from "./state.ts";
import { Times } from "./Times.tsx";
import { VerdictPanel } from "./VerdictPanel.tsx";

export interface LabProps {
  /** What is set at first; the chapter's convolution test without. */
  readonly initial?: Setup | undefined;
  /** Called with the settings, at first and whenever they have changed, as long as they are legal. */
  readonly onSetup?: ((setup: Setup) => void) | undefined;
  /** Called with the document that the export gives, once a run has ended. */
  readonly onResult?: ((json: string) => void) | undefined;
  /** An address for these settings; without it there is nothing to share. */
  readonly linkTo?: ((setup: Setup) => string) | undefined;
}

/**
 * The laboratory: choose, run, compare. It stands on its own, anywhere, more than once: it touches
 * neither address, document nor storage.
 */
export function Lab({ initial, onSetup, onResult, linkTo }: LabProps) {
  const [lab] = useState(() => createLab(initial));
  useSignalEffect(() => {
    const setup = { settings: lab.settings.value, sweep: lab.sweepPlan.value };
    if (lab.problems.value.length === 0) untracked(() => onSetup?.(setup));
  });
  useSignalEffect(() => {
    const run = lab.lastRun.value;
    if (run?.end) untracked(() => onResult?.(recordText(run, lab.lastSweep.value)));
  });
  return (
    <LabContext.Provider value={lab}>
      <div class="lab">
        <ChapterCards />
        <PresetPicker />
        <div class="bench">
          <SettingsForm />
          <RunBar />
          <div class="results">
            <ShareLink linkTo={linkTo} />
            <Sizes />
            <Found />
          </div>
        </div>
        <SweepPanel />
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
      <Panels run={run} />
    </div>
  );
}

/** While times come in, some a second, what does not show them is not drawn again: it would take time. */
function Panels({ run }: { run: RunState }) {
  const { settings, agreement, adjoint, numerical, tensors, phases } = run;
  const compared = useMemo(
    () => (
      <>
        <PhasesPanel run={run} />
        <AgreementPanel run={run} />
        <Pictures run={run} />
      </>
    ),
    [settings, agreement, adjoint, numerical, tensors, phases],
  );
  return (
    <>
      <VerdictPanel run={run} />
      <Times run={run} />
      <Stages run={run} />
      {compared}
      <RecordPanel run={run} />
    </>
  );
}
