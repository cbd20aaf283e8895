/** Name and major version of the engine that the page runs in, as far as it says so. */
export function browserName(agent: string): string {
  const known: readonly (readonly [RegExp, string])[] = [
    [/Edg\/(\d+)/, "Edge"],
    [/Firefox\/(\d+)/, "Firefox"],
    [/(?:Headless)?Chrom(?:e|ium)\/(\d+)/, "Chromium"],
    [/Version\/(\d+(?:\.\d+)?).*Safari/, "Safari"],
    [/AppleWebKit\/(\d+)/, "WebKit"],
  ];
  for (const [pattern, name] of known) {
    const found = pattern.exec(agent);
    if (found) return `${name} ${found[1]}`;
  }
  return agent;
}
