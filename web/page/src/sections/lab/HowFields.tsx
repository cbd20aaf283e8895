import { t } from "../../i18n/index.ts";
import { Segmented } from "../../ui/Segmented.tsx";
import { SettingField, useProblemOf } from "./fields.tsx";
import { type Direction, PATHS, type Path } from "./settings.ts";
import { useLab } from "./state.ts";
import { pathName, pathNote } from "./words.ts";

const DIRECTIONS: readonly Direction[] = ["forward", "backward", "both"];

/** Direction, methods, and how often. */
export function HowFields() {
  const { change, settings } = useLab();
  const { direction, paths, operation } = settings.value;
  const problem = useProblemOf()("paths");
  const toggle = (path: Path, on: boolean) =>
    change({ paths: PATHS.filter((each) => (each === path ? on : paths.includes(each))) });
  return (
    <div class="card">
      <h3>{t("lab.how.title")}</h3>
      <Segmented
        legend={t("lab.how.direction")}
        value={direction}
        options={DIRECTIONS.map((value) => ({ value, label: t(`lab.how.${value}`) }))}
        onChange={(value) => change({ direction: value })}
      />
      <fieldset class="checks" aria-describedby={problem ? "paths-problem" : undefined}>
        <legend class="label">{t("lab.how.paths")}</legend>
        {PATHS.map((path) => (
          <label key={path} class="check">
            <input
              type="checkbox"
              name={path}
              checked={paths.includes(path)}
              onChange={(event) => toggle(path, event.currentTarget.checked)}
            />
            <span>
              {pathName(path, operation)} <small>{pathNote(path)}</small>
            </span>
          </label>
        ))}
        {problem && (
          <p id="paths-problem" class="problem">
            {problem}
          </p>
        )}
      </fieldset>
      <div class="fields three">
        <SettingField name="loops" label={t("lab.how.loops")} />
        <SettingField name="rounds" label={t("lab.how.rounds")} />
        <SettingField name="timeLimit" label={t("lab.how.timeLimit")} />
      </div>
      <p class="hint">{t("lab.how.roundsNote")}</p>
    </div>
  );
}
