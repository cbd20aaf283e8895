import { useState } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import { Lab } from "./Lab.tsx";
import { PREFIX, parametersOf, setupFrom } from "./link.ts";
import type { Setup } from "./setup.ts";

/** The laboratory as a section of the page, whose address carries its settings. */
export function LabSection({ id }: { id: string }) {
  const [initial] = useState(() => {
    const asked = new URLSearchParams(location.search);
    return setupFrom((name) => asked.get(name));
  });
  const linkTo = (setup: Setup) => {
    const address = addressOf(setup);
    address.hash = id;
    return address.href;
  };
  return (
    <section id={id} class="section" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t("lab.title")}</h2>
      <p class="lead">{t("lab.lead")}</p>
      <Lab initial={initial} onSetup={keepInAddress} linkTo={linkTo} />
    </section>
  );
}

/** The page's address with these settings in the place of those that are in it. */
function addressOf(setup: Setup): URL {
  const address = new URL(location.href);
  for (const name of [...address.searchParams.keys()]) {
    if (name.startsWith(PREFIX)) address.searchParams.delete(name);
  }
  for (const [name, value] of parametersOf(setup)) address.searchParams.set(name, value);
  return address;
}

let waiting: ReturnType<typeof setTimeout> | undefined;

/** Browsers allow so many changes of the address and no more: a moment's changes are one. */
function keepInAddress(setup: Setup): void {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const { href } = addressOf(setup);
    if (href !== location.href) history.replaceState(history.state, "", href);
  }, 300);
}
