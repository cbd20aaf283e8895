import InlineWorker from "../engine/worker.ts?worker&inline";

/** The worker out of the page itself: a file may not fetch one from beside it. */
export const spawn = (): Worker => new InlineWorker();
