// The number fields of the laboratory, bound to its settings.
import { useId } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import { NumberField, NumberInput } from "../../ui/NumberField.tsx";
import { type Bounds, boundsOf, type Field } from "./rules.ts";
import type { Pair, Settings } from "./settings.ts";
import { useLab } from "./state.ts";
import { problemText } from "./words.ts";

type Named<T> = { [K in keyof Settings]: Settings[K] extends T ? K : never }[keyof Settings];
type NumberName = Named<number> & Field;
type PairName = "kernel" | "stride" | "padding" | "dilation";

/** Gives why a field does not do, in words. */
export function useProblemOf(): (...fields: Field[]) => string | undefined {
  const { problems } = useLab();
  return (...fields) => {
    const problem = problems.value.find(({ field }) => fields.includes(field));
    return problem && problemText(problem);
  };
}

/** The values a field may take, given the others. */
function boundsText({ min, max }: Bounds): string {
  if (!Number.isFinite(min) || !Number.isFinite(max) || max > 1e6) return "";
  return min >= max ? String(min) : t("lab.shape.bounds", { min, max });
}

interface Props<Name> {
  readonly name: Name;
  readonly label: string;
  readonly disabled?: boolean;
}

export function SettingField({ name, label, disabled }: Props<NumberName>) {
  const { change, settings } = useLab();
  const bounds = boundsOf(settings.value)[name];
  return (
    <NumberField
      field={name}
      label={label}
      value={settings.value[name]}
      {...bounds}
      hint={disabled ? "" : boundsText(bounds)}
      problem={useProblemOf()(name)}
      disabled={disabled ?? false}
      onChange={(value) => change({ [name]: value })}
    />
  );
}

/** Height and width of one thing, side by side. */
export function PairField({ name, label }: Props<PairName>) {
  const { change, settings } = useLab();
  const problemOf = useProblemOf();
  const bounds = boundsOf(settings.value);
  const id = useId();
  const values = settings.value[name];
  const problem = problemOf(`${name}0`, `${name}1`);
  const set = (axis: 0 | 1, value: number) => {
    const next: Pair = axis === 0 ? [value, values[1]] : [values[0], value];
    change({ [name]: next });
  };
  const input = (axis: 0 | 1) => (
    <NumberInput
      field={`${name}${axis}`}
      label={t(axis === 0 ? "lab.shape.height" : "lab.shape.width", { label })}
      value={values[axis]}
      {...bounds[`${name}${axis}`]}
      invalid={problemOf(`${name}${axis}`) !== undefined}
      describedBy={`${id}-about`}
      onChange={(value) => set(axis, value)}
    />
  );
  const [first, second] = [boundsText(bounds[`${name}0`]), boundsText(bounds[`${name}1`])];
  return (
    <div class="field">
      <span class="label" aria-hidden="true">
        {label}
      </span>
      <div class="pair">
        {input(0)}
        <span aria-hidden="true">×</span>
        {input(1)}
      </div>
      <p id={`${id}-about`} class={problem ? "problem" : "hint"}>
        {problem ?? (first === second ? first : `${first} × ${second}`)}
      </p>
    </div>
  );
}
