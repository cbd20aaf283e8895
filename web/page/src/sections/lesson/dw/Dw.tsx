import { useCallback, useMemo, useState } from "preact/hooks";
import { t } from "../../../i18n/index.ts";
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

export function Dw() {
  const [state, setState] = useState(INITIAL);
  const [step, setStep] = useState(0);
  const [box, visible] = useVisible<HTMLElement>();
  const { found, failure } = useLesson("dw", state, visible);
  const drawn = useMemo(() => found && figure(found.state, found.result), [found]);
  const code = useCallback(() => convolutionCode(state.convolution, "dw"), [state]);
  const change = (changes: Partial<State>) => {
    setStep(0);
    setState((before) => ({ ...before, ...changes }));
  };
  return (
    <LessonPart
      id="dw"
      title="lesson.dw.title"
      words={["lesson.dw.weights", "lesson.dw.bias", "lesson.dw.batch"]}
      formulas={["a", "b", "c"].map((letter) => [letter, formulas[`f8${letter}`]])}
      ready={drawn !== undefined}
      {...{ failure, box }}
    >
      <Sliders
        extents={state.convolution.extents}
        fields={FIELDS}
        onChange={(changes) => change({ convolution: resize(state.convolution, changes) })}
      />
      {drawn && found && (
        <>
          <LinkedFigure
            figure={drawn}
            label={t("lesson.dw.title")}
            path={[...cellsOf(drawn, "dw"), ...cellsOf(drawn, "db")]}
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
                name: "dw",
                label: t("lesson.breakIt.noMean"),
                on: state.broken,
                onToggle: () => change({ broken: !state.broken }),
              },
            ]}
            check={found.result.check}
          />
        </>
      )}
      <div class="figure-foot">
        <button type="button" class="reset" onClick={() => change(INITIAL)}>
          {t("lesson.reset")}
        </button>
        <CopyCode code={code} />
      </div>
    </LessonPart>
  );
}
