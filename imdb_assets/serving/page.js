// The film page: asks this server's own /films, /people, /predict and /titles, and shows the answer.
"use strict";

const LOWEST = 1, HIGHEST = 10;
const MOST_GENRES = 3;
const EXAMPLES = 6; // number of films that each list shows at first
const CREDITED = { director: "Directed by", writer: "Written by", cast: "With" };
const BILLED = 5; // largest number of cast members that are shown

let latest = 0;
async function ask(question, about) {
  const number = ++latest; // an answer that was overtaken by a later question is not shown
  try {
    const [answer, film] = await Promise.all([
      fetched("predict", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question) }),
      about,
    ]);
    if (number === latest) showAnswer(answer, film);
  } catch (error) {
    if (number === latest) at("#answer").replaceChildren(make("p", { class: "error", role: "alert", text: error.message }));
  }
}

function askFilm(tconst, title) {
  if (title) at("#film").value = title;
  select("find");
  ask({ tconst }, fetched(`titles/${tconst}`).catch(() => null)); // null if the server has no title index
}

combobox(at("#find .combo"), {
  search: query("films"),
  option: (film) => [
    `${film.title ?? film.tconst} (${film.start_year})`,
    make("small", { text: film.votes ? `${film.rating.toFixed(1)} from ${film.votes.toLocaleString("en")} votes` : "not rated yet" }),
  ],
  choose: (film) => askFilm(film.tconst, film.title),
  typed: (input, found, close) => {
    const text = input.value.trim();
    const tconst = /^tt\d{7,8}$/.test(text) ? text : found[0]?.tconst;
    close();
    if (tconst) askFilm(tconst, tconst === text ? null : found[0]?.title);
    return true;
  },
});
at("#find").addEventListener("submit", (event) => event.preventDefault());

for (const field of document.querySelectorAll(".people")) {
  const chosen = at(".chosen", field);
  const add = (value, name, input) => {
    input.value = "";
    if ([...chosen.children].some((item) => item.dataset.value === value)) return;
    const remove = make("button", { type: "button", "aria-label": `Remove ${name}`, text: "×" });
    const item = make("li", { "data-value": value }, name, remove);
    remove.addEventListener("click", () => { item.remove(); input.focus(); });
    chosen.append(item);
  };
  const typed = (input, found, close) => {
    const name = input.value.trim();
    close();
    if (name) add(name, name, input);
    return Boolean(name);
  };
  combobox(field, {
    search: query("people"),
    option: (person) => [
      person.name,
      make("small", { text: [person.profession?.replaceAll("_", " "), person.birth_year && `born ${person.birth_year}`,
        `${person.film_count} rated film${person.film_count === 1 ? "" : "s"}`, person.known_for].filter(Boolean).join(" · ") }),
    ],
    choose: (person, input) => add(person.nconst, person.name, input),
    typed,
  });
  at("input", field).addEventListener("keydown", (event) => {
    if (event.key === "Backspace" && !event.target.value) chosen.lastElementChild?.remove();
  });
}

const genres = at("#genres");
for (const genre of genres.dataset.genres.split(",")) {
  const box = make("input", { type: "checkbox", value: genre });
  box.addEventListener("change", () => {
    const full = genres.querySelectorAll(":checked").length >= MOST_GENRES;
    for (const other of genres.querySelectorAll("input")) other.disabled = full && !other.checked;
  });
  genres.append(make("label", {}, box, make("span", { text: genre })));
}

at("#year").value = new Date().getFullYear() + 1;
at("#build").addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = [...genres.querySelectorAll(":checked")].map((box) => box.value);
  if (!wanted.length) {
    latest++; // an answer that is still on its way must not replace the message
    at("#answer").replaceChildren(make("p", { class: "error", role: "alert", text: "Choose at least one genre." }));
    genres.querySelector("input").focus();
    return;
  }
  const film = {
    title: at("#title").value, year: Number(at("#year").value), genres: wanted, runtime_minutes: Number(at("#runtime").value),
  };
  for (const field of document.querySelectorAll(".people")) {
    const values = [...at(".chosen", field).children].map((item) => item.dataset.value);
    const left = at("input", field).value.trim(); // a typed name counts even if it was not confirmed
    film[field.dataset.role] = left && !values.includes(left) ? [...values, left] : values;
  }
  if (at("#votes").value) film.votes = Number(at("#votes").value);
  ask(film, described(film)).then(() => at("#answer").scrollIntoView({ block: "nearest" }));
});

const tabs = [...document.querySelectorAll("[role=tab]")];
function select(panel) {
  for (const tab of tabs) {
    const on = tab.getAttribute("aria-controls") === panel;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    at(`#${tab.getAttribute("aria-controls")}`).hidden = !on;
  }
}
for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => select(tab.getAttribute("aria-controls")));
  tab.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = tabs[(place + 1) % tabs.length];
    select(other.getAttribute("aria-controls"));
    other.focus();
  });
}

/** Up to `most` of the list, drawn without repetition. */
function drawn(list, most) {
  const left = [...list];
  return Array.from({ length: Math.min(most, left.length) }, () => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}

async function begin() {
  const known = await fetched("films").catch(() => []);
  const gems = (await fetched("dashboards/catalogue/hidden-gems.json").catch(() => []))
    .map((gem) => ({ tconst: gem.tconst, title: gem.primary_title, start_year: gem.start_year, rating: gem.average_rating }));
  if (!known.length) return;
  at("#surprise").hidden = false;
  at("#surprise").addEventListener("click", () => {
    const [film] = drawn([...known, ...gems], 1);
    askFilm(film.tconst, film.title);
  });
  if (latest) return; // the user has asked for a film meanwhile, or the page's address names a film
  const parts = [make("h2", { text: "Suggested films" }),
    make("p", { class: "explain", text: "Choose a suggested film, search for another film, or build a film that does not exist." }),
    make("h3", { text: "Well known" }), similar(known.slice(0, EXAMPLES))];
  if (gems.length) parts.push(make("h3", { text: "Hidden gems" }),
    make("p", { class: "explain", text: "Loved and little seen." }), similar(drawn(gems, EXAMPLES)));
  at("#answer").replaceChildren(...parts);
}

const signed = (points) => `${points <= -0.005 ? "−" : "+"}${Math.abs(points).toFixed(2)}`;
const place = (rating) => `${((rating - LOWEST) / (HIGHEST - LOWEST)) * 100}%`;

function scale(answer) {
  const range = make("span", { class: "range" }), dot = make("span", { class: "dot" });
  range.style.left = place(answer.lower);
  range.style.right = `calc(100% - ${place(answer.upper)})`;
  dot.style.left = place(answer.predicted);
  const parts = [range, dot, make("span", { class: "end low", text: LOWEST }), make("span", { class: "end high", text: HIGHEST })];
  let words = `Predicted ${answer.predicted.toFixed(1)}, between ${answer.lower.toFixed(1)} and ${answer.upper.toFixed(1)}`;
  if (answer.actual !== null) {
    const truth = make("span", { class: "truth" });
    truth.style.left = place(answer.actual);
    parts.push(truth);
    words += `; rated ${answer.actual.toFixed(1)}`;
  }
  return make("div", { class: "scale", role: "img", "aria-label": words }, ...parts);
}

function bars(reasons) {
  const widest = Math.max(...reasons.map((reason) => Math.abs(reason.points)), 0.01);
  return make("ul", { class: "bars" }, ...reasons.map((reason) => {
    const bar = make("span", { class: `bar ${reason.points < 0 ? "down" : "up"}` });
    bar.style.width = `${(Math.abs(reason.points) / widest) * 50}%`;
    return make("li", {}, make("span", { text: reason.family }), make("span", { class: "track" }, bar),
      make("span", { class: "points", text: signed(reason.points) }));
  }));
}

function similar(films) {
  return make("ul", { class: "similar" }, ...films.map((film) => {
    const button = make("button", { type: "button" }, `${film.title ?? film.tconst} `, make("small", { text: `(${film.start_year})` }));
    button.addEventListener("click", () => askFilm(film.tconst, film.title));
    return make("li", {}, button, make("span", { text: film.rating.toFixed(1) }));
  }));
}

/** What a built film's form says of its people, in the form of a title. */
function described(film) {
  const names = Object.fromEntries([...document.querySelectorAll(".chosen li")].map((item) => [item.dataset.value, item.firstChild.textContent]));
  const people = Object.entries({ director: film.directors, writer: film.writers, cast: film.cast })
    .flatMap(([role, values]) => values.map((value) => ({ role, nconst: names[value] && value.startsWith("nm") ? value : null, name: names[value] ?? value })));
  return { people, genres: film.genres, runtime_minutes: film.runtime_minutes };
}

/** Whose records the prediction speaks of: the people, the genres and the runtime. */
function facts(film) {
  const roles = Object.entries(CREDITED).map(([role, label]) => [label, film.people.filter((one) => one.role === role).slice(0, BILLED)])
    .filter(([, people]) => people.length);
  return [
    make("p", { class: "explain", text: [film.genres.join(", "), film.runtime_minutes && `${film.runtime_minutes} minutes`].filter(Boolean).join(" · ") }),
    make("dl", { class: "roles" }, ...roles.flatMap(([label, people]) => [
      make("dt", { text: label }),
      make("dd", {}, ...people.flatMap((one, place) => [place ? ", " : "",
        one.nconst ? make("a", { href: `browse#${one.nconst}`, text: one.name ?? one.nconst }) : one.name])),
    ])),
  ];
}

function showAnswer(answer, film) {
  const own = answer.tconst === null;
  const figures = make("div", { class: "figures" }, figure("Predicted", answer.predicted, "predicted"));
  if (answer.actual !== null) figures.append(figure(document.querySelector(".sample") ? "Rated in the sample" : "Rated on IMDb", answer.actual, "actual"));
  const parts = [
    make("h2", {}, own ? `${answer.title} (${answer.start_year})` : make("a", { href: `browse#${answer.tconst}`, text: `${answer.title ?? answer.tconst} (${answer.start_year})` })),
    ...(film ? facts(film) : []),
    figures,
    scale(answer),
    make("p", { class: "explain", text: `For nine of ten films, the rating lies within the predicted interval, which is ${answer.lower.toFixed(1)} to ${answer.upper.toFixed(1)} for this film.`
      + (answer.actual === null ? "" : " The upright mark is the film’s own rating.") }),
  ];
  if (answer.notes.length) parts.push(make("ul", { class: "notes" }, ...answer.notes.map((text) => make("li", { text }))));
  parts.push(
    make("h3", { text: "Why" }),
    make("p", { class: "explain", text: `Every prediction starts from ${answer.base.toFixed(2)}; each bar shows the rating points that facts of this film add.` }),
    bars(answer.reasons),
  );
  if (answer.comparable.length) parts.push(
    make("h3", { text: "Similar well-known films" }),
    make("p", { class: "explain", text: "Well-known films with the same genres, or nearly the same, that are closest in year, runtime and ratings of the makers’ earlier films." }),
    similar(answer.comparable),
  );
  const regime = answer.regime === "with votes" ? "from the number of votes and facts known before release" : "from facts known before release";
  const basis = own || answer.basis === "live" ? "by the model in service" : "by a model that was not trained on this film";
  parts.push(make("p", { class: "origin", text: `Predicted ${regime}, ${basis}. Model ${answer.model_version}, features ${answer.iteration}.` }));
  at("#answer").replaceChildren(...parts);
}

begin();
if (/^#tt\d{7,8}$/.test(location.hash)) askFilm(location.hash.slice(1)); // the user has followed a link from the browse page
