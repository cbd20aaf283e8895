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

/** A turn of the event loop; setTimeout would cost 4 ms each after some. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
