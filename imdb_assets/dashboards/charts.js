// Draws the charts of a dashboard, light or dark like the reader's system. Vega comes from the same server as the page.
// The option `ast` makes Vega interpret expressions, because the page forbids `eval`.
"use strict";

const themes = JSON.parse(document.querySelector("#themes").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)");
let latest = 0;

/** One chart after the other, in the order of the page, so that the first is there at once. */
async function draw() {
  const number = ++latest;
  for (const place of document.querySelectorAll("[data-chart]")) {
    if (number !== latest) return;
    const spec = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    spec.config = themes[dark.matches ? "dark" : "light"];
    await vegaEmbed(place.firstElementChild, spec, { // a child, because Vega changes the role of the chart's element
      renderer: "svg", actions: false, ast: true, defaultStyle: false, tooltip: { disableDefaultStyle: true },
    });
  }
  if (number === latest) document.documentElement.dataset.drawn = String(number);
}

dark.addEventListener("change", draw);
draw();
