// The workers that are to be an engine's threads: all of them but the caller's own.
import { type Listener, spawn, type Thread } from "./spawn.js";

/** A worker on its way; `arrival` waits until it is about to look for work. */
interface Hand {
  readonly thread: Thread;
  readonly arrival: Promise<unknown>;
}

/** The workers of a pool to be: all of its threads but the caller's own. */
export type Crew = readonly Promise<Hand>[];

/** Starts one worker for a thread. */
export type StartThread = (listener: Listener) => Promise<Thread>;

/** Starts workers, which can be while their module is on its way; dismiss() ends them. */
export function hire(threads: number, start: StartThread): Crew {
  return Array.from({ length: threads - 1 }, () => {
    const hand = makeHand(start);
    // Should it fail before anyone waits for it.
    hand.catch(() => {});
    return hand;
  });
}

export function dismiss(crew: Crew): void {
  for (const hand of crew) {
    hand.then(
      ({ thread }) => thread.end(),
      () => {},
    );
  }
}

async function makeHand(start: StartThread): Promise<Hand> {
  let listener: { message(): void; error(why: Error): void } | undefined;
  const arrival = new Promise<void>((resolve, reject) => {
    listener = { message: resolve, error: reject };
  });
  arrival.catch(() => {});
  const thread = await start(listener as NonNullable<typeof listener>);
  return { thread, arrival };
}

/** The thread's script in a worker of this page or worker. */
export function startThread(listener: Listener): Promise<Thread> {
  return spawn(
    () => new Worker(new URL("./convgrad-thread.js", import.meta.url), { type: "module" }),
    "./convgrad-thread.js",
    listener,
  );
}
