// The threads of an instance that runs in the package's worker are workers of the page's, not of the
// worker's: the page starts them, and passes on what the two say to each other until the threads have
// come. In Firefox the constructor of a worker inside of a worker may never return while developer tools
// or WebDriver watch. Nor need the worker's own script be allowed to start any.
import { startThread } from "./crew.js";
import type { Thread } from "./spawn.js";
import type { ThreadCall, ThreadNews } from "./wire.js";

/** The page's side; RelayedThreads is the worker's. */
export class Relay {
  readonly #threads = new Map<number, Promise<Thread>>();

  /** @param report takes the news to the worker */
  take({ thread: id, does, message }: ThreadCall, report: (news: ThreadNews) => void): void {
    const failed = ({ message: error }: Error) => report({ thread: id, error });
    if (does === "start") {
      const thread = startThread({
        message: (data) => report({ thread: id, message: data }),
        error: failed,
      });
      // The worker's, which wait for the threads, are reason enough for Node to go on.
      thread.then((started) => started.hold(false), failed);
      this.#threads.set(id, thread);
      return;
    }
    const thread = this.#threads.get(id);
    thread
      ?.then((running) => (does === "end" ? running.end() : running.post(message)))
      .catch(failed);
  }

  /** Ends all threads. */
  end(): void {
    for (const id of this.#threads.keys()) this.take({ thread: id, does: "end" }, () => {});
    this.#threads.clear();
  }
}
