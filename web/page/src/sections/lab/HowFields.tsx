import { engine } from "../../engine/client.ts";
import { t } from "../../i18n/index.ts";
import { Segmented } from "../../ui/Segmented.tsx";
import { SettingField, useProblemOf } from "./fields.tsx";
import { applies, type Direction, EXTRAS, type Extra, PATHS, type Path } from "./settings.ts";
import { useLab } from "./state.ts";
import { pathName, pathNote, threadCount } from "./words.ts";

const DIRECTIONS: readonly Direction[] = ["forward", "backward", "both"];

/** Direction, lines, and how often. */
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
              disabled={!paths.includes(path) && !applies(path, settings.value)}
              onChange={(event) => toggle(path, event.currentTarget.checked)}
            />
            <span>
              {pathName(path, operation)} <small>{pathNote(path)}</small>
            </span>
          </label>
        ))}
        <p class="hint">{t("lab.how.winogradWhere")}</p>
        {problem && (
          <p id="paths-problem" class="problem">
            {problem}
          </p>
        )}
      </fieldset>
      <fieldset class="checks">
        <legend class="label">{t("lab.how.extras")}</legend>
        {EXTRAS.map((extra) => (
          <ExtraCheck key={extra} extra={extra} />
        ))}
        <p class="hint">{t("lab.how.extrasNote")}</p>
      </fieldset>
      <div class="fields three">
        <SettingField name="rounds" label={t("lab.how.rounds")} />
        <SettingField name="timeLimit" label={t("lab.how.timeLimit")} />
        <SettingField name="seed" label={t("lab.how.seed")} />
      </div>
      <p class="hint">{t("lab.how.roundsNote")}</p>
    </div>
  );
}

/** Methods 1 and 2 by another build; where the engine has none, it says why. */
function ExtraCheck({ extra }: { extra: Extra }) {
  const { change, settings } = useLab();
  const { extras } = settings.value;
  const state = engine.value;
  const runs = state && "value" in state ? state.value : undefined;
  const missing = runs && (extra === "baseline" ? runs.simd === "baseline" : runs.threads === 1);
  return (
    <label class="check">
      <input
        type="checkbox"
        name={extra}
        checked={extras.includes(extra)}
        disabled={missing ?? false}
        onChange={(event) => {
          const on = event.currentTarget.checked;
          change({
            extras: EXTRAS.filter((each) => (each === extra ? on : extras.includes(each))),
          });
        }}
      />
      <span>
        {extra === "baseline"
          ? t("lab.how.baseline")
          : t("lab.how.threads", { count: threadCount() })}{" "}
        <small>{missing ? t(`lab.how.${extra}Missing`) : ""}</small>
      </span>
    </label>
  );
}
