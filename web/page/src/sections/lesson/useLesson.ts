import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { computeLesson } from "../../engine/client.ts";
import type { Failure } from "../../engine/protocol.ts";
import type { LessonId, ResultOf, StateOf } from "./compute.ts";

export interface Lesson<I extends LessonId> {
  /** What was computed last, with the state it was computed for. */
  readonly found: { readonly state: StateOf<I>; readonly result: ResultOf<I> } | undefined;
  readonly failure: Failure | undefined;
}

/** Keeps what the worker computes for a state up to date, as long as it can be seen. */
export function useLesson<I extends LessonId>(
  id: I,
  state: StateOf<I>,
  visible: boolean,
): Lesson<I> {
  const [lesson, setLesson] = useState<Lesson<I>>({ found: undefined, failure: undefined });
  const latest = useRef(state);
  latest.current = state;
  const done = lesson.found?.state === state;
  useEffect(() => {
    if (!visible || done) return;
    void computeLesson(id, state).then((outcome) => {
      if (latest.current !== state) return;
      if ("failure" in outcome) setLesson(({ found }) => ({ found, failure: outcome.failure }));
      else setLesson({ found: { state, result: outcome.value }, failure: undefined });
    });
  }, [id, state, visible, done]);
  return lesson;
}

/** Whether an element is on the screen or about to be. */
export function useVisible<E extends Element>(): [RefObject<E | null>, boolean] {
  const ref = useRef<E>(null);
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    if (!ref.current) return;
    const observer = new IntersectionObserver(
      (entries) => setVisible(entries.at(-1)?.isIntersecting ?? false),
      { rootMargin: "200px" },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return [ref, visible];
}
