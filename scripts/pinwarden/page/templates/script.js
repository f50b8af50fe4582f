"use strict";
const table = document.getElementById("entries"), body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
const find = document.getElementById("find"), show = document.getElementById("show"), shown = document.getElementById("shown");
const rows = [...body.rows], texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
const compare = new Intl.Collator("en", { numeric: true }).compare;

function filter() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const row of rows) {
    row.hidden = (show.value && row.dataset.state !== show.value) || !words.every((word) => texts.get(row).includes(word));
    count += !row.hidden;
  }
  shown.textContent = `${count} of ${rows.length} entries`;
}

function sort(column) {
  const descending = heads[column].getAttribute("aria-sort") === "ascending";
  heads.forEach((head) => head.removeAttribute("aria-sort"));
  heads[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
  const key = (row) => row.cells[column].dataset.sort;
  // What is not known comes last, whichever way.
  const order = (one, other) => !key(one) - !key(other) || compare(key(one), key(other)) * (descending ? -1 : 1);
  body.append(...[...rows].sort(order));
}

heads.forEach((head, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = head.textContent;
  button.addEventListener("click", () => sort(column));
  head.replaceChildren(button);
});
find.addEventListener("input", filter);
show.addEventListener("change", filter);
const form = document.getElementById("tools");
form.addEventListener("submit", (event) => event.preventDefault());
form.hidden = false;
filter();
// A link to an entry that the filter hides shows all of them.
addEventListener("hashchange", () => {
  const row = document.getElementById(location.hash.slice(1));
  if (row && row.hidden) { find.value = ""; show.value = ""; filter(); row.scrollIntoView(); }
});

for (const pre of document.querySelectorAll("td pre")) {
  const button = document.createElement("button"), told = document.createElement("span");
  button.type = "button";
  button.textContent = "Copy";
  told.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      told.textContent = " copied";
    } catch {
      getSelection().selectAllChildren(pre);
      told.textContent = " selected: copy it with the keyboard";
    }
  });
  pre.after(button, told);
}

// A page that nobody makes anew goes on looking fresh, so it says how old it is by the reader's own clock.
const week = 7 * 24 * 60 * 60 * 1000, times = [...document.querySelectorAll("time[data-fresh]")];
const old = times.filter((time) => Date.now() - Date.parse(time.dateTime) > week);
for (const time of old) time.after(" (older than 7 days)");
if (old.includes(times[0])) {
  const notice = document.getElementById("stale");
  notice.textContent = `This page is older than 7 days: it was made on ${times[0].dateTime.slice(0, 10)}. Its nightly run may have stopped.`;
  notice.hidden = false;
}
