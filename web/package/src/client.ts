// The page's side of a worker that calculates: sends calls, and matches the answers to them.
import type { Elements } from "./elements.js";
import { ConvGradError, refuse } from "./errors.js";
import { Relay } from "./relay.js";
import { RemoteTensor } from "./remote-tensor.js";
import { spawn, type Thread } from "./spawn.js";
import type { PlainTensor } from "./tensor.js";
import type { Answer, Request, ThreadCall, Wire } from "./wire.js";

const moved = new WeakSet<object>();

/**
 * Marks a plain tensor to be handed over by the next call that gets it, instead of copied: its `data`
 * are of no use afterwards. Data that are a part of a larger buffer, or shared, are copied still.
 * @param tensor what to hand over
 * @returns the same tensor
 */
export function move<T extends PlainTensor<Elements>>(tensor: T): T {
  moved.add(tensor);
  return tensor;
}

interface Call {
  readonly op: string;
  /** Plain tensors to be written to, in the order in which they travel. */
  readonly outs: { readonly data: Elements; readonly holder: object }[];
  readonly transfer: Set<Transferable>;
}

interface Pending extends Call {
  resolve(value: unknown): void;
  reject(why: Error): void;
}

export class Client {
  #thread: Thread | null = null;
  /** The threads of the worker's instance. */
  readonly #relay = new Relay();
  /** Why nothing can be called any more. */
  #end: ConvGradError | null = null;
  #lastId = 0;
  readonly #pending = new Map<number, Pending>();
  readonly #tensors = new Map<number, WeakRef<RemoteTensor<Elements>>>();
  /** Frees in the worker what nobody on the page can reach any more. */
  readonly #abandoned = new FinalizationRegistry<number>((id) => this.#forget(id));

  /**
   * @internal
   * @param inPage as spawn() wants it, for convgrad-worker.js
   */
  static async start(inPage: () => Worker): Promise<Client> {
    const client = new Client();
    const notStarted = (cause: unknown, op = "") => {
      const why = cause instanceof Error ? cause.message : String(cause);
      const message = `${op}no worker can be started here: ${why}; \`convgrad\` itself needs none`;
      return new ConvGradError("unsupported-engine", message, { cause });
    };
    try {
      client.#thread = await spawn(inPage, "./convgrad-worker.js", {
        message: (data) => client.#take(data as Answer | ThreadCall),
        error: (cause) => client.end(notStarted(cause)),
      });
    } catch (cause) {
      throw notStarted(cause, "load: ");
    }
    client.#thread.hold(false);
    return client;
  }

  /** Calls a method of the worker's instance. */
  call(op: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call: Pending = { op, outs: [], transfer: new Set(), resolve, reject };
      let request: Request;
      try {
        request = { id: ++this.#lastId, op, args: args.map((value) => this.#encode(call, value)) };
        if (this.#end) throw new ConvGradError(this.#end.code, `${op}: ${this.#end.message}`);
        this.#thread?.post(request, [...call.transfer]);
      } catch (cause) {
        if (cause instanceof ConvGradError) throw cause;
        const message = `${op}: an argument cannot be sent to a worker: ${cause}`;
        throw new ConvGradError("bad-argument", message, { cause });
      }
      this.#pending.set(request.id, call);
      this.#thread?.hold(true);
    });
  }

  /** Gives the memory of a tensor back. */
  release(tensor: RemoteTensor<Elements>): void {
    this.#abandoned.unregister(tensor);
    this.#forget(tensor.id);
  }

  /** Ends the worker with its threads, and whatever waits for it. */
  end(why = new ConvGradError("disposed", "the instance has been disposed")): void {
    if (this.#end) return;
    this.#end = why;
    this.#thread?.end();
    this.#relay.end();
    for (const { op, reject } of this.#pending.values()) {
      reject(new ConvGradError(why.code, `${op}: ${why.message}`, { cause: why.cause }));
    }
    this.#pending.clear();
  }

  #forget(id: number): void {
    this.#tensors.delete(id);
    if (!this.#end) this.#thread?.post({ id: 0, op: "release", args: [["value", id]] });
  }

  #take(answer: Answer | ThreadCall): void {
    if ("thread" in answer) {
      // What was under way when the end came may start nothing more.
      if (!this.#end) this.#relay.take(answer, (news) => this.#thread?.post(news));
      return;
    }
    const call = this.#pending.get(answer.id);
    if (call === undefined) return;
    this.#pending.delete(answer.id);
    if (this.#pending.size === 0) this.#thread?.hold(false);
    if ("code" in answer) {
      call.reject(new ConvGradError(answer.code, answer.message));
      return;
    }
    try {
      call.resolve(this.#decode(call, answer.result));
    } catch (cause) {
      const message = `${call.op}: out has been detached during the call`;
      call.reject(new ConvGradError("bad-argument", message, { cause }));
    }
  }

  #encode(call: Call, value: unknown, out = false): Wire {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return ["value", value];
    if (value instanceof RemoteTensor) return this.#encodeTensor(call, value);
    if (ArrayBuffer.isView(value)) return ["value", pack(call, value, moved.delete(value))];
    if ("data" in value) {
      const { data, shape } = value as PlainTensor<Elements>;
      if (!out || !isElements(data)) return ["plain", pack(call, data, moved.delete(value)), shape];
      if (call.outs.some((other) => overlap(other.data, data))) {
        refuse("bad-argument", call.op, "out", "in the same memory twice", "memory of its own");
      }
      call.outs.push({ data, holder: value });
      return ["out", data instanceof Int32Array, data.length, shape];
    }
    // Modules, buffers and the like are for the worker to judge.
    if (Object.prototype.toString.call(value) !== "[object Object]") return ["value", value];
    const entries: [string, Wire][] = [];
    for (const name in value) {
      const inner = (value as Record<string, unknown>)[name];
      entries.push([name, this.#encode(call, inner, out || name === "out")]);
    }
    return ["object", entries];
  }

  #encodeTensor({ op }: Call, tensor: RemoteTensor<Elements>): Wire {
    if (tensor.client !== this) {
      const expected = "one of the same instance, or a plain one";
      refuse("bad-argument", op, "a tensor", "one of another instance", expected);
    }
    if (!tensor.live) throw new ConvGradError("disposed", `${op}: a tensor has been disposed`);
    return ["tensor", tensor.id];
  }

  #decode(call: Call, wire: Wire): unknown {
    switch (wire[0]) {
      case "tensor": {
        const [, id, shape] = wire;
        const known = this.#tensors.get(id)?.deref();
        if (known) return known;
        const tensor = new RemoteTensor<Elements>(this, id, shape as readonly number[]);
        this.#tensors.set(id, new WeakRef(tensor));
        this.#abandoned.register(tensor, id, tensor);
        return tensor;
      }
      case "plain":
        return { data: wire[1], shape: wire[2] };
      case "written": {
        const { data, holder } = call.outs[wire[1]] as Call["outs"][number];
        data.set(wire[2]);
        return holder;
      }
      case "object":
        return Object.fromEntries(
          wire[1].map(([name, inner]) => [name, this.#decode(call, inner)]),
        );
      default:
        return wire[1];
    }
  }
}

function isElements(value: unknown): value is Elements {
  return value instanceof Float32Array || value instanceof Int32Array;
}

/** What is sent of an array: a copy of just its elements, or with `handOver` the array itself. */
function pack({ transfer }: Call, view: unknown, handOver: boolean): unknown {
  if (!isElements(view)) return view;
  const { buffer } = view;
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === view.byteLength;
  const sent = handOver && whole ? view : copyOf(view);
  transfer.add(sent.buffer as ArrayBuffer);
  return sent;
}

function copyOf(view: Elements): Elements {
  return view instanceof Int32Array ? new Int32Array(view) : new Float32Array(view);
}

function overlap(a: Elements, b: Elements): boolean {
  const meet =
    a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength;
  return meet && a.buffer === b.buffer;
}
