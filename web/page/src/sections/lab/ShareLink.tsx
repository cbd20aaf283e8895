import { useState } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import { firstSetup, type Setup } from "./setup.ts";
import { useLab } from "./state.ts";

/** Copies an address that opens with these settings, where whoever embeds the laboratory has one. */
export function ShareLink({ linkTo }: { linkTo: ((setup: Setup) => string) | undefined }) {
  const { settings, sweepPlan, problems } = useLab();
  const [said, setSaid] = useState<
    { readonly link: string; readonly copied: boolean } | undefined
  >();
  if (!linkTo) return null;
  const sound = problems.value.length === 0;
  const link = linkTo({
    settings: sound ? settings.value : firstSetup.settings,
    sweep: sweepPlan.value,
  });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      setSaid({ link, copied: true });
    } catch {
      setSaid({ link, copied: false });
    }
  };
  const current = said?.link === link ? said : undefined;
  return (
    <div class="share">
      <button type="button" class="secondary" disabled={!sound} onClick={() => void copy()}>
        {t("lab.share.copy")}
      </button>
      <span role="status" class="hint">
        {current && t(current.copied ? "lab.share.copied" : "lab.share.link")}
      </span>
      {current?.copied === false && (
        <input readOnly value={link} aria-label={t("lab.share.link")} />
      )}
    </div>
  );
}
