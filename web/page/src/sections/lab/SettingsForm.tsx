import { t } from "../../i18n/index.ts";
import { Segmented } from "../../ui/Segmented.tsx";
import { HowFields } from "./HowFields.tsx";
import { InputFields } from "./InputFields.tsx";
import { ShapeFields } from "./ShapeFields.tsx";
import type { Operation } from "./settings.ts";
import { useLab } from "./state.ts";

const OPERATIONS: readonly Operation[] = ["conv2d", "maxPool2d", "avgPool2d"];

/** Everything that can be set. Locked while a run uses it. */
export function SettingsForm() {
  const { change, run, running, settings } = useLab();
  return (
    <form
      class="settings"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <fieldset class="lock" disabled={running.value !== false}>
        <legend class="hidden">{t("lab.shape.title")}</legend>
        <div class="card">
          <h3>{t("lab.operation.title")}</h3>
          <Segmented
            quiet
            legend={t("lab.operation.title")}
            value={settings.value.operation}
            options={OPERATIONS.map((value) => ({ value, label: t(`lab.operation.${value}`) }))}
            onChange={(operation) => change({ operation })}
          />
        </div>
        <InputFields />
        <ShapeFields />
        <HowFields />
      </fieldset>
    </form>
  );
}
