/* Comfort only: every page works without it. Loaded with `defer`; each part looks for its own data attributes.

   data-search          the field `/` moves to          data-key="s"     what a single key presses or opens
   data-row             a row for j, k, o, x            data-focus       gets the focus when the page opens
   data-draft="name"    a form whose unsent text is kept in this tab until it is sent
   data-max="500"       a text whose remaining characters are counted
   data-confirm="…"     a button that asks first
   data-since="…"       the link to the inbox: its count is kept fresh, data-stream="1": over a stream
   data-fresh="…"        a line that offers what is new on this page; nothing moves by itself
   data-not-taken       a page that says that the form was not taken */
"use strict";
(() => {
  const all = (what, root = document) => [...root.querySelectorAll(what)];
  const one = (what, root = document) => root.querySelector(what);
  const stored = (box, name, value) => {
    try {
      if (value === undefined) return box.getItem(name);
      if (value === null) box.removeItem(name);
      else box.setItem(name, value);
    } catch { /* storage may be refused: then nothing is kept */ }
    return null;
  };

  /* The error summary, or whatever asks for it, gets the focus. */
  one("[data-focus]")?.focus();

  /* A form is sent once, whichever of its buttons is pressed; some stand elsewhere on the page. */
  const buttons = (form) => [...form.elements].filter((element) => element.matches("button"));
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const ask = event.submitter?.dataset.confirm;
    if (form.dataset.sent || (ask && !window.confirm(ask))) {
      event.preventDefault();
      return;
    }
    if (form.method === "dialog" || form.method === "get" || event.defaultPrevented) return;
    form.dataset.sent = "1";
    setTimeout(() => buttons(form).forEach((b) => b.setAttribute("aria-disabled", "true")));
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    all("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      buttons(form).forEach((b) => b.removeAttribute("aria-disabled"));
    });
  });

  /* Unsent text. */
  const kept = "textarea, select, input:not([type=hidden], [type=password], [type=file], [type=submit])";
  const values = (form) => all(kept, form).filter((f) => f.name).map((f) => [f.name, f.value, f.checked]);
  const restore = (form, entries) => {
    for (const [name, value, checked] of entries) {
      for (const field of all(kept, form).filter((f) => f.name === name)) {
        if (field.type === "checkbox" || field.type === "radio") {
          if (field.value === value) field.checked = checked;
        } else if (!field.value) field.value = value;
      }
    }
  };
  /* A form that was refused without being read has not been sent: the way back finds it filled in. */
  const lastSent = stored(sessionStorage, "last-sent");
  stored(sessionStorage, "last-sent", null);
  if (lastSent && one("[data-not-taken]")) stored(sessionStorage, `${lastSent}:sent`, null);
  for (const form of all("form[data-draft]")) {
    const name = `draft:${location.pathname}:${form.dataset.draft}`;
    const draft = stored(sessionStorage, name);
    const isSent = stored(sessionStorage, `${name}:sent`);
    stored(sessionStorage, `${name}:sent`, null);
    if (isSent && !one(".errors")) stored(sessionStorage, name, null);
    else if (draft && !one(".errors")) {
      try { restore(form, JSON.parse(draft)); } catch { stored(sessionStorage, name, null); }
    }
    form.addEventListener("input", () => stored(sessionStorage, name, JSON.stringify(values(form))));
    form.addEventListener("submit", () => {
      stored(sessionStorage, `${name}:sent`, "1");
      stored(sessionStorage, "last-sent", name);
    });
  }

  /* Characters left. */
  for (const field of all("[data-max]")) {
    const told = document.getElementById(`${field.id}-count`);
    if (!told) continue;
    const count = () => {
      const left = Number(field.dataset.max) - [...field.value].length;
      told.textContent = (left < 0 ? told.dataset.over : told.dataset.left).replace("{n}", Math.abs(left));
    };
    field.addEventListener("input", count);
    if (field.value) count();
  }

  /* Menus close when one looks elsewhere; a link to something folded unfolds it; paper shows everything. */
  document.addEventListener("click", (event) => {
    all("details.menu[open]").forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.menu[open]");
    if (menu) {
      menu.removeAttribute("open");
      one("summary", menu).focus();
    }
  });
  const unfold = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    if (target.matches("details")) one("textarea, input:not([type=hidden]), select", target)?.focus();
  };
  window.addEventListener("hashchange", unfold);
  unfold();
  /* Scrolling to the fragment, the browser takes the focus away again. */
  window.addEventListener("load", () => setTimeout(() => { if (document.activeElement === document.body) unfold(); }));
  window.addEventListener("beforeprint", () => all("details:not(.menu)").forEach((box) => { box.open = true; }));

  /* News: asked for every 15 s or told by a stream, and never while nobody looks. */
  const inbox = one("[data-since]");
  const line = one("[data-fresh]");
  const tell = ({ unread, fresh }) => {
    const badge = one(".count", inbox) ?? inbox.appendChild(document.createElement("span"));
    badge.className = "count";
    badge.setAttribute("aria-hidden", "true");
    badge.hidden = !unread;
    badge.textContent = unread > 99 ? "99+" : unread;
    inbox.setAttribute("aria-label", inbox.dataset.label.replace("{n}", badge.textContent));
    if (!line?.dataset.fresh || !fresh) return;
    one("span", line).textContent = line.dataset.fresh.replace("{n}", fresh);
    line.hidden = false;
  };
  let timer = null;
  let source = null;
  const rest = () => {
    clearInterval(timer);
    source?.close();
    timer = source = null;
  };
  const ask = async () => {
    try {
      const answer = await fetch(`/inbox/news?since=${inbox.dataset.since}`, { redirect: "manual" });
      if (answer.ok) {
        tell(await answer.json());
        document.dispatchEvent(new Event("news"));
      }
      else if (answer.type === "opaqueredirect") rest(); /* signed out */
    } catch { /* offline: next time */ }
  };
  const poll = () => { timer ??= setInterval(ask, 15000); };
  const listen = () => {
    let isBack = false; /* what came while the line was down is asked for */
    source = new EventSource("/inbox/stream");
    source.addEventListener("news", ask);
    source.addEventListener("open", () => { if (isBack) ask(); isBack = true; });
    source.addEventListener("error", () => { if (source?.readyState === EventSource.CLOSED) poll(); });
  };
  const attend = () => (inbox.dataset.stream ? listen() : poll());
  if (inbox) {
    if (!document.hidden) attend();
    document.addEventListener("visibilitychange", () => {
      rest();
      if (document.hidden) return;
      ask();
      attend();
    });
  }

  /* Single keys. */
  const rows = () => all("[data-row]");
  const go = (step) => {
    const list = rows();
    const at = list.findIndex((row) => row.hasAttribute("data-on"));
    const next = list[Math.min(Math.max(at + step, 0), list.length - 1)];
    if (!next) return;
    list[at]?.removeAttribute("data-on");
    next.setAttribute("data-on", "");
    one("a", next)?.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    say("row", next);
  };
  const isOn = () => stored(localStorage, "keys") !== "off";
  const keys = one("#keys");
  const toggle = one("[data-keys-on]");
  if (toggle) {
    toggle.checked = isOn();
    toggle.addEventListener("change", () => stored(localStorage, "keys", toggle.checked ? null : "off"));
  }
  /* What a key does stands in the sheet; lists do the rest (queue.js): they hear `do` and `press`. */
  const sheet = { "/": "search" };
  all("#keys [data-does]").forEach((key) => { sheet[key.dataset.press] = key.dataset.does; });
  const does = {
    search: () => one("[data-search]")?.focus(),
    sheet: () => keys?.showModal(),
    next: () => go(1),
    previous: () => go(-1),
    open: () => one("[data-row][data-on] a")?.click(),
    renew: () => one(".news:not([hidden]) a")?.click(),
  };
  const say = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail, cancelable: true }));
  const press = (key) => {
    if (!say("press", key)) return true;
    const wanted = `[data-key="${CSS.escape(key)}"]`;
    const target = one(`[data-row][data-on] ${wanted}`) ?? all(wanted).find((found) => !found.closest("[data-row]"));
    if (!target) return false;
    target.focus();
    target.click();
    return true;
  };
  let lead = "";
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.key.length !== 1) return;
    if (isTyping || keys?.open || !(isOn() || event.key === "?")) return;
    const key = lead + event.key;
    lead = "";
    if (key === "g") {
      lead = "g ";
      setTimeout(() => { lead = ""; }, 1500);
    } else if (Object.hasOwn(sheet, key)) {
      if (does[sheet[key]]) does[sheet[key]]();
      else say("do", sheet[key]);
    } else if (!press(key)) return;
    event.preventDefault();
  });
})();
