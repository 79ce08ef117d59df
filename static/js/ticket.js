/* The page of a ticket while it is open. Comfort only: without it a draft is saved by a button.

   form[data-drafts="…"]   its text is kept on the server after a pause, given back on any device
   [data-draft-line]       says where and when; its data-… are the sentences
   [data-here="…"]         who else is at this ticket; data-version: the one this page shows */
"use strict";
(() => {
  const PAUSE_MS = 1500, AT_LEAST_MS = 15000, BEAT_MS = 20000, FIRST_BEAT_MS = 1500, WRITES_MS = 60000;
  const CONTROL = new Set(["csrf_token", "once", "version", "next", "confirmed", "what"]);
  const all = (what, root = document) => [...root.querySelectorAll(what)];
  const one = (what, root = document) => root.querySelector(what);
  const token = () => one("input[name=csrf_token]")?.value ?? "";
  const post = (url, pairs, options = {}) => fetch(url, {
    method: "POST", redirect: "manual", headers: { Accept: "application/json" }, body: new URLSearchParams(pairs), ...options,
  });
  const fill = (sentence, time) => sentence.replace("{time}", time);
  const typed = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !CONTROL.has(name) && value.trim());
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  /* A form as the server made it: nobody has typed into it, and nothing was put back yet. */
  const isUntouched = (form) => all("input, textarea, select", form).every((field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked === field.defaultChecked;
    if (field.tagName === "SELECT") return field.selectedIndex <= 0 || field.options[field.selectedIndex].defaultSelected;
    return field.type === "file" || field.type === "hidden" || field.value === field.defaultValue;
  });
  const putBack = (form, pairs) => {
    for (const field of all("input, textarea, select", form)) {
      const values = pairs.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (values.length && field.type !== "hidden" && field.type !== "file") field.value = values[0];
    }
  };

  let doing = "", wroteAt = 0, beat = () => {};

  const keepers = new Map();
  for (const form of all("form[data-drafts]")) {
    const line = one("[data-draft-line]", form);
    const keeper = { form, line, last: typed(form), isSent: false };
    let pause = null, since = 0, running = null;
    const save = async (options = {}) => {
      clearTimeout(pause);
      pause = null;
      const now = typed(form);
      if (keeper.isSent || same(now, keeper.last)) return;
      running?.abort();
      running = new AbortController();
      const pairs = [...now, ["csrf_token", token()], ["once", form.elements.once?.value ?? ""], ["action", form.dataset.draft]];
      try {
        const answer = await post(form.dataset.drafts, pairs, { signal: running.signal, ...options });
        if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
        const { saved, sentence } = await answer.json();
        if (answer.ok) keeper.last = now;
        line.textContent = sentence ?? (saved && fill(line.dataset.saved, saved));
      } catch (error) {
        if (error.name !== "AbortError") line.textContent = line.dataset.local;
      }
    };
    form.addEventListener("input", () => {
      const isNew = doing !== form.dataset.draft || Date.now() - wroteAt > WRITES_MS;
      [doing, wroteAt] = [form.dataset.draft, Date.now()];
      if (isNew) beat();
      if (pause === null) since = Date.now();
      clearTimeout(pause);
      pause = setTimeout(save, Math.min(PAUSE_MS, Math.max(0, since + AT_LEAST_MS - Date.now())));
    });
    form.addEventListener("submit", () => {
      keeper.isSent = true;
      clearTimeout(pause);
      running?.abort();
    });
    document.addEventListener("visibilitychange", () => { if (document.hidden) save({ keepalive: true, signal: null }); });
    const again = () => { Object.assign(keeper, { isSent: false, last: typed(form) }); };
    form.addEventListener("emptied", again); /* what was in it waits to be sent: the next text is a new draft */
    window.addEventListener("pageshow", (event) => { if (event.persisted) again(); });
    keepers.set(form.dataset.draft, keeper);
  }

  const offer = ({ form, line }, { fields, saved }) => {
    const use = document.createElement("button");
    use.type = "button";
    use.className = "linklike";
    use.textContent = line.dataset.use;
    use.addEventListener("click", () => {
      putBack(form, fields);
      line.textContent = fill(line.dataset.restored, saved);
    });
    line.replaceChildren(`${fill(line.dataset.other, saved)} `, use);
  };
  const restore = async () => {
    const [first] = keepers.values();
    if (!first || one(".errors")) return;
    const answer = await fetch(first.form.dataset.drafts, { redirect: "manual", headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    for (const draft of (await answer.json()).drafts) {
      const keeper = keepers.get(draft.action);
      if (!keeper || same(typed(keeper.form), draft.fields)) continue;
      if (!isUntouched(keeper.form)) {
        offer(keeper, draft);
        continue;
      }
      putBack(keeper.form, draft.fields);
      keeper.last = typed(keeper.form);
      keeper.line.textContent = fill(keeper.line.dataset.restored, draft.saved);
      const about = one("summary small", keeper.form.closest("details") ?? document.createElement("i"));
      if (about) about.textContent = fill(keeper.line.dataset.restored, draft.saved);
    }
  };
  restore().catch(() => { /* offline: what this tab keeps is still there */ });

  /* By keyboard: a box opens also when it was the last one opened; Esc leaves its text, Ctrl+Enter sends it.
     What was written just now is sent by the button of that name at the edge, too: on a phone it lies over the box's own. */
  const written = new WeakSet();
  document.addEventListener("input", (event) => { if (event.isTrusted && event.target.form) written.add(event.target.form); });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#do-']");
    const href = link?.getAttribute("href");
    const form = event.isTrusted && link?.matches(".now .button--primary") ? one(`${href}[open] form[data-draft]`) : null;
    if (form && written.has(form)) {
      event.preventDefault();
      return form.requestSubmit(one(".form__end button", form));
    }
    const box = href === location.hash ? one(href) : null; /* otherwise the new address unfolds it (app.js) */
    if (!box) return;
    event.preventDefault();
    box.open = true;
    one("textarea, input:not([type=hidden]), select", box)?.focus();
  });
  document.addEventListener("keydown", (event) => {
    const form = event.target.form;
    if (!form?.dataset.drafts || event.isComposing) return;
    if (event.key === "Escape" && event.target.matches("textarea, input")) event.target.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(one(".form__end button", form));
  });

  /* A template is put in where the cursor is. */
  const insert = (area, text) => {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const choices = (button, texts) => {
    const list = document.createElement("div");
    list.className = "textpick";
    const area = one("textarea", button.form);
    for (const { name, body } of texts) {
      const choice = document.createElement("button");
      choice.type = "button";
      choice.className = "menu__item";
      choice.textContent = name;
      choice.title = body;
      choice.addEventListener("click", () => {
        list.remove();
        insert(area, body);
      });
      list.append(choice);
    }
    if (!texts.length) list.textContent = button.dataset.none;
    button.closest(".form__end").after(list);
    one("button", list)?.focus();
    list.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      list.remove();
      button.focus();
    });
  };
  for (const button of all("[data-texts]")) {
    button.addEventListener("click", async (event) => {
      if (button.dataset.isPlain) return;
      event.preventDefault();
      const shown = one(".textpick", button.form);
      if (shown) return shown.remove();
      try {
        const answer = await fetch(button.dataset.texts, { redirect: "manual", headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        choices(button, (await answer.json()).texts);
      } catch {
        button.dataset.isPlain = "1"; /* the plain way: the server shows the list */
        button.click();
      }
    });
  }

  /* Who else is here. Nothing is said while nobody looks at this tab. */
  const place = one("[data-here]");
  if (!place) return;
  const others = one("[data-others]", place);
  let timer = null, first = null;
  const stop = () => {
    clearTimeout(first);
    clearInterval(timer);
    timer = null;
  };
  beat = async () => {
    if (document.hidden) return;
    const isWriting = Date.now() - wroteAt < WRITES_MS;
    try {
      const answer = await post(place.dataset.here, { csrf_token: token(), doing: isWriting ? doing : "" });
      if (answer.type === "opaqueredirect" || answer.status === 404) return stop();
      if (!answer.ok) return;
      const told = await answer.json();
      if (others.textContent !== told.others) others.textContent = told.others;
      one("[data-changed]", place).hidden = told.version <= Number(place.dataset.version);
    } catch { /* offline: next time */ }
  };
  const attend = () => {
    stop();
    if (document.hidden) return;
    first = setTimeout(beat, FIRST_BEAT_MS);
    timer = setInterval(beat, BEAT_MS);
  };
  document.addEventListener("visibilitychange", attend);
  window.addEventListener("pagehide", () => {
    stop();
    navigator.sendBeacon(place.dataset.here, new URLSearchParams({ csrf_token: token(), gone: "1" }));
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) attend(); });
  attend();
})();
