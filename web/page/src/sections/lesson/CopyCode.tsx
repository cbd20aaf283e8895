import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n/index.ts";

export type Dialect = "NumPy" | "PyTorch" | "convgrad";
export type Code = Readonly<Record<Dialect, string>>;

/** What the figure shows as a program, in three dialects: copied, and shown to be read. */
export function CopyCode({ code }: { code: () => Code }) {
  const [shown, setShown] = useState<{ dialect: Dialect; copied: boolean } | undefined>(undefined);
  const copy = async (dialect: Dialect) => {
    try {
      await navigator.clipboard.writeText(code()[dialect]);
      setShown({ dialect, copied: true });
    } catch {
      // Copying may be forbidden; the text can still be selected.
      setShown({ dialect, copied: false });
    }
  };
  useEffect(() => setShown((before) => before && { ...before, copied: false }), [code]);
  const dialects: readonly Dialect[] = ["NumPy", "PyTorch", "convgrad"];
  return (
    <div class="copy-code">
      <p class="label" id="copy-as">
        {t("lesson.copy.as")}
      </p>
      {dialects.map((dialect) => (
        <button
          key={dialect}
          type="button"
          aria-label={`${t("lesson.copy.as")} ${dialect}`}
          onClick={() => void copy(dialect)}
        >
          {dialect}
        </button>
      ))}
      <span role="status" class="copied">
        {shown && t(shown.copied ? "lesson.copy.copied" : "lesson.copy.select")}
      </span>
      {shown && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too
        <pre tabIndex={0}>
          <code>{code()[shown.dialect]}</code>
        </pre>
      )}
    </div>
  );
}
