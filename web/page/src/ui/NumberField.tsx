import { useId } from "preact/hooks";

interface Props {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
  /** What may be entered, in short. */
  readonly hint?: string;
  /** Why the value does not do. */
  readonly problem?: string | undefined;
  readonly disabled?: boolean;
  /** Names the field for tests and for links from messages. */
  readonly field: string;
}

/** A whole number; an empty or broken entry is NaN. */
export function NumberField(props: Props) {
  const { label, value, min, max, onChange, hint, problem, disabled, field } = props;
  const id = useId();
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <NumberInput
        id={id}
        {...{ value, min, max, onChange, field, describedBy: `${id}-about` }}
        {...(disabled === undefined ? {} : { disabled })}
        invalid={problem !== undefined}
      />
      <p id={`${id}-about`} class={problem ? "problem" : "hint"}>
        {problem ?? hint}
      </p>
    </div>
  );
}

interface InputProps {
  readonly id?: string;
  readonly label?: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
  readonly invalid: boolean;
  readonly describedBy: string;
  readonly disabled?: boolean;
  readonly field: string;
}

/** The bare input of a number field. */
export function NumberInput(props: InputProps) {
  const { id, label, value, min, max, onChange, invalid, describedBy, disabled, field } = props;
  return (
    <input
      id={id}
      aria-label={label}
      type="number"
      inputMode="numeric"
      step={1}
      min={min}
      max={max}
      value={Number.isNaN(value) ? "" : value}
      disabled={disabled}
      aria-invalid={invalid ? "true" : undefined}
      aria-describedby={describedBy}
      data-field={field}
      onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
    />
  );
}
