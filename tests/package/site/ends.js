// One instance here and one in the package's worker, with two threads besides each: L loads them, D disposes
// of them, F tries to load what is no module. Says to the console what came of it.
import { load } from "/dist/index.js";
import { load as loadInWorker } from "/dist/worker.js";

let instances = [];

const does = {
  async l() {
    instances = await Promise.all([load({ threads: 3 }), loadInWorker({ threads: 3 })]);
    return instances.map(({ info }) => info.threads);
  },
  d() {
    for (const cg of instances) cg.dispose();
  },
  f() {
    const options = { threads: 3, wasmBinary: new Uint8Array(8) };
    return Promise.all([load, loadInWorker].map((fn) => fn(options).catch(({ code }) => code)));
  },
};

const say = (done) => console.log(JSON.stringify({ done: done ?? null }));
document.addEventListener("keydown", async ({ key }) => say(await does[key]()));
say("ready");
