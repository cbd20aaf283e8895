import type { Failure } from "../engine/protocol.ts";
import { t } from "../i18n/index.ts";

/** What went wrong: in the page's language, and the package's own words. */
export function FailureNotice({ failure, title }: { failure: Failure; title: string }) {
  return (
    <div class="notice bad" role="alert">
      <p>
        <strong>{title}</strong> {t(`errors.${failure.code ?? "unknown"}`)}
      </p>
      <p class="small">
        {t("errors.original")}{" "}
        <code lang="en">
          {failure.code ? `${failure.code}: ` : ""}
          {failure.message}
        </code>
      </p>
    </div>
  );
}
