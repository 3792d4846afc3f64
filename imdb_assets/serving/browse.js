// The browse page: titles and people from /titles and /people. The part of the address after # names what is shown.
"use strict";

const CALM = 5, FINE = 8; // below CALM and above FINE, the colour of an episode's cell no longer changes with the rating
const KINDS = Object.fromEntries([...at("#kind").options].map((option) => [option.value, option.text]));

const kind = (title) => KINDS[title.kind] ?? title.kind ?? "Title";
const years = (title) => [title.start_year, title.end_year].filter((year) => year !== null).join("–");
const named = (title) => `${title.title ?? title.tconst}${title.start_year ? ` (${years(title)})` : ""}`;
const voted = (title) => (title.rating === null ? "not rated" : `${title.rating.toFixed(1)} from ${title.votes.toLocaleString("en")} votes`);
const link = (id, text) => make("a", { href: `#${id}`, text });

combobox(at("#by-title"), {
  search: (text, signal) => {
    const asked = new URLSearchParams({ q: text });
    if (at("#kind").value) asked.set("kind", at("#kind").value);
    if (at("#in-year").value) asked.set("year", at("#in-year").value);
    return fetched(`titles?${asked}`, { signal });
  },
  option: (title) => [named(title), make("small", { text: `${kind(title)} · ${voted(title)}` })],
  choose: (title) => { location.hash = title.tconst; },
  typed: (input, found, close) => {
    const text = input.value.trim();
    const tconst = /^tt\d{7,8}$/.test(text) ? text : found[0]?.tconst;
    close();
    if (tconst) location.hash = tconst;
    return true;
  },
});

combobox(at("#by-name"), {
  search: query("people"),
  option: (person) => [person.name, make("small", { text: [person.profession?.replaceAll("_", " "), person.known_for].filter(Boolean).join(" · ") })],
  choose: (person) => { location.hash = person.nconst; },
  typed: (input, found, close) => {
    const text = input.value.trim();
    const nconst = /^nm\d{7,8}$/.test(text) ? text : found[0]?.nconst;
    close();
    if (nconst) location.hash = nconst;
    return true;
  },
});
at("#look form").addEventListener("submit", (event) => event.preventDefault());

/** A table of titles; `more` adds columns: heading → text of a title. */
function listed(titles, label, more = {}) {
  const heads = ["Title", ...Object.keys(more), "Rating", "Votes"];
  const rows = titles.map((title) => make("tr", {},
    make("th", { scope: "row" }, link(title.tconst, named(title))),
    ...Object.values(more).map((text) => make("td", { text: text(title) ?? "" })),
    make("td", { class: "number", text: title.rating?.toFixed(1) ?? "–" }),
    make("td", { class: "number", text: title.votes?.toLocaleString("en") ?? "–" }),
  ));
  const head = make("thead", {}, make("tr", {}, ...heads.map((text, place) => make("th", { scope: "col", ...(place >= heads.length - 2 && { class: "number" }), text }))));
  return make("div", { class: "scroll titles", role: "region", "aria-label": label, tabindex: "0" },
    make("table", {}, head, make("tbody", {}, ...rows)));
}

/** Episodes as a table, a column per season and a row per number; the colour says the rating, and so does the text. */
function seasons(episodes) {
  const placed = episodes.filter((one) => one.season !== null && one.number !== null);
  const columns = [...new Set(placed.map((one) => one.season))], numbers = [...new Set(placed.map((one) => one.number))].sort((a, b) => a - b);
  const cells = Map.groupBy(placed, (one) => `${one.season} ${one.number}`); // several episodes may share a season and number
  const shown = (one) => make("a", { href: `#${one.tconst}`, title: `${one.title ?? one.tconst}: ${voted(one)}`, text: one.rating?.toFixed(1) ?? "–",
    "aria-label": `Season ${one.season}, episode ${one.number}, ${one.title ?? one.tconst}: ${voted(one)}` });
  const cell = (ones = []) => {
    const part = make("td", {}, ...ones.flatMap((one, place) => [place ? " " : "", shown(one)])), first = ones.find((one) => one.rating !== null);
    if (first) part.style.setProperty("--share", `${Math.round(Math.min(Math.max((first.rating - CALM) / (FINE - CALM), 0), 1) * 100)}%`);
    return part;
  };
  return make("div", { class: "scroll seasons", role: "region", "aria-label": "Ratings of the episodes by season", tabindex: "0" },
    make("table", {},
      make("thead", {}, make("tr", {}, make("th", { scope: "col", text: "Episode" }), ...columns.map((season) => make("th", { scope: "col", text: `S${season}` })))),
      make("tbody", {}, ...numbers.map((number) => make("tr", {}, make("th", { scope: "row", text: number }),
        ...columns.map((season) => cell(cells.get(`${season} ${number}`))))))));
}

/** A rating's days as a stepped line from the first to the last, and as a table. */
function moved(days) {
  const known = days.filter((day) => day.rating !== null);
  const first = Date.parse(days[0].valid_from), span = Date.parse(days.at(-1).valid_from) - first || 1;
  const low = Math.min(...known.map((day) => day.rating)) - .1, height = Math.max(...known.map((day) => day.rating)) + .1 - low;
  const x = (day) => 1 + ((Date.parse(day.valid_from) - first) / span) * 298, y = (day) => 49 - ((day.rating - low) / height) * 48;
  const path = known.map((day, place) => `${place ? `H${x(day).toFixed(1)}V` : `M${x(day).toFixed(1)} `}${y(day).toFixed(1)}`).join("");
  const space = "http://www.w3.org/2000/svg", line = document.createElementNS(space, "path"), drawn = document.createElementNS(space, "svg");
  line.setAttribute("d", path);
  for (const [name, value] of Object.entries({ class: "spark", viewBox: "0 0 300 50", role: "img",
    "aria-label": `Rating from ${days[0].valid_from} to ${days.at(-1).valid_from}: ${known[0].rating.toFixed(1)} to ${known.at(-1).rating.toFixed(1)}` })) drawn.setAttribute(name, value);
  drawn.append(line);
  const rows = days.toReversed().map((day) => make("tr", {}, make("th", { scope: "row", text: day.valid_from }),
    make("td", { class: "number", text: day.rating?.toFixed(1) ?? "–" }), make("td", { class: "number", text: day.votes?.toLocaleString("en") ?? "–" })));
  const head = make("thead", {}, make("tr", {}, make("th", { scope: "col", text: "From" }),
    make("th", { scope: "col", class: "number", text: "Rating" }), make("th", { scope: "col", class: "number", text: "Votes" })));
  const ends = [known[0], known.at(-1)].map((day) => `${day.rating.toFixed(1)} on ${day.valid_from}`).join(", ");
  const ratings = known.map((day) => day.rating), [lowest, highest] = [Math.min(...ratings), Math.max(...ratings)].map((rating) => rating.toFixed(1));
  return [drawn, make("p", { class: "explain", text: `${ends}; the rating was always between ${lowest} and ${highest}.` }), make("div", { class: "scroll titles", role: "region", "aria-label": "Rating by day", tabindex: "0" },
    make("table", {}, head, make("tbody", {}, ...rows)))];
}

async function showTitle(tconst) {
  const title = await fetched(`titles/${tconst}`);
  const facts = [kind(title), title.genres.join(", "), title.runtime_minutes && `${title.runtime_minutes} minutes`].filter(Boolean).join(" · ");
  const parts = [make("h2", { text: named(title) })];
  if (title.original_title) parts.push(make("p", { class: "explain", text: `Original title: ${title.original_title}` }));
  parts.push(make("p", { class: "explain", text: facts }));
  if (title.episode) {
    const { series, series_title: name, season, number } = title.episode;
    const place = [season !== null && `season ${season}`, number !== null && `episode ${number}`].filter(Boolean).join(", ") || "season not known";
    parts.push(make("p", {}, link(series, name ?? series), ` · ${place}`));
  }
  const figures = make("div", { class: "figures" }, figure(rated, title.rating, "actual"), make("div", { class: "actual" }, make("small", { text: "Votes" }), make("strong", { text: title.votes?.toLocaleString("en") ?? "–" })));
  if (title.predicted) figures.prepend(figure("Predicted", title.predicted.rating, "predicted"));
  parts.push(figures);
  if (title.predicted) parts.push(make("p", { class: "explain" },
    `Predicted by a model that was not trained on this film. For nine of ten films, the rating lies within the predicted interval, which is ${title.predicted.lower.toFixed(1)} to ${title.predicted.upper.toFixed(1)} for this film. `,
    make("a", { href: `./#${tconst}`, text: "Why" })));
  const roles = Map.groupBy(title.people, (one) => one.role);
  if (roles.size) parts.push(make("h3", { text: "People" }), make("dl", { class: "roles" }, ...[...roles].flatMap(([role, people]) => [
    make("dt", { text: role.replaceAll("_", " ") }),
    make("dd", {}, ...people.flatMap((one, place) => [place ? ", " : "", link(one.nconst, one.name ?? one.nconst)])),
  ])));
  if (title.episodes) {
    const episodes = await fetched(`titles/${tconst}/episodes`);
    const loose = episodes.filter((one) => one.season === null || one.number === null);
    parts.push(make("h3", { text: `Episodes: ${title.episodes.toLocaleString("en")}` }));
    if (loose.length < episodes.length) parts.push(seasons(episodes));
    if (loose.length) parts.push(make("h3", { text: "Without season or number" }), listed(loose, "Episodes without season or number"));
  }
  const days = title.rating === null ? [] : await fetched(`titles/${tconst}/history`).catch(() => []); // the title may have no history
  if (days.filter((day) => day.rating !== null).length > 1) parts.push(make("h3", { text: "How the rating moved" }), ...moved(days));
  return { title: named(title), parts };
}

async function showPerson(nconst) {
  const person = await fetched(`people/${nconst}`);
  const lived = person.death_year ? `${person.birth_year ?? "?"}–${person.death_year}` : `born ${person.birth_year}`;
  const parts = [
    make("h2", { text: `${person.name ?? nconst}${person.birth_year || person.death_year ? ` (${lived})` : ""}` }),
    make("p", { class: "explain", text: person.professions.map((one) => one.replaceAll("_", " ")).join(", ") }),
  ];
  if (person.known_for.length) parts.push(make("h3", { text: "Known for" }), listed(person.known_for, "Known for", { Kind: kind }));
  parts.push(make("h3", { text: "Films" }));
  parts.push(person.credits.length ? listed(person.credits, "Films", { Role: (one) => one.role.replaceAll("_", " ") })
    : make("p", { class: "explain", text: "No film in the lake." }));
  return { title: person.name ?? nconst, parts };
}

const rated = document.querySelector(".sample") ? "Rated in the sample" : "Rated on IMDb";

let latest = 0;
async function show() {
  const id = location.hash.slice(1), number = ++latest;
  if (!id) return;
  let shown;
  try {
    shown = await (id.startsWith("nm") ? showPerson : showTitle)(encodeURIComponent(id));
  } catch (error) {
    shown = { title: "Browse", parts: [make("p", { class: "error", role: "alert", text: error.message })] };
  }
  if (number !== latest) return; // the user has chosen something else meanwhile
  document.title = `${shown.title} · imdb-assets`;
  at("#answer").replaceChildren(...shown.parts);
}
addEventListener("hashchange", show);
show();
