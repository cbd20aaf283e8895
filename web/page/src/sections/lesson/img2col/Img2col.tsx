import { Choice } from "../Choice.tsx";
import { edit, resize } from "../convolution.ts";
import { Sliders } from "../Sliders.tsx";
import { section } from "../section.tsx";
import { img2colCode } from "./code.ts";
import { figure, pathOf } from "./figure.ts";
import formulas from "./formulas.tex";
import { codec, EXAMPLES, FIELDS, INITIAL, LARGEST, type State } from "./model.ts";

const exampleOf = ({ extents }: State) => (extents.n === 1 ? "single" : "batch");

export const img2col = section<"img2col">({
  id: "img2col",
  words: ["lesson.img2col.idea", "lesson.img2col.back", "lesson.img2col.steps"],
  formulas: ["a", "b", "c", "d"].map((letter) => [letter, formulas[`f${letter}`]]),
  start: INITIAL,
  codec,
  figure,
  path: (_, state, result) => pathOf(state, result),
  edit: (state, { grid, at }, value) => edit(state, grid, at, value),
  code: img2colCode,
  controls: (state, change) => (
    <>
      <div class="choices">
        <Choice
          legend="lesson.img2col.pass"
          value={state.pass}
          options={{ forward: "lesson.img2col.forward", backward: "lesson.img2col.backward" }}
          onChange={(pass) => change({ pass, broken: false })}
        />
        <Choice
          legend="lesson.img2col.example"
          value={exampleOf(state)}
          options={{ single: "lesson.img2col.single", batch: "lesson.img2col.batch" }}
          onChange={(chosen) => {
            const { extents, numbers } = resize(INITIAL, EXAMPLES[chosen]);
            change({ extents, numbers });
          }}
        />
      </div>
      <Sliders {...{ state, change }} fields={FIELDS} most={LARGEST} />
    </>
  ),
  ways: ({ pass, broken }) =>
    pass === "backward"
      ? [{ name: "img2col", label: "lesson.breakIt.assign", on: broken, to: { broken: !broken } }]
      : [],
  kept: (state) => ({ ...resize(INITIAL, EXAMPLES[exampleOf(state)]), pass: state.pass }),
});
