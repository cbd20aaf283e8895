import { useId } from "preact/hooks";

interface Props<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly {
    readonly value: T;
    readonly label: string;
    readonly disabled?: boolean;
  }[];
  readonly onChange: (value: T) => void;
  readonly field: string;
  readonly problem?: string | undefined;
}

export function SelectField<T extends string>(props: Props<T>) {
  const { label, value, options, onChange, field, problem } = props;
  const id = useId();
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      <select
        id={id}
        value={value}
        data-field={field}
        aria-invalid={problem ? "true" : undefined}
        aria-describedby={problem ? `${id}-about` : undefined}
        onChange={(event) => onChange(event.currentTarget.value as T)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled ?? false}>
            {option.label}
          </option>
        ))}
      </select>
      {problem && (
        <p id={`${id}-about`} class="problem">
          {problem}
        </p>
      )}
    </div>
  );
}
