import { useEffect, useState } from "preact/hooks";
import { EngineLine } from "./engine/EngineLine.tsx";
import { LANGUAGES, language, setLanguage, t } from "./i18n/index.ts";
import { sections } from "./sections/index.ts";

export function App() {
  // What is below the first screen comes after the first picture, unless an address leads there.
  const [complete, setComplete] = useState(location.hash !== "");
  useEffect(() => setComplete(true), []);
  return (
    <>
      <a class="skip" href="#main">
        {t("page.skip")}
      </a>
      <header class="masthead">
        <div class="masthead-line">
          <p class="wordmark">
            <Mark />
            convgrad
          </p>
          <nav aria-label={t("page.sections")}>
            {sections.map(({ id, title }) => (
              <a key={id} href={`#${id}`}>
                {t(title)}
              </a>
            ))}
          </nav>
          <LanguageSwitch />
        </div>
        <h1>{t("page.purpose")}</h1>
        <EngineLine />
      </header>
      <main id="main" tabIndex={-1}>
        {(complete ? sections : sections.slice(0, 1)).map(({ id, Section }) => (
          <Section key={id} id={id} />
        ))}
      </main>
      <footer class="colophon">
        <p>convgrad · MIT · {t("page.live")}</p>
        {import.meta.env.MODE !== "single" && (
          <p>
            <a href="api/">{t("page.reference")}</a> ·{" "}
            <a href="convgrad.html" download>
              {t("page.single")}
            </a>
          </p>
        )}
      </footer>
    </>
  );
}

function LanguageSwitch() {
  return (
    <fieldset class="languages">
      <legend class="hidden">{t("page.language")}</legend>
      {LANGUAGES.map(({ code, name }) => (
        <button
          key={code}
          type="button"
          lang={code === "zh" ? "zh-Hans" : code}
          aria-pressed={language.value === code}
          onClick={() => setLanguage(code)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}

/** A 3×3 input under a 2×2 window. */
function Mark() {
  const cells = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  return (
    <svg class="mark" viewBox="0 0 26 26" aria-hidden="true">
      {cells.map((cell) => {
        const [row, column] = [Math.floor(cell / 3), cell % 3];
        const part = row === 1 && column === 1 ? "hub" : row < 2 && column < 2 ? "in" : "out";
        return (
          <rect key={cell} class={part} x={column * 9} y={row * 9} width="8" height="8" rx="1.5" />
        );
      })}
    </svg>
  );
}
