// The page's service worker. It keeps the files of its build for visits without a network; and it adds
// the headers that isolate the page to visits whose address asks for them, so that threads run on hosts
// that send no headers. Own code rather than a library's: of the two jobs the libraries do only the
// first, and for that the build's hashed names leave them little to do.

/** Put in when the page is built: see vite/serviceWorker.ts. */
declare const __BUILD__: {
  /** A hash of all files. */
  readonly version: string;
  /** Documents and the rest, relative to this file; "" is the page itself. */
  readonly documents: readonly string[];
  readonly assets: readonly string[];
};

const worker = self as unknown as ServiceWorkerGlobalScope;
const home = new URL("./", worker.location.href);
/** Several pages of one host share its caches: each keeps to its own folder's. */
const prefix = `convgrad ${home.pathname} `;
const build = __BUILD__;
const current = prefix + build.version;

const addresses = (files: readonly string[]) => files.map((file) => new URL(file, home).href);
const documents = new Set(addresses(build.documents));
const assets = new Set(addresses(build.assets));

/** How long the network may take to answer where there is a copy to fall back on, in milliseconds. */
const PATIENCE = 4000;

worker.addEventListener("install", (event) => {
  event.waitUntil(keepAll());
});

// No skipWaiting: a page that is open goes on with the files it was built with.
worker.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  const isolate = address.searchParams.get("isolate") === "1";
  address.search = "";
  address.hash = "";
  address.pathname = address.pathname.replace(/\/index\.html$/, "/");
  if (request.method !== "GET") return;
  if (documents.has(address.href)) {
    event.respondWith(answerDocument(request, address.href, isolate));
  } else if (assets.has(address.href)) {
    event.respondWith(answerAsset(request, address.href));
  }
});

async function keepAll(): Promise<void> {
  const cache = await caches.open(current);
  // Documents keep their names from build to build, so the network's own caches may hold older ones.
  await cache.addAll([
    ...Array.from(documents, (address) => new Request(address, { cache: "no-cache" })),
    ...assets,
  ]);
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(prefix) && name !== current);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** From the network, so that a new build is seen at once; the copy when there is none. */
async function answerDocument(
  request: Request,
  address: string,
  isolate: boolean,
): Promise<Response> {
  const fetched = fetch(request).catch(() => undefined);
  const late = new Promise<undefined>((pass) => setTimeout(pass, PATIENCE));
  const response =
    (await Promise.race([fetched, late])) ?? (await kept(address)) ?? (await fetched);
  if (!response) return Response.error();
  if (!isolate) return response;
  return withHeaders(response, {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
  });
}

/** The copy: an asset's name changes with its content. */
async function answerAsset(request: Request, address: string): Promise<Response> {
  const response = (await kept(address)) ?? (await fetch(request));
  // An isolated page starts only workers that are isolated themselves; to others it makes no difference.
  return withHeaders(response, { "Cross-Origin-Embedder-Policy": "require-corp" });
}

async function kept(address: string): Promise<Response | undefined> {
  const cache = await caches.open(current);
  const response = await cache.match(address);
  // A visit is not answered with what came by a redirection: made anew it no longer tells.
  return response && withHeaders(response, {});
}

/** The same response with more headers; one that hides its content is left as it is. */
function withHeaders(response: Response, more: Readonly<Record<string, string>>): Response {
  if (response.type === "opaqueredirect" || response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(more)) headers.set(name, value);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
