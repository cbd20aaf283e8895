import { t } from "../../i18n/index.ts";
import { presets, published } from "./presets.ts";
import { useLab } from "./state.ts";
import { inShort } from "./words.ts";

/** Configurations worth a look, besides the chapter's own. */
export function PresetPicker() {
  const { choosePreset, preset, running } = useLab();
  return (
    <fieldset class="preset-group more">
      <legend class="label">{t("lab.presets.more")}</legend>
      <div class="preset-list">
        {presets
          .filter(({ id }) => !published[id])
          .map((member) => (
            <button
              key={member.id}
              type="button"
              class="preset"
              data-preset={member.id}
              aria-pressed={preset.value === member.id}
              disabled={running.value !== false}
              onClick={() => choosePreset(member)}
            >
              <span class="preset-name">{t(`lab.presets.${member.id}`)}</span>
              <span class="preset-shape">{inShort(member.settings)}</span>
            </button>
          ))}
      </div>
    </fieldset>
  );
}
