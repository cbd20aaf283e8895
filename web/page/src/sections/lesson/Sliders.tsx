import { useId } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import { boundsOf, type Extents } from "./convolution.ts";

interface Props {
  readonly extents: Extents;
  readonly fields: readonly (keyof Extents)[];
  readonly onChange: (changes: Partial<Extents>) => void;
}

/** The extents of a convolution; their bounds follow from each other, so that every setting is legal. */
export function Sliders({ extents, fields, onChange }: Props) {
  const bounds = boundsOf(extents);
  return (
    <details class="extents" open={matchMedia("(min-width: 48rem)").matches}>
      <summary>{t("lesson.extents")}</summary>
      <div class="sliders">
        {fields.map((field) => (
          <Slider
            key={field}
            field={field}
            label={t(`lesson.extent.${field}`)}
            value={extents[field]}
            {...bounds[field]}
            onChange={(value) => onChange({ [field]: value })}
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
  readonly step?: number;
  readonly format?: (value: number) => string;
  readonly onChange: (value: number) => void;
}

export function Slider({ field, label, value, min, max, step, format, onChange }: SliderProps) {
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
        step={step ?? 1}
        value={value}
        disabled={min === max}
        aria-valuetext={written}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
