// The package's docstrings as plain data, read by TypeDoc: what the page of the reference shows.
import { fileURLToPath } from "node:url";
import {
  Application,
  type Comment,
  type CommentDisplayPart,
  type DeclarationReflection,
  ReflectionKind,
  type SignatureReflection,
  type SomeType,
} from "typedoc";

/** Something a caller can import: a function, a class, an interface, a type. */
export interface Entry {
  readonly name: string;
  readonly kind: "function" | "class" | "interface" | "type" | "constant";
  /** As TypeScript writes it: a line for each way to call a function, a type's right side. */
  readonly code: readonly string[];
  /** Markdown. */
  readonly text: string;
  readonly parameters: readonly Parameter[];
  readonly returns: string;
  readonly throws: string;
  readonly members: readonly Entry[];
}

export interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly text: string;
}

/** What can be imported by one name. */
export interface Module {
  readonly name: string;
  readonly text: string;
  readonly entries: readonly Entry[];
}

const root = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

/** The entry points, by what a program imports. */
const ENTRIES: Readonly<Record<string, string>> = {
  convgrad: "web/package/src/index.ts",
  "convgrad/worker": "web/package/src/worker.ts",
  "convgrad/element": "web/page/src/embed/types/element.d.ts",
};

/** @throws where a docstring cannot be read, or links nowhere */
export async function readReference(): Promise<readonly Module[]> {
  const app = await Application.bootstrap({
    entryPoints: Object.values(ENTRIES).map(root),
    tsconfig: root("web/page/vite/reference/tsconfig.json"),
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    readme: "none",
    disableSources: true,
    sort: ["source-order"],
    logLevel: "Warn",
    validation: { notDocumented: false, invalidLink: true, notExported: false },
  });
  const project = await app.convert();
  if (!project) throw new Error("the docstrings cannot be read");
  app.validate(project);
  if (app.logger.hasWarnings() || app.logger.hasErrors()) {
    throw new Error("the docstrings are not sound: see above");
  }
  const names = Object.keys(ENTRIES);
  const modules = (project.children ?? []).map((module, index) => ({
    name: names[index] as string,
    text: textOf(module.comment),
    entries: (module.children ?? [])
      // What a module only hands on is told of where it is from.
      .filter((item) => !item.isReference())
      .map(readEntry)
      .sort((a, b) => rank(a) - rank(b)),
  }));
  return tellRemote(modules);
}

/** The worker's methods are those of ConvGrad, and told of there. */
function tellRemote(modules: readonly Module[]): readonly Module[] {
  const local = modules[0]?.entries.find(({ name }) => name === "ConvGrad")?.members ?? [];
  const tell = (member: Entry): Entry => {
    const same = local.find(({ name }) => name === member.name);
    if (member.text !== "" || !same) return member;
    const link = `[ConvGrad.${same.name}](#ConvGrad.${same.name})`;
    const text = member.kind === "function" ? `A promise of what ${link} gives.` : same.text;
    return { ...member, text, parameters: [] };
  };
  return modules.map((module) => ({
    ...module,
    entries: module.entries.map((entry) =>
      entry.name === "RemoteConvGrad" ? { ...entry, members: entry.members.map(tell) } : entry,
    ),
  }));
}

const KINDS: readonly (readonly [ReflectionKind, Entry["kind"]])[] = [
  [ReflectionKind.Function | ReflectionKind.Method | ReflectionKind.Constructor, "function"],
  [ReflectionKind.Class, "class"],
  [ReflectionKind.Interface, "interface"],
  [ReflectionKind.TypeAlias, "type"],
];
const ORDER: readonly Entry["kind"][] = ["function", "class", "interface", "type", "constant"];
const rank = ({ kind }: Entry) => ORDER.indexOf(kind);

/** A class of which only the type is exported is one all the same. */
function kindOf(item: DeclarationReflection): Entry["kind"] {
  const kind = KINDS.find(([kinds]) => (item.kind & kinds) !== 0)?.[1] ?? "constant";
  const acts = item.children?.some((member) => member.kindOf(ReflectionKind.Method));
  return kind === "interface" && acts ? "class" : kind;
}

function readEntry(item: DeclarationReflection): Entry {
  const signatures = item.signatures ?? (item.getSignature ? [item.getSignature] : []);
  // Overloads come from the narrowest to the widest; the first carries the words for all.
  const comment = item.comment ?? signatures.find((signature) => signature.comment)?.comment;
  const widest = signatures.at(-1);
  return {
    name: nameOf(item),
    kind: kindOf(item),
    code: codeOf(item, signatures),
    text: textOf(comment),
    parameters: (widest?.parameters ?? []).map((parameter) => ({
      name: parameter.name,
      type: typeOf(parameter.type),
      optional: parameter.flags.isOptional || parameter.defaultValue !== undefined,
      text: textOf(parameter.comment),
    })),
    returns: tagOf(comment, "@returns"),
    throws: tagOf(comment, "@throws"),
    members: (item.children ?? []).map(readEntry),
  };
}

/** The key by which \`using\` disposes of things has its name from the language. */
const nameOf = ({ name }: { readonly name: string }) =>
  name.replace(/^\[dispose(Key)?\]$/, "[Symbol.dispose]");

function codeOf(
  item: DeclarationReflection,
  signatures: readonly SignatureReflection[],
): readonly string[] {
  const optional = item.flags.isOptional ? "?" : "";
  if (item.getSignature) return [`${item.name}: ${typeOf(item.getSignature.type)}`];
  if (signatures.length > 0) {
    const distinct = signatures.map((signature) => {
      const parameters = (signature.parameters ?? []).map(
        ({ name, flags, type }) => `${name}${flags.isOptional ? "?" : ""}: ${typeOf(type)}`,
      );
      const made = item.kind === ReflectionKind.Constructor;
      const result = made ? "" : `: ${typeOf(signature.type)}`;
      const generic = generics(signature.typeParameters);
      return `${made ? "new " : ""}${nameOf(signature)}${generic}(${parameters.join(", ")})${result}`;
    });
    return [...new Set(distinct)];
  }
  const generic = generics(item.typeParameters);
  if (item.kind === ReflectionKind.TypeAlias) {
    return [`type ${item.name}${generic} = ${typeOf(item.type)}`];
  }
  if (item.kind === ReflectionKind.Class || item.kind === ReflectionKind.Interface) {
    const word = kindOf(item);
    const parents = (item.extendedTypes ?? []).map((type) => type.toString());
    const from = parents.length > 0 ? ` extends ${parents.join(", ")}` : "";
    return [`${word} ${item.name}${generic}${from}`];
  }
  return [`${item.name}${optional}: ${typeOf(item.type)}`];
}

function generics(
  parameters: readonly { name: string; type?: SomeType; default?: SomeType }[] | undefined,
): string {
  if (!parameters || parameters.length === 0) return "";
  const written = parameters.map(
    ({ name, type, default: preset }) =>
      name + (type ? ` extends ${type}` : "") + (preset ? ` = ${preset}` : ""),
  );
  return `<${written.join(", ")}>`;
}

/** Without what goes without saying: that optional things may be undefined, and arguments by default. */
const typeOf = (type: SomeType | undefined) =>
  (type?.toString() ?? "unknown")
    .replace(/ \| undefined$|^undefined \| /, "")
    .replaceAll("<ArrayBufferLike>", "")
    .replaceAll("Tensor<Float32Array>", "Tensor");

const textOf = (comment: Comment | undefined) => write(comment?.summary ?? []);

function tagOf(comment: Comment | undefined, tag: "@returns" | "@throws"): string {
  return write(comment?.getTag(tag)?.content ?? []);
}

const write = (parts: readonly CommentDisplayPart[]) =>
  parts
    .map(({ text }) => text)
    .join("")
    .trim();
