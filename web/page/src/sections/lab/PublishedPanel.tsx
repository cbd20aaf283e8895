import { formatNumber, t } from "../../i18n/index.ts";
import { ScrollBox } from "../../ui/ScrollBox.tsx";
import { presetOf, published } from "./presets.ts";
import type { RunState } from "./state.ts";
import { summarise } from "./statistics.ts";
import { sumOfPasses } from "./Times.tsx";

/** The chapter's figures beside this machine's, where the run is one of its two tests. */
export function PublishedPanel({ run }: { run: RunState }) {
  const preset = presetOf(run.settings);
  const figures = preset && published[preset];
  const rows = (["direct", "im2col"] as const).flatMap((path) => {
    const here = summarise(sumOfPasses(run.series, path));
    return here && figures ? [{ path, here: here.median, seconds: figures.seconds[path] }] : [];
  });
  if (!figures || rows.length === 0) return null;
  const { loops, loopsInText } = figures;
  return (
    <section class="card" aria-labelledby="published-title" data-panel="published">
      <h3 id="published-title">{t("lab.published.title")}</h3>
      <ScrollBox label={t("lab.published.title")}>
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col">{t("lab.published.method")}</th>
              <th scope="col">{t("lab.published.total", { loops })}</th>
              <th scope="col">{t("lab.published.perCall")}</th>
              <th scope="col">{t("lab.published.here")}</th>
              <th scope="col">{t("lab.published.faster")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ path, here, seconds }) => (
              <tr key={path}>
                <th scope="row">{t(`lab.published.${path}`)}</th>
                <td>
                  {formatNumber(seconds, 4)} {t("unit.s")}
                  {loopsInText ? <sup>*</sup> : null}
                </td>
                <td>
                  {formatNumber((1000 * seconds) / loops)} {t("unit.ms")}
                </td>
                <td>
                  {formatNumber(here)} {t("unit.ms")}
                </td>
                <td>{formatNumber((1000 * seconds) / loops / here)}×</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <p class="hint">{t("lab.published.note")}</p>
      {loopsInText ? (
        <p class="hint">* {t("lab.published.footnote", { text: loopsInText, loops })}</p>
      ) : null}
    </section>
  );
}
