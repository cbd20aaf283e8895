import { useCallback, useMemo, useState } from "preact/hooks";
import { t } from "../../../i18n/index.ts";
import { CopyCode } from "../CopyCode.tsx";
import { convolutionCode } from "../code.ts";
import { edit, type Operand, resize } from "../convolution.ts";
import { LessonPart } from "../LessonPart.tsx";
import { cellsOf, LinkedFigure } from "../linked/LinkedFigure.tsx";
import { Sliders } from "../Sliders.tsx";
import { useLesson, useVisible } from "../useLesson.ts";
import formulas from "./formulas.tex";
import { FIELDS, figure, INITIAL } from "./model.ts";

export function Forward() {
  const [state, setState] = useState(INITIAL);
  const [step, setStep] = useState(0);
  const [box, visible] = useVisible<HTMLElement>();
  const { found, failure } = useLesson("forward", state, visible);
  const drawn = useMemo(() => found && figure(found.state, found.result), [found]);
  const code = useCallback(() => convolutionCode(state, "forward"), [state]);
  const change = (next: typeof state) => {
    setStep(0);
    setState(next);
  };
  return (
    <LessonPart
      id="forward"
      title="lesson.forward.title"
      words={["lesson.forward.what", "lesson.forward.how"]}
      formulas={["0", "1", "2", "3", "4"].map((number) => [number, formulas[`f${number}`]])}
      ready={drawn !== undefined}
      {...{ failure, box }}
    >
      <Sliders
        extents={state.extents}
        fields={FIELDS}
        onChange={(changes) => change(resize(state, changes))}
      />
      {drawn && (
        <LinkedFigure
          figure={drawn}
          label={t("lesson.forward.title")}
          path={cellsOf(drawn, "z")}
          {...{ step, visible }}
          onStep={setStep}
          onEdit={({ grid, at }, value) =>
            setState((before) => edit(before, grid as Operand, at, value))
          }
        />
      )}
      <div class="figure-foot">
        {found && (
          <p class={found.result.agree ? "verdict good" : "verdict bad"}>
            {found.result.agree ? "✓" : "✗"}{" "}
            {t(found.result.agree ? "lesson.forward.agree" : "lesson.forward.differ")}
          </p>
        )}
        <button type="button" class="reset" onClick={() => change(INITIAL)}>
          {t("lesson.reset")}
        </button>
        <CopyCode code={code} />
      </div>
    </LessonPart>
  );
}
