import { type Key, t } from "../../i18n/index.ts";
import { Segmented } from "../../ui/Segmented.tsx";

interface Props<T extends string> {
  readonly legend: Key;
  /** What can be chosen, and what it is called. */
  readonly options: Readonly<Record<T, Key>>;
  /** undefined where nothing of it is chosen. */
  readonly value: T | undefined;
  readonly onChange: (value: T) => void;
}

/** One of a few, by their keys. */
export function Choice<T extends string>({ legend, options, value, onChange }: Props<T>) {
  return (
    <Segmented
      legend={t(legend)}
      value={value ?? ""}
      options={Object.entries<Key>(options).map(([each, key]) => ({ value: each, label: t(key) }))}
      onChange={(chosen) => onChange(chosen as T)}
    />
  );
}
