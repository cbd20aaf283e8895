import { useCallback, useMemo, useState } from "preact/hooks";
import { t } from "../../../i18n/index.ts";
import { Segmented } from "../../../ui/Segmented.tsx";
import { BreakIt } from "../BreakIt.tsx";
import { CopyCode } from "../CopyCode.tsx";
import { convolutionCode } from "../code.ts";
import { edit, type Operand, resize } from "../convolution.ts";
import { LessonPart } from "../LessonPart.tsx";
import { cellsOf, LinkedFigure } from "../linked/LinkedFigure.tsx";
import { Sliders } from "../Sliders.tsx";
import { useLesson, useVisible } from "../useLesson.ts";
import formulas from "./formulas.tex";
import { FIELDS, figure, INITIAL, type State } from "./model.ts";

export function Dx() {
  const [state, setState] = useState(INITIAL);
  const [step, setStep] = useState(0);
  const [box, visible] = useVisible<HTMLElement>();
  const { found, failure } = useLesson("dx", state, visible);
  const drawn = useMemo(() => found && figure(found.state, found.result, step), [found, step]);
  const code = useCallback(() => convolutionCode(state.convolution, "dx"), [state]);
  const change = (changes: Partial<State>) => {
    setStep(0);
    setState((before) => ({ ...before, ...changes }));
  };
  const scattering = found?.state.method === "scatter";
  return (
    <LessonPart
      id="dx"
      title="lesson.dx.title"
      words={[
        "lesson.dx.contribute",
        "lesson.dx.turn",
        "lesson.dx.pad",
        "lesson.dx.stride",
        "lesson.dx.two",
      ]}
      formulas={["5", "6", "7", "8"].map((number) => [number, formulas[`f${number}`]])}
      ready={drawn !== undefined}
      {...{ failure, box }}
    >
      <Segmented
        legend={t("lesson.dx.method")}
        value={state.method}
        options={[
          { value: "gather", label: t("lesson.dx.gather") },
          { value: "scatter", label: t("lesson.dx.scatter") },
        ]}
        onChange={(method) => change({ method, broken: false })}
      />
      <Sliders
        extents={state.convolution.extents}
        fields={FIELDS}
        onChange={(changes) => change({ convolution: resize(state.convolution, changes) })}
      />
      {drawn && found && (
        <>
          <LinkedFigure
            figure={drawn}
            label={t("lesson.dx.title")}
            path={cellsOf(drawn, scattering ? "dy" : "dx")}
            {...{ step, visible }}
            onStep={setStep}
            onEdit={({ grid, at }, value) =>
              setState((before) => ({
                ...before,
                convolution: edit(before.convolution, grid as Operand, at, value),
              }))
            }
          />
          <BreakIt
            ways={[
              {
                name: "dx",
                label: t(
                  state.method === "gather" ? "lesson.breakIt.noRot180" : "lesson.breakIt.assign",
                ),
                on: state.broken,
                onToggle: () => change({ broken: !state.broken }),
              },
            ]}
            check={found.result.check}
          />
        </>
      )}
      <div class="figure-foot">
        <button
          type="button"
          class="reset"
          onClick={() => change({ ...INITIAL, method: state.method })}
        >
          {t("lesson.reset")}
        </button>
        <CopyCode code={code} />
      </div>
    </LessonPart>
  );
}
