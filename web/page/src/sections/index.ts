// The sections of the page, in order. A new one is a folder beside these and a line here.
import type { ComponentType } from "preact";
import type { Key } from "../i18n/index.ts";
import { Examples } from "./examples/Examples.tsx";
import { LabSection } from "./lab/LabSection.tsx";
import { Lesson } from "./lesson/Lesson.tsx";

export const sections: readonly {
  readonly id: string;
  readonly title: Key;
  readonly Section: ComponentType<{ readonly id: string }>;
}[] = [
  { id: "lab", title: "lab.title", Section: LabSection },
  { id: "lesson", title: "lesson.title", Section: Lesson },
  { id: "examples", title: "examples.title", Section: Examples },
];
