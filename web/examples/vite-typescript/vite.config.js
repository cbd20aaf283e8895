// Only for threads: these two headers isolate the page from other origins. Without them all works too,
// on one thread. The host of the built page has to send them as well.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

export default { server: { headers }, preview: { headers } };
