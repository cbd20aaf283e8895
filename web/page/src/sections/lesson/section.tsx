// What a section of the lesson is, and what all with linked matrices have in common.
import type { ComponentChildren, ComponentType } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { type Key, t } from "../../i18n/index.ts";
import type { Mathml } from "../../ui/Formula.tsx";
import type { Picture } from "../lab/picture.ts";
import { BreakIt, type Way } from "./BreakIt.tsx";
import { type Code, CopyRow } from "./CopyRow.tsx";
import type { Check } from "./check.ts";
import type { LessonId, ResultOf, StateOf } from "./compute.ts";
import { LessonPart } from "./LessonPart.tsx";
import type { Codec } from "./link.ts";
import type { Cell, Figure } from "./linked/figure.ts";
import { LinkedFigure } from "./linked/LinkedFigure.tsx";
import { Player } from "./linked/Player.tsx";
import { useLesson, useVisible } from "./useLesson.ts";

/** What a section shows: its state, how far its player is, and the cell that is pinned. */
export interface Shown<State> {
  readonly state: State;
  readonly step: number;
  /** undefined: where the player is. */
  readonly pin?: Cell | "none" | undefined;
}

export interface SectionProps<State> {
  /** What it shows first. */
  readonly initial?: Shown<State>;
  /** Told what it shows, whenever that has changed. */
  readonly onShow?: (shown: Shown<State>) => void;
  /** The address that shows what it shows; without it there is no button to copy one. */
  readonly link?: () => string;
  /** The picture that it works on; without it, one that is drawn. */
  readonly picture?: Picture | undefined;
}

/** A section touches nothing but what it draws: its place on a page and in links is the page's business. */
export interface Section<State> {
  readonly id: string;
  readonly start: State;
  readonly codec: Codec<State>;
  readonly View: ComponentType<SectionProps<State>>;
}

/** Changes a state; by a function where what is new depends on what was. */
export type Change<State> = (changes: Partial<State> | ((before: State) => Partial<State>)) => void;

interface Spec<I extends LessonId> {
  readonly id: I & ("forward" | "dx" | "dw" | "img2col" | "pooling");
  readonly words: readonly Key[];
  readonly formulas: readonly (readonly [number: string, tree: Mathml | undefined])[];
  readonly start: StateOf<I>;
  readonly codec: Codec<StateOf<I>>;
  readonly figure: (state: StateOf<I>, result: ResultOf<I>, step: number) => Figure;
  /** The cells that the player visits. */
  readonly path: (drawn: Figure, state: StateOf<I>, result: ResultOf<I>) => readonly Cell[];
  readonly edit: (state: StateOf<I>, cell: Cell, value: number) => StateOf<I>;
  readonly code: (state: StateOf<I>) => Code;
  /** What stands above the figure: what can be chosen and set. */
  readonly controls: (state: StateOf<I>, change: Change<StateOf<I>>) => ComponentChildren;
  /** The state after such a change, with what follows from it. */
  readonly adapt?: (before: StateOf<I>, changes: Partial<StateOf<I>>) => StateOf<I>;
  /** What can be done wrong on purpose. */
  readonly ways?: (state: StateOf<I>) => readonly Way<StateOf<I>>[];
  /** What "Start over" leaves as it is. */
  readonly kept?: (state: StateOf<I>) => Partial<StateOf<I>>;
  readonly verdict?: (result: ResultOf<I>) => ComponentChildren;
  /** What stands below the figure. */
  readonly below?: (
    state: StateOf<I>,
    visible: boolean,
    picture: Picture | undefined,
  ) => ComponentChildren;
}

const replace = <State,>(before: State, changes: Partial<State>): State => ({
  ...before,
  ...changes,
});

/** A section whose figure is one of linked matrices. */
export function section<I extends LessonId>(spec: Spec<I>): Section<StateOf<I>> {
  const { id, start, codec, adapt = replace } = spec;
  type State = StateOf<I>;

  function View({ initial, onShow, link, picture }: SectionProps<State>) {
    const [shown, setShown] = useState<Shown<State>>(initial ?? { state: start, step: 0 });
    const { state, pin } = shown;
    const [box, visible] = useVisible<HTMLElement>();
    const { found, failure } = useLesson(id, state, visible);
    useEffect(() => onShow?.(shown), [shown]);
    const path = useMemo(
      () =>
        found && spec.path(spec.figure(found.state, found.result, 0), found.state, found.result),
      [found],
    );
    const step = path ? Math.min(shown.step, path.length) : shown.step;
    const drawn = useMemo(
      () => found && spec.figure(found.state, found.result, step),
      [found, step],
    );
    const go = useCallback(
      (to: number) => setShown((before) => ({ ...before, step: to, pin: undefined })),
      [],
    );
    const code = useCallback(() => spec.code(state), [state]);
    const change: Change<State> = (changes) =>
      setShown((before) => {
        const asked = typeof changes === "function" ? changes(before.state) : changes;
        return { ...before, state: adapt(before.state, asked), step: 0 };
      });
    const check = (found?.result as { check?: Check } | undefined)?.check;
    const ways = spec.ways?.(state) ?? [];
    const title: Key = `lesson.${id}.title`;
    return (
      <LessonPart
        {...{ id, title, failure, box }}
        words={spec.words}
        formulas={spec.formulas}
        ready={drawn !== undefined}
      >
        {spec.controls(state, change)}
        {drawn && path && (
          <LinkedFigure
            figure={drawn}
            label={t(title)}
            pin={pin === "none" ? undefined : (pin ?? path[step - 1])}
            onPin={(cell) => setShown((before) => ({ ...before, pin: cell ?? "none" }))}
            onEdit={(cell, value) =>
              setShown((before) => ({ ...before, state: spec.edit(before.state, cell, value) }))
            }
          >
            <Player count={path.length} label={t(title)} onStep={go} {...{ step, visible }} />
          </LinkedFigure>
        )}
        {found && spec.verdict?.(found.result)}
        {check && ways.length > 0 && <BreakIt {...{ state, ways, check, change }} />}
        <CopyRow {...{ code, link }} onReset={() => change({ ...start, ...spec.kept?.(state) })} />
        {spec.below?.(state, visible, picture)}
      </LessonPart>
    );
  }
  return { id, start, codec, View };
}
