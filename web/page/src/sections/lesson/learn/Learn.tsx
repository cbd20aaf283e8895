import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { formatNumber, t } from "../../../i18n/index.ts";
import { type Picture, planesOf } from "../../lab/picture.ts";
import { BreakIt } from "../BreakIt.tsx";
import { Choice } from "../Choice.tsx";
import { CopyRow } from "../CopyRow.tsx";
import { LessonPart } from "../LessonPart.tsx";
import type { Cell } from "../linked/figure.ts";
import { LinkedFigure } from "../linked/LinkedFigure.tsx";
import { Stepper } from "../linked/Player.tsx";
import { OwnPicture } from "../OwnPicture.tsx";
import { Slider } from "../Sliders.tsx";
import type { Section, SectionProps } from "../section.tsx";
import { useLesson, useVisible } from "../useLesson.ts";
import { learnCode } from "./code.ts";
import { figure } from "./figure.ts";
import formulas from "./formulas.tex";
import { LossCurve } from "./LossCurve.tsx";
import {
  codec,
  INITIAL,
  KERNELS,
  type KernelName,
  positionOf,
  RATES,
  rateOf,
  type State,
  type Step,
} from "./model.ts";

/** So many pixels that every one can be pointed at. */
const SIDE = 24;
/** Steps of a turn while it runs: some milliseconds of work. */
const STEPS = 20;
/** Where it stops by itself. */
const MOST = 20_000;

/** The picture in grey around 0, so that no direction of the weights is much steeper than the others. */
function pixelsOf(picture: Picture | undefined): Float32Array {
  const pixels = planesOf(picture, SIDE, SIDE, "grey");
  const mean = pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length;
  return pixels.map((pixel) => pixel - mean);
}

/** The weights so far, and which of them are looked at. */
interface Progress {
  /** Losses are NaN until they are computed. */
  readonly steps: readonly Step[];
  readonly at: number;
}

const from = (w: readonly number[]): Progress => ({ steps: [{ w, loss: Number.NaN }], at: 0 });

function View({ initial, onShow, link, picture: given }: SectionProps<State>) {
  const [own, setOwn] = useState<Picture | undefined>(undefined);
  const picture = own ?? given;
  const [state, setState] = useState(initial?.state ?? INITIAL);
  const [pin, setPin] = useState(initial?.pin);
  const pixels = useMemo(() => pixelsOf(picture), [picture]);
  const [edited, setEdited] = useState<Float32Array | undefined>(undefined);
  const x = edited ?? pixels;
  const [progress, setProgress] = useState(() => from(state.w));
  const [wanted, setWanted] = useState<"nothing" | "step" | "run">("nothing");
  const [box, visible] = useVisible<HTMLElement>();
  const { steps, at } = progress;
  const { kernel, rate, broken } = state;
  const { w, before } = steps[at] as Step;
  const count = wanted === "run" ? STEPS : wanted === "step" ? 1 : 0;
  const task = useMemo(
    () => ({ x, side: SIDE, kernel, w, rate, broken, before, steps: count }),
    [x, kernel, w, rate, broken, before, count],
  );
  const { found, failure } = useLesson("learn", task, visible);
  const drawn = useMemo(() => found && figure(found.state, found.result), [found]);
  const diverged = found?.state.w === w && found.result.diverged;
  const over = diverged || at >= MOST;

  useEffect(() => onShow?.({ state, step: 0, pin }), [state, pin]);
  useEffect(() => {
    // What was computed for something else comes too late.
    if (found?.state !== task) return;
    const { path, diverged: stopped } = found.result;
    // Nor does it count when the training was started over just now.
    const go = (next: Progress) => setProgress((before) => (before === progress ? next : before));
    if (count > 0) {
      go({ steps: [...steps.slice(0, at), ...path], at: at + path.length - 1 });
      if (wanted === "step" || stopped || at >= MOST) setWanted("nothing");
    } else if (Number.isNaN(steps[at]?.loss)) {
      go({ steps: steps.with(at, { w, before, loss: path[0]?.loss ?? 0 }), at });
    }
  }, [found, task]);
  useEffect(() => {
    if (!visible || failure) setWanted("nothing");
  }, [visible, failure]);

  /** Another task, or other weights: the steps so far led elsewhere. */
  const restart = (changes: Partial<State>, start = changes.w ?? state.w) => {
    setWanted("nothing");
    setState((before) => ({ ...before, ...changes }));
    setProgress(from(start));
  };
  // Another picture is another task.
  useEffect(() => {
    setEdited(undefined);
    restart({});
  }, [picture]);
  const edit = ({ grid, at: place }: Cell, value: number) => {
    if (grid === "W") restart({ w: w.with(place, value) });
    else if (grid === "sought") restart({ kernel: kernel.with(place, value) }, w);
    else if (grid === "rate") setState((before) => ({ ...before, rate: value }));
    else if (grid === "x") {
      setEdited(x.with(place, value));
      restart({}, w);
    }
  };
  const ways = (["mean", "add"] as const).map((name) => ({
    name,
    label: `lesson.learn.${name}` as const,
    on: broken === name,
    to: { broken: broken === name ? "no" : name } as const,
  }));
  const code = useCallback(() => learnCode({ x, side: SIDE, ...state }, at), [x, state, at]);
  const name = (Object.keys(KERNELS) as KernelName[]).find((each) =>
    KERNELS[each].every((value, i) => value === kernel[i]),
  );
  const distance = Math.max(...w.map((value, i) => Math.abs(value - (kernel[i] as number))));
  const losses = steps.map(({ loss }) => loss);
  return (
    <LessonPart
      id="learn"
      title="lesson.learn.title"
      words={["lesson.learn.what", "lesson.learn.how"]}
      formulas={["a", "b", "c"].map((letter) => [letter, formulas[`f${letter}`]])}
      ready={drawn !== undefined}
      {...{ failure, box }}
    >
      <Choice
        legend="lesson.learn.kernel"
        value={name}
        options={{
          edge: "lesson.learn.edge",
          sobel: "lesson.learn.sobel",
          blur: "lesson.learn.blur",
        }}
        onChange={(chosen) => restart({ kernel: KERNELS[chosen] })}
      />
      <OwnPicture onChoose={setOwn} />
      <div class="sliders">
        <Slider
          field="rate"
          label={t("lesson.learn.rate")}
          value={positionOf(rate)}
          {...RATES}
          format={() => formatNumber(rate)}
          onChange={(position) => setState((before) => ({ ...before, rate: rateOf(position) }))}
        />
      </div>
      {drawn && (
        <>
          <p class="learn-state" data-steps={at} data-distance={distance}>
            {t("lesson.learn.state", {
              steps: at,
              loss: formatNumber(losses[at] as number),
              distance: formatNumber(distance),
            })}
          </p>
          <p role="status" class={diverged ? "notice bad" : "hidden"}>
            {diverged ? t("lesson.learn.diverged", { rate: formatNumber(rate) }) : ""}
          </p>
          <LossCurve losses={losses} at={at} />
          <LinkedFigure
            figure={drawn}
            label={t("lesson.learn.title")}
            pin={pin === "none" ? undefined : pin}
            onPin={(cell) => setPin(cell ?? "none")}
            onEdit={edit}
            busy={wanted === "run"}
          >
            <Stepper
              label={t("lesson.learn.steps")}
              count={steps.length - 1}
              step={at}
              going={wanted === "run"}
              playName={t("lesson.learn.run")}
              onStep={(to) => {
                setWanted("nothing");
                setProgress((before) => ({ ...before, at: to }));
              }}
              onToggle={over ? undefined : () => setWanted(wanted === "run" ? "nothing" : "run")}
              onNext={over || wanted === "run" ? undefined : () => setWanted("step")}
            />
          </LinkedFigure>
        </>
      )}
      {found && (
        <BreakIt<State>
          ways={ways}
          check={found.result.check}
          change={(changes) => restart(typeof changes === "function" ? changes(state) : changes)}
        />
      )}
      <CopyRow
        {...{ code, link }}
        onReset={() => {
          setEdited(undefined);
          restart(INITIAL);
        }}
      />
    </LessonPart>
  );
}

export const learn: Section<State> = { id: "learn", start: INITIAL, codec, View };
