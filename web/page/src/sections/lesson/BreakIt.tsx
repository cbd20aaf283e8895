import { formatNumber, t } from "../../i18n/index.ts";
import type { Check } from "./check.ts";

interface Props {
  /** What can be done wrong, and whether it is. */
  readonly ways: readonly {
    readonly name: string;
    readonly label: string;
    readonly on: boolean;
    readonly onToggle: () => void;
  }[];
  readonly check: Check;
}

/** Buttons that break the computation, and the check that finds it out. */
export function BreakIt({ ways, check }: Props) {
  const count = check.wrong.filter(Boolean).length;
  const difference = formatNumber(check.difference, 3);
  return (
    <div class="break-it">
      <div class="breakers">
        <span class="label">{t("lesson.breakIt.title")}</span>
        {ways.map(({ name, label, on, onToggle }) => (
          <button key={name} type="button" data-break={name} aria-pressed={on} onClick={onToggle}>
            {label}
          </button>
        ))}
      </div>
      <p class={count === 0 ? "verdict good" : "verdict bad"} role="status" data-wrong={count}>
        {count === 0 ? "✓" : "✗"} {t("lesson.breakIt.check")}:{" "}
        {count === 0
          ? t("lesson.breakIt.passes", { difference })
          : t("lesson.breakIt.fails", { count, difference })}
      </p>
      <small>{t("lesson.breakIt.about")}</small>
    </div>
  );
}
