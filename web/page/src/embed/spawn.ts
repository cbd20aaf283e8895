interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): string };
}

/** The elements' worker, beside their script in the package. */
export function spawn(): Worker {
  const native = globalThis.Worker;
  const policy = makePolicy();
  // Trusted Types want an address from a policy, and Vite before version 8 one out of its cache of packages'
  // scripts; bundlers one that is written inside of the call. For the length of this call, in which nothing
  // else can run, the constructor sees to all.
  const cache = /\/node_modules\/\.vite\/deps\/(?=[^/]*$)/;
  globalThis.Worker = class extends native {
    constructor(address: string | URL, options?: WorkerOptions) {
      const own = String(address).replace(cache, "/node_modules/convgrad/dist/");
      super(policy?.createScriptURL(own) ?? own, options);
    }
  };
  try {
    return new Worker(new URL("./element-worker.js", import.meta.url), { type: "module" });
  } finally {
    globalThis.Worker = native;
  }
}

let made: ReturnType<TrustedTypes["createPolicy"]> | undefined;

function makePolicy() {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  try {
    made ??= trustedTypes?.createPolicy("convgrad-element", {
      createScriptURL: (address) => address,
    });
  } catch {
    // Its name is not on the page's list; without a need for trusted addresses all is well.
  }
  return made;
}
