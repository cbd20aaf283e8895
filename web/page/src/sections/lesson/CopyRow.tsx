import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n/index.ts";

export type Dialect = "NumPy" | "PyTorch" | "convgrad";
export type Code = Readonly<Record<Dialect, string>>;

const DIALECTS: readonly Dialect[] = ["NumPy", "PyTorch", "convgrad"];

interface Props {
  /** What the figure shows, as a program in three dialects. */
  readonly code?: () => Code;
  /** The address that shows it. */
  readonly link?: (() => string) | undefined;
  readonly onReset: () => void;
}

/** Below a figure: start over; and copy what is shown, which is shown to be read as well. */
export function CopyRow({ code, link, onReset }: Props) {
  const [copied, setCopied] = useState<{ text: string; done: boolean } | undefined>(undefined);
  useEffect(() => setCopied(undefined), [code]);
  const copy = async (text: string) => {
    let done = false;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      // Copying may be forbidden; the text can still be selected.
    }
    setCopied({ text, done });
  };
  return (
    <div class="figure-foot">
      <button type="button" class="reset" onClick={onReset}>
        {t("lesson.reset")}
      </button>
      {link && (
        <button type="button" class="copy-link" onClick={() => void copy(link())}>
          {t("lesson.copy.link")}
        </button>
      )}
      {code && (
        <div class="copy-code">
          <span class="label">{t("lesson.copy.as")}</span>
          {DIALECTS.map((dialect) => (
            <button
              key={dialect}
              type="button"
              aria-label={`${t("lesson.copy.as")} ${dialect}`}
              onClick={() => void copy(code()[dialect])}
            >
              {dialect}
            </button>
          ))}
        </div>
      )}
      <span role="status" class="copied">
        {copied && t(copied.done ? "lesson.copy.copied" : "lesson.copy.select")}
      </span>
      {copied && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too
        <pre tabIndex={0}>
          <code>{copied.text}</code>
        </pre>
      )}
    </div>
  );
}
