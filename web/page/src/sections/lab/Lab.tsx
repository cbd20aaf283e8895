import { t } from "../../i18n/index.ts";
import { AgreementPanel } from "./AgreementPanel.tsx";
import { Pictures } from "./Pictures.tsx";
import { PresetPicker } from "./PresetPicker.tsx";
import { PublishedPanel } from "./PublishedPanel.tsx";
import { RESULTS, RunBar } from "./RunBar.tsx";
import { SettingsForm } from "./SettingsForm.tsx";
import { Sizes } from "./Sizes.tsx";
import { lastRun, stale } from "./state.ts";
import { Times } from "./Times.tsx";

/** The laboratory: choose, run, compare. */
export function Lab({ id }: { id: string }) {
  return (
    <section id={id} class="section" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t("lab.title")}</h2>
      <p class="lead">{t("lab.lead")}</p>
      <PresetPicker />
      <div class="bench">
        <SettingsForm />
        <RunBar />
        <div class="results" id={RESULTS}>
          <Sizes />
          <Found />
        </div>
      </div>
    </section>
  );
}

/** What the last run found, as far as it has come. */
function Found() {
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
