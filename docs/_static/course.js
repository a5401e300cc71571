// What a lesson does in a page by itself: playgrounds run, questions answer.

import playground from "./kernel_playground.js";

/** The part of a widget's model that a component uses, without a kernel behind it. */
class PageModel {
  constructor(state) {
    this.state = state;
    this.listeners = new Map();
    this.changed = new Set();
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    if (this.state[name] === value) return;
    this.state[name] = value;
    this.changed.add(name);
  }

  save_changes() {
    const changed = [...this.changed];
    this.changed.clear();
    for (const name of changed) {
      for (const listener of this.listeners.get(`change:${name}`) ?? []) listener();
    }
  }

  on(event, listener) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }

  off(event, listener) {
    const kept = (this.listeners.get(event) ?? []).filter((other) => other !== listener);
    this.listeners.set(event, kept);
  }
}

/** Tell playgrounds of the page's theme the way JupyterLab does. */
function followTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const tell = () => {
    const chosen = document.body.dataset.theme;
    const isDark = chosen === "dark" || (chosen !== "light" && dark.matches);
    const value = String(!isDark);
    if (document.body.dataset.jpThemeLight !== value) document.body.dataset.jpThemeLight = value;
  };
  tell();
  dark.addEventListener("change", tell);
  new MutationObserver(tell).observe(document.body, { attributeFilter: ["data-theme"] });
}

/** A root of its own: to reveal.js, sections within a slide would be slides. */
function separate(host) {
  const root = host.attachShadow({ mode: "open" });
  const style = document.querySelector("link[href$='kernel_playground.css']").cloneNode();
  const place = document.createElement("div");
  root.append(style, place);
  return place;
}

function startPlayground(host) {
  const model = new PageModel(JSON.parse(host.dataset.state));
  playground.initialize({ model });
  playground.render({ model, el: host.closest(".slides") ? separate(host) : host });
}

function startQuestion(form) {
  const button = form.querySelector("button");
  const verdict = form.querySelector(".verdict");
  form.addEventListener("change", () => (button.disabled = false));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = form.querySelector("input:checked");
    if (!chosen) return;
    if (form.dataset.reveal === "true" || form.dataset.committed) {
      const right = chosen.dataset.correct === "true";
      verdict.textContent = right ? "✓ Yes." : "✗ No.";
      for (const why of form.querySelectorAll(".why")) why.hidden = true;
      chosen.closest("li").querySelector(".why").hidden = false;
    } else {
      form.dataset.committed = "true";
      verdict.textContent = "Noted. Read on; when you have seen what happens, come back.";
      button.textContent = "Was it right?";
    }
  });
}

followTheme();
document.querySelectorAll(".live-playground").forEach(startPlayground);
document.querySelectorAll("form.course-question").forEach(startQuestion);
