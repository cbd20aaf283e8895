import { formatNumber, t } from "../../i18n/index.ts";
import { groupsOf } from "./groups.ts";
import type { RunState } from "./state.ts";
import { lineName, passName } from "./words.ts";

/** Method 1 against method 2 in a sentence for each direction, "cannot tell" among them. */
export function VerdictPanel({ run }: { run: RunState }) {
  const { operation } = run.settings;
  const sentences = groupsOf(run.settings, run.timing?.series ?? []).flatMap(({ name, rows }) => {
    const base = rows[0];
    const compared = rows.find(({ line }) => line.build === "main" && line.path === "im2col");
    if (base?.line.path !== "direct" || !compared?.compared) return [];
    const { verdict, ratio } = compared.compared;
    const words = t(`lab.verdict.${verdict}`, {
      line: lineName(compared.line, operation),
      base: lineName(base.line, operation),
      ratio: formatNumber(ratio?.value ?? Number.NaN),
      low: formatNumber(ratio?.low ?? Number.NaN),
      high: formatNumber(ratio?.high ?? Number.NaN),
    });
    return [{ name, verdict, words }];
  });
  if (sentences.length === 0) return null;
  return (
    <section class="card verdicts" aria-labelledby="verdict-title" data-panel="verdict">
      <h3 id="verdict-title">{t("lab.verdict.title")}</h3>
      <dl>
        {sentences.map(({ name, verdict, words }) => (
          <div key={name} data-pass={name} data-verdict={verdict}>
            <dt>{passName(name)}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <p class="hint">{t("lab.verdict.brackets")}</p>
    </section>
  );
}
