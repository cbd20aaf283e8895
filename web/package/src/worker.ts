/**
 * The same operations as promises, calculated in a worker of their own: the page stays live.
 *
 * ```ts
 * import { load } from "convgrad/worker";
 * const cg = await load();
 * const y = await cg.conv2d(x, w, { padding: 1 });
 * ```
 * Plain arguments are copied, or handed over with `move(x)`; results are handed over.
 * @module
 */
import { resolveAddress } from "./address.js";
import { Client } from "./client.js";
import type { Info } from "./convgrad.js";
import type { LoadOptions } from "./load.js";
import { RemoteConvGrad } from "./remote.js";

export { move } from "./client.js";
export { ConvGradError, type ErrorCode } from "./errors.js";
export type { RemoteConvGrad } from "./remote.js";
export type { RemoteTensor } from "./remote-tensor.js";

/**
 * As `load` of `convgrad`, in a worker. Each call starts a worker of its own.
 * @param options the same
 * @throws ConvGradError "unsupported-engine" where no worker can be started
 */
export async function load(options?: LoadOptions): Promise<RemoteConvGrad> {
  let given: unknown = options;
  if (typeof options === "object" && options !== null && options.wasmUrl !== undefined) {
    given = { ...options, wasmUrl: resolveAddress(options.wasmUrl).href };
  }
  const client = await Client.start(() => {
    return new Worker(new URL("./convgrad-worker.js", import.meta.url), { type: "module" });
  });
  try {
    const info = (await client.call("load", [given])) as Info;
    return new RemoteConvGrad(client, info);
  } catch (error) {
    client.end();
    throw error;
  }
}
