// Sorts a table by the column whose heading is pressed: first ascending, then descending; empty cells stay last.
"use strict";

const words = new Intl.Collator("en", { numeric: true });

function sort(table, place, heading) {
  const down = heading.getAttribute("aria-sort") === "ascending", sign = down ? -1 : 1;
  const value = (row) => { // the exact number, because the cell's text is rounded
    const cell = row.cells[place];
    return "number" in cell.dataset ? Number(cell.dataset.number) : cell.textContent;
  };
  const compare = (a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === "" || other === "") return (one === "") - (other === "");
    return sign * (typeof one === "number" ? one - other : words.compare(one, other));
  };
  const body = table.tBodies[0];
  body.replaceChildren(...[...body.rows].sort(compare));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
}

for (const table of document.querySelectorAll(".panel table")) {
  [...table.tHead.rows[0].cells].forEach((heading, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.addEventListener("click", () => sort(table, place, heading));
    heading.replaceChildren(button);
  });
}
