import { formatNumber, t } from "../../i18n/index.ts";
import { groupsOf } from "./groups.ts";
import type { Path } from "./settings.ts";
import type { RunState } from "./state.ts";
import { lineName, passName } from "./words.ts";

/** What is held against method 1: a yardstick is no rival. */
const RIVALS: readonly Path[] = ["im2col", "winograd", "winograd4"];

/** Method 1 against the others in a sentence for each direction, "cannot tell" among them. */
export function VerdictPanel({ run }: { run: RunState }) {
  const { operation } = run.settings;
  const passes = groupsOf(run.settings, run.timing?.series ?? []).flatMap(({ name, rows }) => {
    const base = rows[0];
    if (base?.line.path !== "direct") return [];
    const sentences = rows.flatMap(({ line, compared }) => {
      if (line.build !== "main" || !RIVALS.includes(line.path) || !compared) return [];
      const { verdict, ratio } = compared;
      const words = t(`lab.verdict.${verdict}`, {
        line: lineName(line, operation),
        base: lineName(base.line, operation),
        ratio: formatNumber(ratio?.value ?? Number.NaN),
        low: formatNumber(ratio?.low ?? Number.NaN),
        high: formatNumber(ratio?.high ?? Number.NaN),
      });
      return [{ line, verdict, words }];
    });
    return sentences.length > 0 ? [{ name, sentences }] : [];
  });
  if (passes.length === 0) return null;
  return (
    <section class="card verdicts" aria-labelledby="verdict-title" data-panel="verdict">
      <h3 id="verdict-title">{t("lab.verdict.title")}</h3>
      <dl>
        {passes.map(({ name, sentences }) => (
          <div key={name} data-pass={name}>
            <dt>{passName(name)}</dt>
            {sentences.map(({ line, verdict, words }) => (
              <dd key={line.id} data-verdict={verdict}>
                {words}
              </dd>
            ))}
          </div>
        ))}
      </dl>
      <p class="hint">{t("lab.verdict.brackets")}</p>
    </section>
  );
}
