import { useCallback, useMemo, useState } from "preact/hooks";
import { t } from "../../../i18n/index.ts";
import { Segmented } from "../../../ui/Segmented.tsx";
import { BreakIt } from "../BreakIt.tsx";
import { CopyCode } from "../CopyCode.tsx";
import { convolutionCode } from "../code.ts";
import { edit, type Operand, resize } from "../convolution.ts";
import { LessonPart } from "../LessonPart.tsx";
import { LinkedFigure } from "../linked/LinkedFigure.tsx";
import { Sliders } from "../Sliders.tsx";
import { useLesson, useVisible } from "../useLesson.ts";
import { figure, pathOf } from "./figure.ts";
import formulas from "./formulas.tex";
import { EXAMPLES, FIELDS, INITIAL, type State } from "./model.ts";

export function Img2col() {
  const [state, setState] = useState(INITIAL);
  const [step, setStep] = useState(0);
  const [box, visible] = useVisible<HTMLElement>();
  const { found, failure } = useLesson("img2col", state, visible);
  const drawn = useMemo(() => found && figure(found.state, found.result, step), [found, step]);
  const path = useMemo(() => (found ? pathOf(found.state, found.result) : []), [found]);
  const code = useCallback(() => convolutionCode(state.convolution, "img2col"), [state]);
  const change = (changes: Partial<State>) => {
    setStep(0);
    setState((before) => ({ ...before, ...changes }));
  };
  const backward = state.pass === "backward";
  const example = state.convolution.extents.n === 1 ? "single" : "batch";
  return (
    <LessonPart
      id="img2col"
      title="lesson.img2col.title"
      words={["lesson.img2col.idea", "lesson.img2col.back", "lesson.img2col.steps"]}
      formulas={["a", "b", "c", "d"].map((letter) => [letter, formulas[`f${letter}`]])}
      ready={drawn !== undefined}
      {...{ failure, box }}
    >
      <div class="choices">
        <Segmented
          legend={t("lesson.img2col.pass")}
          value={state.pass}
          options={[
            { value: "forward", label: t("lesson.img2col.forward") },
            { value: "backward", label: t("lesson.img2col.backward") },
          ]}
          onChange={(pass) => change({ pass, broken: false })}
        />
        <Segmented
          legend={t("lesson.img2col.example")}
          value={example}
          options={[
            { value: "single", label: t("lesson.img2col.single") },
            { value: "batch", label: t("lesson.img2col.batch") },
          ]}
          onChange={(chosen) => change({ convolution: EXAMPLES[chosen] })}
        />
      </div>
      <Sliders
        extents={state.convolution.extents}
        fields={FIELDS}
        onChange={(changes) => change({ convolution: resize(state.convolution, changes) })}
      />
      {drawn && found && (
        <>
          <LinkedFigure
            figure={drawn}
            label={t("lesson.img2col.title")}
            {...{ path, step, visible }}
            onStep={setStep}
            onEdit={({ grid, at }, value) =>
              setState((before) => ({
                ...before,
                convolution: edit(before.convolution, grid as Operand, at, value),
              }))
            }
          />
          {backward && (
            <BreakIt
              ways={[
                {
                  name: "img2col",
                  label: t("lesson.breakIt.assign"),
                  on: state.broken,
                  onToggle: () => change({ broken: !state.broken }),
                },
              ]}
              check={found.result.check}
            />
          )}
        </>
      )}
      <div class="figure-foot">
        <button
          type="button"
          class="reset"
          onClick={() => change({ convolution: EXAMPLES[example], broken: false })}
        >
          {t("lesson.reset")}
        </button>
        <CopyCode code={code} />
      </div>
    </LessonPart>
  );
}
