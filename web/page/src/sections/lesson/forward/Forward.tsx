import { t } from "../../../i18n/index.ts";
import { convolutionCode } from "../code.ts";
import { edit } from "../convolution.ts";
import { cellsOf } from "../linked/figure.ts";
import { Sliders } from "../Sliders.tsx";
import { section } from "../section.tsx";
import formulas from "./formulas.tex";
import { codec, FIELDS, figure, INITIAL } from "./model.ts";

export const forward = section<"forward">({
  id: "forward",
  words: ["lesson.forward.what", "lesson.forward.how"],
  formulas: ["0", "1", "2", "3", "4"].map((number) => [number, formulas[`f${number}`]]),
  start: INITIAL,
  codec,
  figure,
  path: (drawn) => cellsOf(drawn, "z"),
  edit: (state, { grid, at }, value) => edit(state, grid, at, value),
  code: (state) => convolutionCode(state, "forward"),
  controls: (state, change) => <Sliders {...{ state, change }} fields={FIELDS} />,
  verdict: ({ agree }) => (
    <p class={agree ? "verdict good" : "verdict bad"}>
      {agree ? "✓" : "✗"} {t(agree ? "lesson.forward.agree" : "lesson.forward.differ")}
    </p>
  ),
});
