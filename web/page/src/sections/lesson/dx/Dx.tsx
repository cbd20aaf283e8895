import { Choice } from "../Choice.tsx";
import { convolutionCode } from "../code.ts";
import { edit } from "../convolution.ts";
import { FIELDS } from "../forward/model.ts";
import { cellsOf } from "../linked/figure.ts";
import { Sliders } from "../Sliders.tsx";
import { section } from "../section.tsx";
import formulas from "./formulas.tex";
import { codec, figure, INITIAL } from "./model.ts";

export const dx = section<"dx">({
  id: "dx",
  words: [
    "lesson.dx.contribute",
    "lesson.dx.turn",
    "lesson.dx.pad",
    "lesson.dx.stride",
    "lesson.dx.two",
  ],
  formulas: ["5", "6", "7", "8"].map((number) => [number, formulas[`f${number}`]]),
  start: INITIAL,
  codec,
  figure,
  path: (drawn, { method }) => cellsOf(drawn, method === "scatter" ? "dy" : "dx"),
  edit: (state, { grid, at }, value) => edit(state, grid, at, value),
  code: (state) => convolutionCode(state, "dx"),
  controls: (state, change) => (
    <>
      <Choice
        legend="lesson.dx.method"
        value={state.method}
        options={{ gather: "lesson.dx.gather", scatter: "lesson.dx.scatter" }}
        onChange={(method) => change({ method, broken: false })}
      />
      <Sliders {...{ state, change }} fields={FIELDS} />
    </>
  ),
  ways: ({ method, broken }) => [
    {
      name: "dx",
      label: method === "gather" ? "lesson.breakIt.noRot180" : "lesson.breakIt.assign",
      on: broken,
      to: { broken: !broken },
    },
  ],
  kept: ({ method }) => ({ method }),
});
