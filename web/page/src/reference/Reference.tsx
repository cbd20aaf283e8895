// The API reference as markup, rendered when the page is built.
import MarkdownIt from "markdown-it";
import { Fragment } from "preact";
import { render } from "preact-render-to-string";
import type { Entry, Module, Parameter } from "../../vite/reference/model.ts";

const markdown = new MarkdownIt({ html: false });

/** The names that have a section here, which code links to, and its id. */
type Names = ReadonlyMap<string, string>;

/** The main module's names are ids as they are, those of the others have the module's before them. */
const idIn = (module: string, name: string) => [...module.split("/").slice(1), name].join(".");

export function renderReference(modules: readonly Module[]): string {
  const ids = modules.flatMap(({ name: module, entries }) =>
    entries.map(({ name }) => [name, idIn(module, name)] as const),
  );
  // Of two by one name, the main module's.
  const names = new Map(ids.reverse());
  return render(
    <>
      <nav class="contents" aria-label="Contents">
        {modules.map((module) => (
          <ModuleContents key={module.name} module={module} />
        ))}
      </nav>
      <main id="main" tabIndex={-1}>
        {modules.map((module) => (
          <section key={module.name} class="module" aria-labelledby={slug(module.name)}>
            <h2 id={slug(module.name)}>
              <code>{`import … from "${module.name}"`}</code>
            </h2>
            <Text text={module.text} />
            {module.entries.map((entry) => (
              <EntryView
                key={entry.name}
                id={idIn(module.name, entry.name)}
                {...{ entry, names }}
              />
            ))}
          </section>
        ))}
      </main>
    </>,
  );
}

const slug = (name: string) => `module-${name.replace(/\W+/g, "-")}`;

function ModuleContents({ module }: { module: Module }) {
  return (
    <>
      <p class="label">
        <a href={`#${slug(module.name)}`}>{module.name}</a>
      </p>
      <ul>
        {module.entries.map(({ name, kind, members }) => (
          <li key={name}>
            <a href={`#${idIn(module.name, name)}`}>{name}</a>
            {kind === "class" && (
              <ul>
                {members.filter(isNamed).map((member) => (
                  <li key={member.name}>
                    <a href={`#${idIn(module.name, name)}.${member.name}`}>{member.name}</a>
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Constructors and what is reached by a symbol are told of, but not looked up. */
const isNamed = ({ name }: Entry) => /^[a-z]\w*$/i.test(name) && name !== "constructor";

function EntryView({ id, entry, names: all }: { id: string; entry: Entry; names: Names }) {
  const { name, kind, members } = entry;
  const names = new Map([...all].filter(([other]) => other !== name));
  return (
    <article class="card entry" id={id} aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>
        {name} <span class="kind">{kind}</span>
      </h3>
      <Words entry={entry} names={names} />
      {kind === "class" &&
        members.map((member) => (
          <div key={member.name} class="member" id={`${id}.${member.name}`}>
            <h4>{member.name}</h4>
            <Words entry={member} names={names} />
          </div>
        ))}
      {kind === "interface" && (
        <Terms
          names={names}
          terms={members.map(({ code, text }) => ({ code: code.join("\n"), text }))}
        />
      )}
    </article>
  );
}

/** How it is written, what it means, what goes in and what comes out. */
function Words({ entry, names }: { entry: Entry; names: Names }) {
  return (
    <>
      <Code lines={entry.code} names={names} />
      <Text text={entry.text} />
      {entry.parameters.length > 0 && (
        <Terms names={names} terms={entry.parameters.map(termOf)} title="Parameters" />
      )}
      {entry.returns && <Labelled label="Returns" text={entry.returns} />}
      {entry.throws && <Labelled label="Throws" text={entry.throws} />}
    </>
  );
}

const termOf = ({ name, type, optional, text }: Parameter) => ({
  code: `${name}${optional ? "?" : ""}: ${type}`,
  text,
});

interface TermsProps {
  readonly terms: readonly { readonly code: string; readonly text: string }[];
  readonly names: Names;
  readonly title?: string;
}

function Terms({ terms, names, title }: TermsProps) {
  return (
    <>
      {title && <p class="label">{title}</p>}
      <dl class="terms">
        {terms.map(({ code, text }) => (
          <div key={code}>
            <dt>
              <code>
                <Linked text={code} names={names} />
              </code>
            </dt>
            <dd>
              <Text text={text} />
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Labelled({ label, text }: { label: string; text: string }) {
  return (
    <div class="labelled">
      <p class="label">{label}</p>
      <Text text={text} />
    </div>
  );
}

function Code({ lines, names }: { lines: readonly string[]; names: Names }) {
  return (
    <pre>
      <code>
        {lines.map((line, index) => (
          <Fragment key={line}>
            {index > 0 && "\n"}
            <Linked text={line} names={names} />
          </Fragment>
        ))}
      </code>
    </pre>
  );
}

/** Code in which every name that has a section leads there. */
function Linked({ text, names }: { text: string; names: Names }) {
  return (
    <>
      {text.split(/\b(\w+)\b/).map((part, index) =>
        names.has(part) ? (
          <a key={index} href={`#${names.get(part)}`}>
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </>
  );
}

function Text({ text }: { text: string }) {
  if (text === "") return null;
  return <div class="text" dangerouslySetInnerHTML={{ __html: markdown.render(text) }} />;
}
