import { formatNumber, t } from "../../i18n/index.ts";
import { ScrollBox } from "../../ui/ScrollBox.tsx";
import { geometryOf } from "./geometry.ts";
import { samplesOf } from "./groups.ts";
import { type Preset, type Published, presetOf, presets, published } from "./presets.ts";
import { statusText } from "./RunBar.tsx";
import { type RunState, useLab } from "./state.ts";
import { summarise } from "./statistics.ts";

/** The chapter's two performance tests: what it published, and what this machine does. */
export function ChapterCards() {
  return (
    <section class="chapter" aria-labelledby="chapter-title">
      <h3 id="chapter-title">{t("lab.published.title")}</h3>
      <div class="chapter-cards">
        {presets.map((preset) => {
          const figures = published[preset.id];
          return figures && <Card key={preset.id} preset={preset} figures={figures} />;
        })}
      </div>
      <p class="hint">{t("lab.published.note")}</p>
    </section>
  );
}

const TITLES = {
  chapterConv: "lab.published.chapterConv",
  chapterPool: "lab.published.chapterPool",
} as const;
const DELTAS = {
  ones: "lab.shape.deltaOnes",
  uniform: "lab.shape.deltaUniform",
  normal: "lab.shape.deltaNormal",
} as const;

function Card({ preset, figures }: { preset: Preset; figures: Published }) {
  const { choosePreset, chapterRuns, preset: chosen, run, running, lastRun } = useLab();
  const { settings, id } = preset;
  const { loops, loopsInText, seconds } = figures;
  const { x } = geometryOf(settings);
  const kernel = settings.kernel.join("×");
  const what =
    settings.operation === "conv2d"
      ? t("lab.published.filters", { k: settings.k, kernel })
      : t("lab.published.window", { kernel });
  const latest = lastRun.value;
  const isLatest = latest && presetOf(latest.settings) === id;
  const found = isLatest ? latest : chapterRuns.value[id];
  const title = `${id}-title`;
  return (
    <article
      class="card"
      aria-labelledby={title}
      data-panel="published"
      data-chapter={id}
      data-chosen={chosen.value === id}
    >
      <h4 id={title}>{t(TITLES[id as keyof typeof TITLES])}</h4>
      <p class="hint">
        {t("lab.published.configuration", {
          x: x.join("×"),
          what,
          stride: settings.stride[0],
          padding: settings.padding[0],
          delta: t(DELTAS[settings.delta]),
          loops: formatNumber(loops, 5),
        })}
      </p>
      <ScrollBox label={t(TITLES[id as keyof typeof TITLES])}>
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col">{t("lab.published.method")}</th>
              <th scope="col">
                {t("lab.published.chapter", { loops: formatNumber(loops, 5) })}
                {loopsInText ? "*" : ""}
              </th>
              <th scope="col">{t("lab.published.here", { loops: formatNumber(loops, 5) })}</th>
            </tr>
          </thead>
          <tbody>
            {(["direct", "im2col"] as const).map((path) => (
              <tr key={path} data-path={path}>
                <th scope="row">{t(`lab.published.${path}`)}</th>
                <td>
                  <Figure seconds={seconds[path]} loops={loops} />
                </td>
                <td>{here(found, path, seconds[path], loops)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
      {loopsInText ? (
        <p class="hint">{t("lab.published.footnote", { text: loopsInText, loops })}</p>
      ) : null}
      <div class="card-actions">
        <button
          type="button"
          class="secondary"
          disabled={running.value !== false}
          onClick={() => {
            choosePreset(preset);
            void run();
          }}
        >
          {t("lab.published.run")}
        </button>
        <button
          type="button"
          class="plain"
          data-preset={id}
          aria-pressed={chosen.value === id}
          disabled={running.value !== false}
          onClick={() => choosePreset(preset)}
        >
          {t("lab.published.choose")}
        </button>
        {isLatest && running.value === "run" && (
          <p class="hint" role="status">
            {statusText(latest)}
          </p>
        )}
      </div>
    </article>
  );
}

function here(run: RunState | undefined, path: string, seconds: number, loops: number) {
  const summary = summarise(samplesOf(run?.timing?.series ?? [], path, "both"));
  if (!summary) return <small>{t("lab.published.notYet")}</small>;
  const total = (loops * summary.median) / 1000;
  return (
    <>
      <Figure seconds={total} loops={loops} />
      <small>{t("lab.published.faster", { ratio: formatNumber(seconds / total) })}</small>
    </>
  );
}

function Figure({ seconds, loops }: { seconds: number; loops: number }) {
  const time = `${formatNumber((1000 * seconds) / loops)} ${t("unit.ms")}`;
  return (
    <>
      {formatNumber(seconds, 4)} {t("unit.s")} <small>{t("lab.published.perCall", { time })}</small>
    </>
  );
}
