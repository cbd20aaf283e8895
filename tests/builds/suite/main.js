// Runs the package's tests that need nothing of Node's, and leaves what came of them in the document.
import { load } from "/dist/index.js";
import { load as loadInWorker } from "/dist/worker.js";
import { run } from "./test.js";

const violations = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  violations.push(`${violatedDirective} ${blockedURI}`);
});

const suites = new URL(location.href).searchParams.get("suites").split(",");
let answer;
try {
  for (const name of suites) await import(`/tests/package/${name}.test.mjs`);
  const { info } = await load({ threads: 2 });
  const remote = (await loadInWorker({ threads: 2 })).info;
  answer = { info, remote, ...(await run()), violations };
} catch (error) {
  answer = { failed: `${error}\n${error.stack}` };
}
document.documentElement.dataset.answer = JSON.stringify(answer);
