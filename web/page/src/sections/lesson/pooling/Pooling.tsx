import { useCallback, useMemo, useState } from "preact/hooks";
import { t } from "../../../i18n/index.ts";
import { Segmented } from "../../../ui/Segmented.tsx";
import { BreakIt } from "../BreakIt.tsx";
import { CopyCode } from "../CopyCode.tsx";
import { LessonPart } from "../LessonPart.tsx";
import { cellsOf, LinkedFigure } from "../linked/LinkedFigure.tsx";
import { Slider } from "../Sliders.tsx";
import { useLesson, useVisible } from "../useLesson.ts";
import { poolingCode } from "./code.ts";
import { figure } from "./figure.ts";
import formulas from "./formulas.tex";
import { adapt, boundsOf, FIELDS, INITIAL, type State } from "./model.ts";
import { PoolPicture } from "./PoolPicture.tsx";

/** All below 0, with a border of padding: where 0 for −∞ is found out. */
const NEGATIVE: Partial<State> = { x: INITIAL.x.map((value) => value - 5), padding: 1 };

export function Pooling() {
  const [state, setState] = useState(INITIAL);
  const [step, setStep] = useState(0);
  const [box, visible] = useVisible<HTMLElement>();
  const { found, failure } = useLesson("pooling", state, visible);
  const drawn = useMemo(() => found && figure(found.state, found.result), [found]);
  const code = useCallback(() => poolingCode(state), [state]);
  const change = (changes: Partial<State>) => {
    setStep(0);
    setState((before) => adapt(before, changes));
  };
  const { kind, broken } = state;
  const toggle = (way: State["broken"], needs: Partial<State>) => () =>
    change(broken === way ? { broken: "no" } : { ...needs, broken: way });
  return (
    <LessonPart
      id="pooling"
      title="lesson.pooling.title"
      words={[
        "lesson.pooling.what",
        "lesson.pooling.back",
        "lesson.pooling.overlap",
        "lesson.pooling.aims",
      ]}
      formulas={["a", "b", "c", "d", "e"].map((letter) => [letter, formulas[`f${letter}`]])}
      ready={drawn !== undefined}
      {...{ failure, box }}
    >
      <Segmented
        legend={t("lesson.pooling.kind")}
        value={kind}
        options={[
          { value: "max", label: t("lesson.pooling.max") },
          { value: "mean", label: t("lesson.pooling.mean") },
        ]}
        onChange={(value) => change({ kind: value, broken: "no" })}
      />
      <div class="sliders">
        {FIELDS.map((field) => (
          <Slider
            key={field}
            field={field}
            label={field === "size" ? t("lesson.pooling.size") : field}
            value={state[field]}
            {...boundsOf(state)[field]}
            onChange={(value) => change({ [field]: value })}
          />
        ))}
      </div>
      {drawn && found && (
        <>
          <LinkedFigure
            figure={drawn}
            label={t("lesson.pooling.title")}
            path={[...cellsOf(drawn, "y"), ...cellsOf(drawn, "dx")]}
            {...{ step, visible }}
            onStep={setStep}
            onEdit={({ grid, at }, value) =>
              setState((before) => {
                const name = grid as "x" | "dy";
                return { ...before, [name]: before[name].with(at, value) };
              })
            }
          />
          {found.result.ties > 0 && (
            <p class="notice">{t("lesson.pooling.ties", { count: found.result.ties })}</p>
          )}
          <BreakIt
            ways={[
              {
                name: "assign",
                label: t("lesson.breakIt.assign"),
                on: broken === "assign",
                onToggle: toggle("assign", { stride: 1 }),
              },
              ...(kind === "max"
                ? [
                    {
                      name: "zeroPadding",
                      label: t("lesson.breakIt.zeroPadding"),
                      on: broken === "zeroPadding",
                      onToggle: toggle("zeroPadding", NEGATIVE),
                    },
                  ]
                : []),
            ]}
            check={found.result.check}
          />
        </>
      )}
      <div class="figure-foot">
        <button type="button" class="reset" onClick={() => change({ ...INITIAL, kind })}>
          {t("lesson.reset")}
        </button>
        <CopyCode code={code} />
      </div>
      <PoolPicture kind={kind} visible={visible} />
    </LessonPart>
  );
}
