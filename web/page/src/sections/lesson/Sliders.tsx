import { useId } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import { boundsOf, type Convolution, type Extents, MOST, resize } from "./convolution.ts";
import type { Change } from "./section.tsx";

interface Props<State extends Convolution> {
  readonly state: State;
  readonly fields: readonly (keyof Extents)[];
  readonly most?: Extents;
  readonly change: Change<State>;
}

/** The extents of a convolution; their bounds follow from each other, so that every setting is legal. */
export function Sliders<State extends Convolution>(props: Props<State>) {
  const { state, fields, most = MOST, change } = props;
  const bounds = boundsOf(state.extents, most);
  return (
    <details class="extents" open={matchMedia("(min-width: 48rem)").matches}>
      <summary>{t("lesson.extents")}</summary>
      <div class="sliders">
        {fields.map((field) => (
          <Slider
            key={field}
            field={field}
            label={t(`lesson.extent.${field}`)}
            value={state.extents[field]}
            {...bounds[field]}
            onChange={(value) => change((before) => resize(before, { [field]: value }))}
          />
        ))}
      </div>
    </details>
  );
}

interface SliderProps {
  readonly field: string;
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly format?: (value: number) => string;
  readonly onChange: (value: number) => void;
}

export function Slider({ field, label, value, min, max, format, onChange }: SliderProps) {
  const id = useId();
  const written = format ? format(value) : String(value);
  return (
    <div class="slider">
      <label for={id}>
        {label} <b>{written}</b>
      </label>
      <input
        id={id}
        type="range"
        data-field={field}
        min={min}
        max={max}
        value={value}
        disabled={min === max}
        aria-valuetext={written}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
