import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { computeLesson } from "../../../engine/client.ts";
import type { Failure } from "../../../engine/protocol.ts";
import { formatNumber, t } from "../../../i18n/index.ts";
import { MatrixView } from "../../../ui/MatrixView.tsx";
import { PlaneView } from "../../../ui/PlaneView.tsx";
import { scaleOf } from "../../../ui/palette.ts";
import { Segmented } from "../../../ui/Segmented.tsx";
import { planesOf } from "../../lab/picture.ts";
import { picture } from "../../lab/state.ts";
import { LessonPart } from "../LessonPart.tsx";
import { Slider } from "../Sliders.tsx";
import { useVisible } from "../useLesson.ts";
import formulas from "./formulas.tex";
import { LossCurve } from "./LossCurve.tsx";
import { type Computed, KERNELS, type KernelName, RATES, rateOf, START } from "./model.ts";

const SIDE = 48;
/** Steps of a turn while it runs: some milliseconds of work. */
const STEPS = 20;
/** Where it stops by itself. */
const MOST = 20_000;

interface Progress {
  /** What was computed last; absent before anything was. */
  readonly computed?: Computed;
  readonly losses: readonly number[];
}

const FRESH: Progress = { losses: [] };

export function Learn() {
  const [kernel, setKernel] = useState<KernelName>("edge");
  const [position, setPosition] = useState(RATES.start);
  const [progress, setProgress] = useState(FRESH);
  const [wanted, setWanted] = useState<"nothing" | "step" | "run">("nothing");
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  const [box, visible] = useVisible<HTMLElement>();
  // Counts the starts: what is under way when it is started over comes too late.
  const attempt = useRef(0);
  const chosen = picture.value;
  const pixels = useMemo(() => planesOf(chosen, SIDE, SIDE, "grey"), [chosen]);
  const { computed, losses } = progress;
  const steps = computed ? losses.length - 1 : 0;
  const over = computed?.diverged || steps >= MOST;
  const going = wanted === "run" && visible && !over;

  useEffect(() => {
    const count = !computed ? 0 : going ? STEPS : wanted === "step" && !over ? 1 : undefined;
    if (!visible || count === undefined) return;
    let left = false;
    const own = attempt.current;
    const w = computed?.w ?? START;
    const state = { pixels, side: SIDE, kernel, w, rate: rateOf(position), steps: count };
    void computeLesson("learn", state).then((outcome) => {
      if (left || attempt.current !== own) return;
      if ("failure" in outcome) {
        setFailure(outcome.failure);
        setWanted("nothing");
        return;
      }
      setFailure(undefined);
      setProgress({ computed: outcome.value, losses: [...losses, ...outcome.value.losses] });
      if (wanted === "step") setWanted("nothing");
    });
    return () => {
      left = true;
    };
  }, [computed, losses, going, wanted, over, visible, pixels, kernel, position]);

  const reset = () => {
    ++attempt.current;
    setWanted("nothing");
    setProgress(FRESH);
  };
  // Another picture is another task.
  useEffect(reset, [pixels]);
  const distance = computed
    ? Math.max(...computed.w.map((value, i) => Math.abs(value - (KERNELS[kernel][i] as number))))
    : 0;
  return (
    <LessonPart
      id="learn"
      title="lesson.learn.title"
      words={["lesson.learn.what", "lesson.learn.how"]}
      formulas={["a", "b", "c"].map((letter) => [letter, formulas[`f${letter}`]])}
      ready={computed !== undefined}
      {...{ failure, box }}
    >
      <Segmented
        legend={t("lesson.learn.kernel")}
        value={kernel}
        options={(["edge", "sobel", "blur"] as const).map((value) => ({
          value,
          label: t(`lesson.learn.${value}`),
        }))}
        onChange={(value) => {
          reset();
          setKernel(value);
        }}
      />
      <div class="sliders">
        <Slider
          field="rate"
          label={t("lesson.learn.rate")}
          value={position}
          min={RATES.min}
          max={RATES.max}
          format={(value) => formatNumber(rateOf(value))}
          onChange={setPosition}
        />
      </div>
      <div class="learn-buttons">
        <button
          type="button"
          data-learn="run"
          disabled={over ?? false}
          onClick={() => setWanted(going ? "nothing" : "run")}
        >
          {t(going ? "lesson.player.pause" : "lesson.learn.run")}
        </button>
        <button
          type="button"
          data-learn="step"
          disabled={going || (over ?? false)}
          onClick={() => setWanted("step")}
        >
          {t("lesson.player.next")}
        </button>
        <button type="button" class="reset" onClick={reset}>
          {t("lesson.reset")}
        </button>
      </div>
      {computed && (
        <>
          <p class="learn-state" data-steps={steps} data-distance={distance}>
            {t("lesson.learn.state", {
              steps,
              loss: formatNumber(losses.at(-1) as number),
              distance: formatNumber(distance),
            })}
          </p>
          <p role="status" class={computed.diverged ? "notice bad" : "hidden"}>
            {computed.diverged
              ? t("lesson.learn.diverged", { rate: formatNumber(rateOf(position)) })
              : ""}
          </p>
          <LossCurve losses={losses} />
          <div class="learn-kernels">
            <Matrix name={t("lesson.learn.sought")} data={KERNELS[kernel]} />
            <Matrix name={t("lesson.learn.learned")} data={computed.w} />
            <Matrix name="dW" data={computed.dw} />
          </div>
          <div class="picture-pair">
            {(["target", "output"] as const).map((which) => (
              <div key={which}>
                <p class="label">{t(`lesson.learn.${which}`)}</p>
                <PlaneView
                  data={computed[which]}
                  height={computed.outputSide}
                  width={computed.outputSide}
                  scale={scaleOf(computed.target)}
                  label={t(`lesson.learn.${which}`)}
                  prefix={which === "target" ? "t[0,0" : "z[0,0"}
                />
              </div>
            ))}
          </div>
        </>
      )}
    </LessonPart>
  );
}

function Matrix({ name, data }: { name: string; data: readonly number[] }) {
  const rounded = data.map((value) => Number(value.toFixed(3)) + 0);
  return (
    <div>
      <p class="label">{name}</p>
      <MatrixView label={name} rows={3} columns={3} data={rounded} />
    </div>
  );
}
