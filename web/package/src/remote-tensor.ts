import type { Client } from "./client.js";
import { disposeKey } from "./tensor.js";

/** A tensor in the worker's memory: it takes memory there until `dispose()`. */
export class RemoteTensor<A extends Float32Array | Int32Array = Float32Array> {
  /** The extents, outermost first. */
  readonly shape: readonly number[];
  /** @internal */
  readonly client: Client;
  /** @internal */
  readonly id: number;
  /** @internal */
  live = true;

  /** @internal */
  constructor(client: Client, id: number, shape: readonly number[]) {
    this.client = client;
    this.id = id;
    this.shape = Object.freeze([...shape]);
  }

  /** A copy of the elements. */
  get data(): Promise<A> {
    return this.client.call("read", [this]) as Promise<A>;
  }

  /**
   * Replaces the elements.
   * @param data as many as there are
   */
  async set(data: A): Promise<void> {
    await this.client.call("write", [this, data]);
  }

  /** Gives the memory back. A second time does nothing. */
  dispose(): void {
    if (!this.live) return;
    this.live = false;
    this.client.release(this);
  }

  /** `using t = await cg.tensor(…)` disposes of it at the end of the block. */
  [disposeKey](): void {
    this.dispose();
  }
}
