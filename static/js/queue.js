/* Comfort of the lists of tickets; they work without it. Loaded with `defer` after app.js, which tells it of keys.

   #bulk              the form of the ticks: says how many there are, ticks all of the page
   data-picked="…"    the words for it; data-pick-all: the button, its other words in data-none
   data-many="a"      a button below the list that a key presses for the ticked rows, or for the row one is on
   data-panels="…"    a list whose tickets open beside it, on a wide screen
   data-live="/…"     what a list asks to renew its lines; data-gone, data-changed: words for lines */
"use strict";
(() => {
  const all = (what, root = document) => [...root.querySelectorAll(what)];
  const one = (what, root = document) => root.querySelector(what);
  const currentRow = () => one("[data-row][data-on]");

  /* Ticks. */
  const bar = one("#bulk");
  const ticks = () => all(".row__pick input").filter((tick) => !tick.disabled);
  const told = one("[data-picked]");
  const every = one("[data-pick-all]");
  const picked = () => ticks().filter((tick) => tick.checked);
  const count = () => {
    const n = picked().length;
    told.textContent = told.dataset.picked.replace("{n}", n);
    every.hidden = false;
    every.textContent = n && n === ticks().length ? every.dataset.none : every.dataset.all;
  };
  const tickAll = () => {
    const isAll = ticks().every((tick) => tick.checked);
    ticks().forEach((tick) => { tick.checked = !isAll; });
    count();
  };
  if (bar) {
    every.dataset.all = every.textContent;
    document.addEventListener("change", (event) => { if (event.target.closest(".row__pick")) count(); });
    every.addEventListener("click", tickAll);
    window.addEventListener("pageshow", count);
  }

  /* The panel: a ticket beside the list, its address in ?panel=; the row stays where it is on the screen. */
  const list = one("[data-panels]");
  const main = one("#main");
  const wide = window.matchMedia("(min-width: 80rem)");
  const panel = document.createElement("section");
  panel.className = "panel";
  panel.setAttribute("aria-label", list?.dataset.panels ?? "");
  const hasPanel = () => panel.isConnected;
  const row = (number) => number && one(`[data-row="${CSS.escape(number)}"]`);
  const address = (number) => {
    const url = new URL(location.href);
    if (number) url.searchParams.set("panel", number);
    else url.searchParams.delete("panel");
    return url.pathname + url.search;
  };
  const keepInPlace = (line, change) => {
    const before = line?.getBoundingClientRect().top;
    change();
    if (line) window.scrollBy({ top: line.getBoundingClientRect().top - before, behavior: "instant" });
  };
  let latest = "";
  const show = async (number, { isNew = true, takesFocus = true } = {}) => {
    const line = row(number);
    if (!line) return;
    latest = number;
    const back = encodeURIComponent(address(number));
    let answer;
    try {
      answer = await fetch(`/tickets/${number}/panel?next=${back}`, { redirect: "manual" });
    } catch { /* offline: the page will say so */ }
    if (!answer?.ok) {
      location.assign(one("a", line).href);
      return;
    }
    const html = await answer.text();
    if (latest !== number) return;
    const isOpen = hasPanel();
    keepInPlace(line, () => {
      panel.innerHTML = html;
      if (!isOpen) main.append(panel);
      main.classList.add("has-panel");
    });
    panel.scrollTop = 0;
    if (isNew) history[isOpen ? "replaceState" : "pushState"]({ panel: number }, "", address(number));
    all("[data-row][data-on]").forEach((other) => other.removeAttribute("data-on"));
    line.setAttribute("data-on", "");
    if (takesFocus) one("h2", panel).focus({ preventScroll: true });
  };
  const close = ({ isNew = true } = {}) => {
    if (!hasPanel()) return;
    latest = "";
    const line = currentRow();
    keepInPlace(line, () => {
      panel.remove();
      main.classList.remove("has-panel");
    });
    if (isNew) history.pushState({}, "", address(null));
    one("a", line ?? document)?.focus({ preventScroll: true });
  };
  if (list) {
    const asked = () => new URL(location.href).searchParams.get("panel");
    list.addEventListener("click", (event) => {
      const link = event.target.closest(".row__title");
      if (!link || !wide.matches || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      show(link.closest("[data-row]").dataset.row);
    });
    document.addEventListener("row", (event) => {
      if (hasPanel()) show(event.detail.dataset.row, { takesFocus: false });
    });
    panel.addEventListener("click", (event) => { if (event.target.closest("[data-panel-close]")) close(); });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !one("dialog[open]") && !event.target.closest("details.menu[open]")) close();
    });
    window.addEventListener("popstate", () => {
      if (asked() && wide.matches) show(asked(), { isNew: false });
      else close({ isNew: false });
    });
    if (asked() && wide.matches) show(asked(), { isNew: false, takesFocus: false });
  }

  /* Keys. */
  document.addEventListener("do", (event) => {
    const tick = one(".row__pick input", currentRow() ?? document.createElement("p"));
    if (event.detail === "tick" && tick && !tick.disabled) {
      tick.checked = !tick.checked;
      count();
    } else if (event.detail === "tick_all" && bar) tickAll();
    else if (event.detail === "bar" && picked().length) one("[formaction]", bar).focus();
  });
  const boxes = { c: "contact", r: "submit_reply" };
  document.addEventListener("press", (event) => {
    const line = currentRow();
    const key = CSS.escape(event.detail);
    const button = bar && one(`[data-many="${key}"]`, bar);
    if (!picked().length) {
      if (!line || one(`[data-key="${key}"]`, line) || (hasPanel() && one(`[data-key="${key}"]`, panel))) return;
      if (!button && boxes[event.detail]) {
        event.preventDefault();
        location.assign(`${one("a", line).href}#do-${boxes[event.detail]}`);
        return;
      }
      if (button) one(".row__pick input", line).checked = true;
    }
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  /* Lines renew themselves where they stand; under the pointer, in use or ticked they wait. New ones are offered. */
  const live = one("[data-live]");
  const line = one("[data-arrived]");
  const lines = () => all("[data-row]").filter((found) => !found.classList.contains("row--gone"));
  const isInUse = (found) => found.matches(":hover, :focus-within") || one(":checked", found);
  const redraw = (found, html) => {
    const made = document.createElement("template");
    made.innerHTML = html;
    const drawn = made.content.firstElementChild;
    drawn.toggleAttribute("data-on", found.hasAttribute("data-on"));
    drawn.append(mark(live.dataset.changed));
    found.replaceWith(drawn);
  };
  const mark = (words) => {
    const made = document.createElement("b");
    made.className = "row__news";
    made.textContent = words;
    return made;
  };
  const leave = (found) => {
    found.classList.add("row--gone");
    all("input, button", found).forEach((control) => { control.disabled = true; control.checked = false; });
    found.append(mark(live.dataset.gone));
    if (bar) count();
  };
  const renew = ({ rows, gone, arrived, counts }) => {
    for (const found of lines()) {
      if (rows[found.dataset.row] && !isInUse(found)) redraw(found, rows[found.dataset.row]);
      if (gone.includes(found.dataset.row) && !found.matches(":focus-within")) leave(found);
    }
    for (const [name, n] of Object.entries(counts ?? {})) {
      all(`[data-count="${CSS.escape(name)}"]`).forEach((told) => { told.textContent = n > live.dataset.cap ? `${live.dataset.cap}+` : n; });
    }
    if (!arrived) return;
    one("span", line).textContent = line.dataset.arrived.replace("{n}", arrived);
    line.hidden = false;
  };
  let isAsking = false;
  const ask = async () => {
    if (isAsking || document.hidden) return;
    isAsking = true;
    try {
      const seen = lines().map((found) => `${found.dataset.row}.${found.dataset.seen}`).join(",");
      const full = one("[rel=next]") ? "&full=1" : "";
      const mine = live.dataset.live.includes("?") ? "&" : "?";
      const answer = await fetch(`${live.dataset.live}${mine}seen=${seen}${full}`, { redirect: "manual" });
      if (answer.ok) renew(await answer.json());
    } catch { /* offline: next time */ }
    isAsking = false;
  };
  if (live) {
    delete line.dataset.fresh;
    document.addEventListener("news", ask); /* from app.js: every 15 s, or when a stream says so */
    if (one("[data-stream]")) setInterval(ask, 15000);
  }
})();
