// The worker's side of relay.ts.
import type { Listener, Thread } from "./spawn.js";
import type { ThreadCall, ThreadNews } from "./wire.js";

/** Threads that the page starts. */
export class RelayedThreads {
  readonly #listeners: Listener[] = [];
  readonly #post: (call: ThreadCall) => void;

  constructor(post: (call: ThreadCall) => void) {
    this.#post = post;
  }

  /** As startThread(). */
  async start(listener: Listener): Promise<Thread> {
    const thread = this.#listeners.push(listener) - 1;
    this.#post({ thread, does: "start" });
    return {
      post: (message) => this.#post({ thread, does: "take", message }),
      end: () => this.#post({ thread, does: "end" }),
      hold: () => {},
    };
  }

  hear({ thread, message, error }: ThreadNews): void {
    const listener = this.#listeners[thread];
    if (error === undefined) listener?.message(message);
    else listener?.error(new Error(error));
  }
}
