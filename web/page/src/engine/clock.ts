/** Smallest differences that are looked for before one is believed. */
const LOOKS = 20;

/** The smallest step that performance.now() makes, in milliseconds: engines round it. */
export function clockStep(now: () => number = () => performance.now()): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let look = 0; look < LOOKS; ++look) {
    const start = now();
    let later = start;
    while (later === start) later = now();
    smallest = Math.min(smallest, later - start);
  }
  return smallest;
}

const waiting: (() => void)[] = [];
const { port1: inbox, port2: outbox } = new MessageChannel();
inbox.onmessage = () => waiting.shift()?.();

/** A turn of the event loop; setTimeout would cost 4 ms each after some. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    outbox.postMessage(undefined);
  });
}
