// The worker's side of `convgrad/worker`: an instance of its own, and the page's calls to it. Runs as a
// worker of a page, or of Node.
import type { ConvGrad } from "./convgrad.js";
import { copyElements, type Elements, isFloat32Array, isInt32Array } from "./elements.js";
import { ConvGradError, describe, refuse } from "./errors.js";
import { type LoadOptions, loadWith } from "./load.js";
import type { PhaseTime } from "./profile.js";
import { RelayedThreads } from "./relayed-threads.js";
import { importFromNode } from "./spawn.js";
import { type PlainTensor, Tensor } from "./tensor.js";
import type { Answer, Request, ThreadCall, ThreadNews, Wire } from "./wire.js";

/** The scope of a worker; in Node's it is another. */
interface Port {
  postMessage?: Post;
  onmessage?: (event: { data: Request | ThreadNews }) => void;
}

type Post = (message: Answer | ThreadCall, transfer: Transferable[]) => void;

let cg: ConvGrad;
let lastId = 0;
const tensors = new Map<number, Tensor<Elements>>();
const ids = new WeakMap<object, number>();
const profiles = new Map<number, () => readonly PhaseTime[]>();

/** What is called here and is not a method of ConvGrad's. */
const own: Record<string, (...args: never[]) => unknown> = {
  release(id: number) {
    tensors.get(id)?.dispose();
    tensors.delete(id);
  },
  read: ({ data }: Tensor<Elements>) => data.slice(),
  write(tensor: Tensor<Elements>, data: Elements) {
    const typed = tensor.integers ? isInt32Array(data) : isFloat32Array(data);
    if (!typed) {
      const type = tensor.integers ? "an Int32Array" : "a Float32Array";
      refuse("bad-argument", "set", "data", describe(data), type);
    }
    if (data.length !== tensor.count) {
      refuse("shape-mismatch", "set", "data.length", String(data.length), String(tensor.count));
    }
    copyElements(tensor.data, data);
  },
  startProfile() {
    profiles.set(++lastId, cg.startProfile());
    return lastId;
  },
  endProfile(id: number) {
    const end = profiles.get(id);
    profiles.delete(id);
    return end?.();
  },
};

function decode(wire: Wire, outs: object[]): unknown {
  switch (wire[0]) {
    case "tensor":
      return tensors.get(wire[1]);
    case "plain":
      return { data: wire[1], shape: wire[2] };
    case "out": {
      const [, integers, length, shape] = wire;
      outs.push({ data: integers ? new Int32Array(length) : new Float32Array(length), shape });
      return outs.at(-1);
    }
    case "object":
      return Object.fromEntries(wire[1].map(([name, inner]) => [name, decode(inner, outs)]));
    default:
      return wire[1];
  }
}

function encode(value: unknown, outs: readonly object[], transfer: Transferable[]): Wire {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return ["value", value];
  if (value instanceof Tensor) {
    const id = ids.get(value) ?? ++lastId;
    ids.set(value, id);
    tensors.set(id, value);
    return ["tensor", id, [...value.shape]];
  }
  if (ArrayBuffer.isView(value)) {
    transfer.push(value.buffer as ArrayBuffer);
    return ["value", value];
  }
  if ("data" in value) {
    const { data, shape } = value as PlainTensor<Elements>;
    transfer.push(data.buffer as ArrayBuffer);
    const place = outs.indexOf(value);
    return place < 0 ? ["plain", data, shape] : ["written", place, data];
  }
  const entries = Object.entries(value);
  return ["object", entries.map(([name, inner]) => [name, encode(inner, outs, transfer)])];
}

async function answer({ id, op, args }: Request, post: Post): Promise<void> {
  try {
    const outs: object[] = [];
    const transfer: Transferable[] = [];
    const values = args.map((wire) => decode(wire, outs)) as never[];
    const result = Object.hasOwn(own, op)
      ? await own[op]?.(...values)
      : (cg[op as "conv2d"] as (...args: never[]) => unknown)(...values);
    if (id > 0) post({ id, result: encode(result, outs, transfer) }, transfer);
  } catch (error) {
    const refused = error instanceof ConvGradError;
    const code = refused ? error.code : "bad-argument";
    post({ id, code, message: refused ? error.message : `${op}: ${error}` }, []);
  }
}

/** What takes the page's messages. */
function listen(post: Post): (data: Request | ThreadNews) => void {
  const threads = new RelayedThreads((call) => post(call, []));
  own.load = async (options: LoadOptions) => {
    cg = await loadWith((listener) => threads.start(listener), options);
    return cg.info;
  };
  return (data) => {
    if ("thread" in data) threads.hear(data);
    else void answer(data, post);
  };
}

const scope = globalThis as unknown as Port;
if (scope.postMessage) {
  const hear = listen(scope.postMessage.bind(scope));
  scope.onmessage = ({ data }) => hear(data);
} else {
  importFromNode("node:worker_threads").then(({ parentPort: port }) =>
    port.on("message", listen(port.postMessage.bind(port))),
  );
}
