import { t } from "../../i18n/index.ts";
import { Lab } from "./Lab.tsx";

/** The laboratory as a section of the page. */
export function LabSection({ id }: { id: string }) {
  return (
    <section id={id} class="section" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t("lab.title")}</h2>
      <p class="lead">{t("lab.lead")}</p>
      <Lab />
    </section>
  );
}
