import { t } from "../../i18n/index.ts";
import { Dw } from "./dw/Dw.tsx";
import { Dx } from "./dx/Dx.tsx";
import { Forward } from "./forward/Forward.tsx";
import { Img2col } from "./img2col/Img2col.tsx";
import { Learn } from "./learn/Learn.tsx";
import { Pooling } from "./pooling/Pooling.tsx";

/** The chapter's sections, in its order. A new one is a folder beside these and a line here. */
const parts = [Forward, Dx, Dw, Img2col, Pooling, Learn];

export function Lesson({ id }: { id: string }) {
  return (
    <section id={id} class="section lesson" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t("lesson.title")}</h2>
      <p class="lead">{t("lesson.lead")}</p>
      {parts.map((Part) => (
        <Part key={Part.name} />
      ))}
    </section>
  );
}
