// What the film page and the browse page share: elements, requests to this server, suggestions. The pages load no
// library, and contact no other host.
"use strict";

const PAUSE_MS = 120; // wait after a keystroke before suggestions are requested: fast typing causes one request per word
const at = (selector, within = document) => within.querySelector(selector);

/** A new element with attributes, text and children. */
function make(tag, { text, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  element.append(...children);
  return element;
}

/** The server's JSON, or an error with the server's own sentence. */
async function fetched(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server does not answer. Is the server still running?");
  }
  const body = await response.json();
  if (!response.ok) throw new Error(body.error);
  return body;
}

/** Suggestions below an input, as a combobox that keyboards and screen readers know. */
function combobox(field, { search, option, choose, typed }) {
  const input = at("input", field), list = at(".options", field);
  let found = [], active = -1, timer, request;
  list.id = `${input.id}-options`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", `Suggestions: ${at("label", field).textContent}`);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id }))
    input.setAttribute(name, value);

  function show(items) {
    found = items;
    list.replaceChildren(...items.map((item, place) => {
      const row = make("li", { role: "option", id: `${list.id}-${place}` }, ...option(item));
      row.addEventListener("pointerdown", (event) => event.preventDefault()); // the input keeps the focus
      row.addEventListener("click", () => pick(place));
      return row;
    }));
    mark(-1);
    list.hidden = items.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  }
  function mark(place) {
    active = place;
    [...list.children].forEach((row, number) => row.setAttribute("aria-selected", String(number === place)));
    if (place < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[place].id);
    list.children[place].scrollIntoView({ block: "nearest" });
  }
  function settle() { // a late answer must not change the list while the user chooses from it
    clearTimeout(timer);
    request?.abort();
  }
  function close() {
    settle();
    show([]);
  }
  function pick(place) {
    const item = found[place];
    close();
    choose(item, input);
  }
  async function suggest() {
    request?.abort();
    request = new AbortController();
    const text = input.value.trim();
    if (!text) return show([]);
    try {
      show(await search(text, request.signal));
    } catch (error) {
      if (error.name !== "AbortError") show([]);
    }
  }
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, PAUSE_MS);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!found.length) return;
      settle();
      mark((active + (event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1) + found.length) % found.length);
    } else if (event.key === "Escape") {
      close();
    } else if (event.key === "Enter") {
      if (active >= 0) pick(active);
      else if (!typed || !typed(input, found, close)) return;
      event.preventDefault();
    }
  });
  show([]);
}

const query = (path) => (text, signal) => fetched(`${path}?q=${encodeURIComponent(text)}`, { signal });

/** A rating in large type. */
function figure(label, value, kind) {
  return make("div", { class: kind }, make("small", { text: label }), make("strong", { text: value === null ? "–" : value.toFixed(1) }));
}
