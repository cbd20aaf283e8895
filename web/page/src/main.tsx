import { render } from "preact";
import { App } from "./app.tsx";
import { start } from "./engine/client.ts";
import { startLanguage } from "./i18n/index.ts";
import { startOffline } from "./offline/client.ts";
import "@picocss/pico/css/pico.min.css";
import "./styles/base.css";
import "./styles/figures.css";
import "./sections/lab/styles/index.css";
import "./styles/examples.css";
import "./styles/lesson/index.css";

startLanguage();
void startOffline(start());
render(<App />, document.getElementById("app") as HTMLElement);
