import { formatNumber, type Key, t } from "../../i18n/index.ts";
import type { Check } from "./check.ts";
import type { Change } from "./section.tsx";

/** Something that can be done wrong. */
export interface Way<State> {
  readonly name: string;
  readonly label: Key;
  readonly on: boolean;
  /** What pressing its button changes. */
  readonly to: Partial<State>;
}

interface Props<State> {
  readonly ways: readonly Way<State>[];
  readonly check: Check;
  readonly change: Change<State>;
}

/** Buttons that break the computation, and the check that finds it out. */
export function BreakIt<State>({ ways, check, change }: Props<State>) {
  const count = check.wrong.filter(Boolean).length;
  const difference = formatNumber(check.difference, 3);
  return (
    <div class="break-it">
      <div class="breakers">
        <span class="label">{t("lesson.breakIt.title")}</span>
        {ways.map(({ name, label, on, to }) => (
          <button
            key={name}
            type="button"
            data-break={name}
            aria-pressed={on}
            onClick={() => change(to)}
          >
            {t(label)}
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
