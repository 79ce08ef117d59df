/* Comfort of the lists of tickets; they work without it. Loaded with `defer` after app.js.

   #bulk            the form of the ticks: says how many there are, ticks all of the page
   data-picked="…"  the words for it; data-pick-all: the button, its other words in data-none */
"use strict";
(() => {
  const all = (what, root = document) => [...root.querySelectorAll(what)];
  const one = (what, root = document) => root.querySelector(what);

  /* Ticks. */
  const bar = one("#bulk");
  const ticks = () => all(".row__pick input").filter((tick) => !tick.disabled);
  const told = one("[data-picked]");
  const every = one("[data-pick-all]");
  const count = () => {
    const n = ticks().filter((tick) => tick.checked).length;
    told.textContent = told.dataset.picked.replace("{n}", n);
    every.hidden = false;
    every.textContent = n && n === ticks().length ? every.dataset.none : every.dataset.all;
  };
  if (bar) {
    every.dataset.all = every.textContent;
    document.addEventListener("change", (event) => { if (event.target.closest(".row__pick")) count(); });
    every.addEventListener("click", () => {
      const isAll = ticks().every((tick) => tick.checked);
      ticks().forEach((tick) => { tick.checked = !isAll; });
      count();
    });
    window.addEventListener("pageshow", count);
  }
})();
