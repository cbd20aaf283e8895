import { t } from "../../../i18n/index.ts";
import { Choice } from "../Choice.tsx";
import { cellsOf } from "../linked/figure.ts";
import { Slider } from "../Sliders.tsx";
import { section } from "../section.tsx";
import { poolingCode } from "./code.ts";
import { figure } from "./figure.ts";
import formulas from "./formulas.tex";
import { adapt, boundsOf, codec, FIELDS, INITIAL, type State } from "./model.ts";
import { PoolPicture } from "./PoolPicture.tsx";

/** All below 0, with a border of padding: where 0 for −∞ is found out. */
const NEGATIVE: Partial<State> = { x: INITIAL.x.map((value) => value - 5), padding: 1 };

export const pooling = section<"pooling">({
  id: "pooling",
  words: [
    "lesson.pooling.what",
    "lesson.pooling.back",
    "lesson.pooling.overlap",
    "lesson.pooling.aims",
  ],
  formulas: ["a", "b", "c", "d", "e"].map((letter) => [letter, formulas[`f${letter}`]]),
  start: INITIAL,
  codec,
  figure,
  path: (drawn) => [...cellsOf(drawn, "y"), ...cellsOf(drawn, "dx")],
  edit: (state, { grid, at }, value) =>
    grid === "x" || grid === "dy" ? { ...state, [grid]: state[grid].with(at, value) } : state,
  adapt,
  code: poolingCode,
  controls: (state, change) => (
    <>
      <Choice
        legend="lesson.pooling.kind"
        value={state.kind}
        options={{ max: "lesson.pooling.max", mean: "lesson.pooling.mean" }}
        onChange={(kind) => change({ kind, broken: "no" })}
      />
      <div class="sliders">
        {FIELDS.map((field) => (
          <Slider
            key={field}
            field={field}
            label={field === "size" ? t("lesson.pooling.size") : t(`lesson.extent.${field}`)}
            value={state[field]}
            {...boundsOf(state)[field]}
            onChange={(value) => change({ [field]: value })}
          />
        ))}
      </div>
    </>
  ),
  verdict: ({ ties }) =>
    ties > 0 && <p class="notice">{t("lesson.pooling.ties", { count: ties })}</p>,
  ways: ({ kind, broken }) => {
    const way = (name: "assign" | "zeroPadding", needs: Partial<State>) => ({
      name,
      label: `lesson.breakIt.${name}` as const,
      on: broken === name,
      to: broken === name ? { broken: "no" as const } : { ...needs, broken: name },
    });
    const assign = way("assign", { stride: 1 });
    return kind === "max" ? [assign, way("zeroPadding", NEGATIVE)] : [assign];
  },
  kept: ({ kind }) => ({ kind }),
  below: ({ kind }, visible, picture) => <PoolPicture {...{ kind, visible, picture }} />,
});
