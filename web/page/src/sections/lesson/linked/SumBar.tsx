import { useEffect, useRef, useState } from "preact/hooks";
import { formatNumber, t } from "../../../i18n/index.ts";
import {
  type Cell,
  type Figure,
  gridOf,
  keyOf,
  type Links,
  nameOf,
  numberIn,
  sentence,
  sumOf,
  type Written,
  write,
} from "./figure.ts";

/** A number as sums show it. */
const formatCell = (value: number) => formatNumber(value, 6);

/** More than these hide what they are to show. */
const MOST_LETTERS = 8;
const MOST_TERMS = 100;
const TERMS_OF_MANY = 16;
const MOST_SPOKEN = 12;
const MOST_RESULTS = 8;

interface Props {
  readonly figure: Figure;
  readonly links: Links;
  readonly cell: Cell | undefined;
  readonly pinned: boolean;
  /** A pointer passing over cells is not spoken. */
  readonly quiet: boolean;
  /** The cell is being edited; this was typed into it already. */
  readonly typed: string | undefined;
  readonly onUnpin: () => void;
  readonly onEdit: (cell: Cell, value: number) => void;
  /** The field has lost the focus. */
  readonly onLeft: () => void;
  readonly onEdited: (cell: Cell) => void;
}

/** The sum that the cell is, with its numbers; and the field in which a given number is changed. */
export function SumBar(props: Props) {
  const { figure, links, cell, pinned, quiet, typed, onUnpin, onEdit, onLeft, onEdited } = props;
  const lines = cell && describe(figure, links, cell);
  const grid = cell && gridOf(figure, cell.grid);
  return (
    <div class="sum-bar">
      {lines ? <SumText {...lines} /> : <p class="sum hint">{t("lesson.figure.hint")}</p>}
      {cell && pinned && (
        <div class="sum-actions">
          {grid?.editable && (
            <EditField
              key={`${keyOf(cell)} ${typed}`}
              name={nameOf(figure, cell)}
              value={numberIn(figure, cell)}
              typed={typed}
              onChange={(value) => onEdit(cell, value)}
              onLeft={onLeft}
              onDone={() => onEdited(cell)}
            />
          )}
          <button type="button" class="unpin" onClick={onUnpin}>
            {t("lesson.figure.unpin")}
          </button>
        </div>
      )}
      {/* For screen readers: said when a cell is pinned, focused or stepped to. */}
      <p class="hidden" aria-live="polite">
        {quiet || !lines ? "" : [lines.spoken, lines.given, lines.used].join(" ").trim()}
      </p>
    </div>
  );
}

interface Lines {
  readonly written: Written;
  readonly spoken: string;
  /** Said of what is no sum. */
  readonly given: string;
  /** What the cell goes into. */
  readonly used: string;
}

function describe(figure: Figure, links: Links, cell: Cell): Lines {
  const sum = sumOf(figure, cell);
  const spoken = sentence(write(figure, cell, formatCell, MOST_SPOKEN));
  const count = sum?.terms.length ?? 0;
  const most = count > MOST_TERMS ? TERMS_OF_MANY : count;
  const { letters, ...numbers } = write(figure, cell, formatCell, most);
  const results = links.results(cell);
  const named = results.slice(0, MOST_RESULTS).map((result) => nameOf(figure, result));
  const cells = named.join(", ") + (results.length > MOST_RESULTS ? " …" : "");
  const few = letters && count <= MOST_LETTERS;
  const given = !sum ? "lesson.figure.given" : sum.kind === "zero" ? "lesson.figure.zero" : "";
  return {
    written: few ? { ...numbers, letters } : numbers,
    spoken,
    given: given && t(given),
    used: named.length > 0 ? t("lesson.figure.used", { cells }) : "",
  };
}

function SumText({ written, given, used }: Omit<Lines, "spoken">) {
  const { name, letters, numbers, value } = written;
  return (
    <div class="sum-text">
      {letters && (
        <p class="letters">
          {name} = {letters}
        </p>
      )}
      <p class="sum">
        {name} = {numbers && <>{numbers} = </>}
        <b>{value}</b> {given && <small>{given}</small>}
      </p>
      {used && <p class="used">{used}</p>}
    </div>
  );
}

interface EditProps {
  readonly name: string;
  readonly value: number;
  readonly typed: string | undefined;
  readonly onChange: (value: number) => void;
  readonly onLeft: () => void;
  readonly onDone: () => void;
}

function EditField({ name, value, typed, onChange, onLeft, onDone }: EditProps) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(typed || String(Number(value.toPrecision(7))));
  useEffect(() => {
    const field = input.current;
    if (typed === undefined || !field) return;
    field.focus();
    if (typed === "") field.select();
    else change(typed);
  }, []);
  const change = (entered: string) => {
    setText(entered);
    const number = Number(entered.replace(",", ".").replace("−", "-"));
    if (entered.trim() !== "" && Number.isFinite(number) && Math.abs(number) <= 1e6)
      onChange(number);
  };
  return (
    <input
      ref={input}
      type="text"
      inputMode="decimal"
      class="edit"
      aria-label={t("lesson.figure.edit", { name })}
      value={text}
      onInput={(event) => change(event.currentTarget.value)}
      onBlur={onLeft}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onDone();
      }}
    />
  );
}
