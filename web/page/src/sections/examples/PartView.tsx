import { formatNumber, t } from "../../i18n/index.ts";
import { MatrixView } from "../../ui/MatrixView.tsx";
import { ScrollBox } from "../../ui/ScrollBox.tsx";
import type { FormulaPart, Part, SizePart, TensorPart } from "./model/worked.ts";

export function PartView({ part }: { part: Part }) {
  switch (part.kind) {
    case "tensor":
      return <TensorView part={part} />;
    case "formula":
      return <FormulaView part={part} />;
    case "size":
      return <SizeView part={part} />;
    case "remark":
      return <p class="part remark">{t(`examples.note.${part.note}`)}</p>;
  }
}

function Verdict({ agrees }: { agrees: boolean }) {
  return (
    <span class={agrees ? "verdict good" : "verdict bad"} data-agrees={agrees}>
      {agrees ? "✓" : "✗"} {t(agrees ? "examples.agrees" : "examples.differs")}
    </span>
  );
}

/** What the package computed, and beside it what it is held against. */
function TensorView({ part }: { part: TensorPart }) {
  const { note, word, code, shape, expected, agrees } = part;
  const wrong = expected?.data.map((value, i) => value !== part.data[i]);
  return (
    <article class="part tensor">
      <header>
        <p class="note">{t(`examples.note.${note}`)}</p>
        <p class="names">
          <b>{word}</b>
          {code && <code>{code}</code>}
          <span class="extents">{shape.join("×")}</span>
          {agrees !== undefined && <Verdict agrees={agrees} />}
        </p>
      </header>
      <ScrollBox label={`${word}, ${shape.join("×")}`}>
        <div class="sides">
          <Side
            title={t(expected ? "examples.computed" : "examples.given")}
            part={part}
            data={part.data}
            {...(wrong ? { wrong } : {})}
          />
          {expected && (
            <Side title={t(`examples.${expected.origin}`)} part={part} data={expected.data} />
          )}
        </div>
      </ScrollBox>
    </article>
  );
}

interface SideProps {
  readonly title: string;
  readonly part: TensorPart;
  readonly data: readonly number[];
  readonly wrong?: readonly boolean[];
}

/** One value of a tensor: its last two extents as matrices, the outer two as their order. */
function Side({ title, part, data, wrong }: SideProps) {
  const { shape, word } = part;
  const [rows, columns] = shape.length > 1 ? shape.slice(-2) : [1, shape[0]];
  const area = (rows as number) * (columns as number);
  const inner = shape.length > 3 ? (shape[1] as number) : 1;
  const count = data.length / area;
  return (
    <div class="side">
      <p class="side-title">{title}</p>
      <div class="planes">
        {Array.from({ length: count }, (_, plane) => {
          const name = count > 1 ? planeName(part, Math.floor(plane / inner), plane % inner) : "";
          const slice = <T,>(all: readonly T[]) => all.slice(plane * area, (plane + 1) * area);
          return (
            <div key={plane} class="plane-of">
              {name && <p class="plane-name">{name}</p>}
              <MatrixView
                label={`${word} ${name}`.trim()}
                rows={rows as number}
                columns={columns as number}
                data={slice(data)}
                {...(wrong ? { wrong: slice(wrong) } : {})}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** As the chapter counts them, from 1: sample and channel, or filter and kernel. */
function planeName({ planes }: TensorPart, outer: number, inner: number): string {
  const [first, second] =
    planes === "filters"
      ? (["examples.filter", "examples.kernel"] as const)
      : (["examples.sample", "examples.channel"] as const);
  return `${t(first, { n: outer + 1 })} ${t(second, { n: inner + 1 })}`;
}

/** "z11 = w11·a11 + … = 1·1 + … = 42", and what the package says. */
function FormulaView({ part }: { part: FormulaPart }) {
  const { number, name, terms, constant, sum, computed, agrees } = part;
  const letters = [
    ...terms.map(({ names }) => names.map(pretty).join("·")),
    ...(constant ? [constant.name] : []),
  ];
  const numbers = [
    ...terms.map(({ values: [a, b] }) => `${a}·${b}`),
    ...(constant ? [String(constant.value)] : []),
  ];
  return (
    <article class="part formula">
      <span class="number">{number}</span>
      <p>
        <span class="letters">
          {pretty(name)} = {letters.join(" + ")}
        </span>
        <span class="values">
          = {numbers.join(" + ")} = <b>{formatNumber(sum, 6)}</b>
        </span>
      </p>
      <p class="computed">
        {t("examples.byConvgrad")}: <b>{formatNumber(computed, 6)}</b> <Verdict agrees={agrees} />
      </p>
    </article>
  );
}

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

/** "a11" with its indices lowered. */
const pretty = (name: string) =>
  name.replace(/\d/g, (digit) => SUBSCRIPTS[Number(digit)] as string);

function SizeView({ part }: { part: SizePart }) {
  const { note, steps, agrees } = part;
  const n = steps[1]?.size[0] ?? 1;
  return (
    <article class="part size">
      <p class="note">{t(`examples.note.${note}`, { n, padding: n - 1 })}</p>
      <p class="steps">
        {steps.map(({ label, size }) => (
          <span key={label} class="step">
            <small>{label}</small> {size.join("×")}
          </span>
        ))}
        <Verdict agrees={agrees} />
      </p>
    </article>
  );
}
