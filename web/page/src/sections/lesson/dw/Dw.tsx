import { convolutionCode } from "../code.ts";
import { edit } from "../convolution.ts";
import { cellsOf } from "../linked/figure.ts";
import { Sliders } from "../Sliders.tsx";
import { section } from "../section.tsx";
import formulas from "./formulas.tex";
import { codec, FIELDS, figure, INITIAL } from "./model.ts";

export const dw = section<"dw">({
  id: "dw",
  words: ["lesson.dw.weights", "lesson.dw.bias", "lesson.dw.batch"],
  formulas: ["a", "b", "c"].map((letter) => [letter, formulas[`f8${letter}`]]),
  start: INITIAL,
  codec,
  figure,
  path: (drawn) => [...cellsOf(drawn, "dw"), ...cellsOf(drawn, "db")],
  edit: (state, { grid, at }, value) => edit(state, grid, at, value),
  code: (state) => convolutionCode(state, "dw"),
  controls: (state, change) => <Sliders {...{ state, change }} fields={FIELDS} />,
  ways: ({ broken }) => [
    { name: "dw", label: "lesson.breakIt.noMean", on: broken, to: { broken: !broken } },
  ],
});
