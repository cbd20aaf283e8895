import { useId } from "preact/hooks";

interface Props<T extends string> {
  readonly legend: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
  /** Whether the legend is for screen readers only. */
  readonly quiet?: boolean;
}

/** One of a few: radio buttons that look like one bar. */
export function Segmented<T extends string>({ legend, value, options, onChange, quiet }: Props<T>) {
  const name = useId();
  return (
    <fieldset class="segmented">
      <legend class={quiet ? "hidden" : "label"}>{legend}</legend>
      <div class="segments">
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
