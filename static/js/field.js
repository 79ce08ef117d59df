/* In the field: what cannot be sent for lack of a network waits on this device and is sent later, once.
   Comfort only: every form carries its key (`once`), so that the browser's own resend is safe, too.

   form[data-keep]     a form that may wait; data-files in it: photos are made smaller before they are sent
   [data-outbox]       what waits, and what came back refused; its data-… are the sentences */
"use strict";
(() => {
  const AGAIN_MS = 30000, TEXT_MS = 20000, FILES_MS = 180000, LIFE_MS = 7 * 24 * 3600 * 1000;
  const MOST_BYTES = 30 * 1024 * 1024, PHOTO_PX = 2000, PHOTO_BYTES = 700 * 1024, QUALITY = 0.85;
  const AWAY = new Set([0, 502, 503, 504]); /* nobody answered; 201: done; anything else: the server has its reasons */
  const all = (what, root = document) => [...root.querySelectorAll(what)];
  const one = (what, root = document) => root.querySelector(what);
  const place = one("[data-outbox]");
  if (!place || !window.indexedDB) return;
  const owner = place.dataset.owner;
  const words = (name, facts = {}) => Object.entries(facts).reduce((text, [key, value]) => text.replace(`{${key}}`, value), place.dataset[name]);

  /* What waits lies in IndexedDB, photos included. */
  const open = () => new Promise((done, failed) => {
    const asked = indexedDB.open("outbox", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("entries", { keyPath: "id", autoIncrement: true });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const stored = async (mode, work) => {
    const base = await open();
    try {
      return await new Promise((done, failed) => {
        const turn = base.transaction("entries", mode);
        const asked = work(turn.objectStore("entries"));
        turn.oncomplete = () => done(asked.result);
        turn.onerror = turn.onabort = () => failed(turn.error);
      });
    } finally { base.close(); }
  };
  const add = (entry) => stored("readwrite", (box) => box.add(entry));
  const put = (entry) => stored("readwrite", (box) => box.put(entry));
  const remove = (id) => stored("readwrite", (box) => box.delete(id));
  const mine = async () => {
    const entries = await stored("readonly", (box) => box.getAll());
    for (const old of entries.filter((entry) => Date.now() - entry.at > LIFE_MS)) await remove(old.id);
    return entries.filter((entry) => entry.owner === owner && Date.now() - entry.at <= LIFE_MS);
  };

  const isFile = (value) => value instanceof Blob;
  const post = (url, pairs, tell = () => {}) => new Promise((done) => {
    const body = new FormData();
    for (const [name, value] of pairs) isFile(value) ? body.append(name, value, value.name) : body.append(name, value);
    const sending = new XMLHttpRequest();
    sending.open("POST", url);
    sending.setRequestHeader("Accept", "application/json");
    sending.timeout = pairs.some(([, value]) => isFile(value)) ? FILES_MS : TEXT_MS;
    sending.upload.addEventListener("progress", (event) => { if (event.lengthComputable) tell(event.loaded / event.total); });
    sending.addEventListener("loadend", () => done(sending));
    sending.send(body);
  });
  const key = () => window.crypto?.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;

  /* Sending a form. */
  const busy = (form, isBusy) => {
    form.toggleAttribute("data-sending", isBusy);
    for (const button of all("button", form)) isBusy ? button.setAttribute("aria-disabled", "true") : button.removeAttribute("aria-disabled");
    if (!isBusy) one("progress", form)?.remove();
  };
  const progress = (form) => {
    if (!all("input[type=file]", form).some((field) => field.files.length)) return () => {};
    const bar = form.appendChild(document.createElement("progress"));
    bar.setAttribute("aria-label", words("progress"));
    return (share) => { bar.value = share; };
  };
  const empty = (form) => {
    for (const field of all("textarea, input[type=text], input[type=file], input:not([type])", form)) {
      field.value = "";
      field.dispatchEvent(new Event("input")); /* for the count of characters; no draft hears it, it does not bubble */
    }
    form.elements.once.value = key();
    const draft = `draft:${location.pathname}:${form.dataset.draft}`;
    for (const name of [draft, `${draft}:sent`]) try { sessionStorage.removeItem(name); } catch { /* nothing was kept */ }
    form.dispatchEvent(new Event("emptied"));
  };
  const keep = async (form, button, pairs) => {
    const size = pairs.reduce((sum, [, value]) => sum + (isFile(value) ? value.size : value.length * 3), 0);
    const waiting = (await mine()).reduce((sum, entry) => sum + entry.size, 0);
    if (size + waiting > MOST_BYTES) throw new Error("full");
    const page = location.pathname.split("/").slice(0, 3).join("/");
    await add({ owner, page, size, pairs, url: form.getAttribute("action"), label: button.textContent.trim(), at: Date.now(), state: "waiting" });
    empty(form);
  };
  const natively = (form, button) => {
    form.dataset.isPlain = "1";
    form.requestSubmit(button);
  };
  const go = (target) => {
    const there = new URL(target, location.href);
    const isHere = there.pathname + there.search === location.pathname + location.search;
    if (!isHere) return location.assign(there);
    history.replaceState(null, "", there);
    if (!there.hash) scrollTo({ top: 0, behavior: "instant" }); /* what was done is told at the top; a page that reloads stays where it was */
    location.reload();
  };
  const deliver = async (form, button) => {
    const pairs = [...new FormData(form)];
    if (button?.name) pairs.push([button.name, button.value]);
    busy(form, true);
    const answer = navigator.onLine ? await post(form.getAttribute("action"), pairs, progress(form)) : { status: 0 };
    if (answer.status === 201) return go(JSON.parse(answer.responseText).location);
    busy(form, false);
    if (!AWAY.has(answer.status)) return natively(form, button); /* the same key: a refusal comes as a page */
    try {
      await keep(form, button, pairs);
    } catch {
      place.hidden = false;
      one("[data-told]", place).textContent = words("full");
      return;
    }
    await show();
    place.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter ?? one("button", form);
    if (!form.matches("[data-keep]") || form.dataset.isPlain || button?.dataset.confirm || button?.hasAttribute("formaction")) return;
    event.preventDefault();
    if (!form.hasAttribute("data-sending")) deliver(form, button);
  }, true);

  /* Sending what waits: with a fresh token, in order, by one tab at a time, and only for whom it was written. */
  const token = async (entry) => {
    const answer = await fetch(`${entry.page}/drafts`, { redirect: "manual", headers: { Accept: "application/json" } });
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Error("signed out");
    const told = await answer.json();
    if (told.owner !== entry.owner) throw new Error("somebody else");
    return told.csrf;
  };
  const renewed = (entry, csrf) => entry.pairs
    .filter(([name]) => name !== "csrf_token" && !(name === "version" && entry.url.endsWith("/note"))) /* a note contradicts nothing */
    .concat([["csrf_token", csrf]]);
  const alone = (work) => navigator.locks ? navigator.locks.request("outbox", { ifAvailable: true }, (lock) => lock && work()) : work();
  let sent = 0;
  const flush = () => alone(async () => {
    try {
      for (const entry of (await mine()).filter((one) => one.state === "waiting")) {
        const csrf = await token(entry);
        const { status } = csrf === null ? { status: 404 } : await post(entry.url, renewed(entry, csrf));
        if (AWAY.has(status)) break;
        if (status === 201) {
          await remove(entry.id);
          sent += 1;
        } else await put({ ...entry, state: "refused" });
      }
    } catch { /* offline, or signed out: later */ }
    await show();
  });

  /* Showing what waits. */
  const button = (text, press) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button";
    made.textContent = text;
    made.addEventListener("click", press);
    return made;
  };
  const formOf = (entry) => one(`form[data-keep][action="${CSS.escape(entry.url)}"]`);
  const takeBack = async (entry, form) => {
    for (const field of all("input, textarea, select", form)) {
      const values = entry.pairs.filter(([name, value]) => name === field.name && !isFile(value)).map(([, value]) => value);
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (values.length && field.type !== "hidden" && field.type !== "file") field.value = values[0];
    }
    await remove(entry.id);
    for (let box = form.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    one("textarea, input:not([type=hidden])", form)?.focus();
    await show();
  };
  const reopen = async (entry) => {
    const csrf = await token(entry).catch(() => null);
    if (csrf === null) return;
    const form = document.body.appendChild(document.createElement("form"));
    Object.assign(form, { method: "post", enctype: "multipart/form-data", hidden: true });
    form.setAttribute("action", entry.url);
    const files = new DataTransfer();
    for (const [name, value] of entry.pairs.concat([["csrf_token", csrf]])) {
      if (isFile(value)) files.items.add(value);
      else if (name !== "csrf_token" || value === csrf) form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    if (files.files.length) form.appendChild(Object.assign(document.createElement("input"), { type: "file", name: "file", files: files.files }));
    await remove(entry.id);
    form.submit();
  };
  const line = (entry) => {
    const item = document.createElement("li");
    const about = item.appendChild(document.createElement("span"));
    const time = new Date(entry.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    about.textContent = `${entry.label} · ${entry.page.split("/").pop()} · ${time}${entry.state === "refused" ? ` · ${words("refused")}` : ""}`;
    if (entry.state === "refused") item.append(button(words("look"), () => reopen(entry)));
    const form = formOf(entry);
    if (form && !entry.pairs.some(([, value]) => isFile(value))) item.append(button(words("back"), () => takeBack(entry, form)));
    else item.append(button(words("drop"), async () => { if (window.confirm(words("sure"))) await remove(entry.id).then(show); }));
    return item;
  };
  const show = async () => {
    const entries = await mine();
    place.hidden = !entries.length && !sent;
    const waiting = entries.filter((entry) => entry.state === "waiting").length;
    const told = [waiting && words("waiting", { n: waiting }), sent && words("sent", { n: sent })].filter(Boolean).join(" · ");
    if (one("[data-told]", place).textContent !== told) one("[data-told]", place).textContent = told;
    one("ul", place).replaceChildren(...entries.map(line));
    one("[data-now]", place).hidden = !waiting;
    one("[data-again]", place).hidden = !sent;
  };
  one("[data-now]", place).addEventListener("click", flush);
  window.addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) flush(); });
  setInterval(async () => { if (!document.hidden && !place.hidden) await flush(); }, AGAIN_MS);
  flush().catch(() => { /* storage may be refused: then nothing is kept */ });

  /* Photos: smaller, upright, without the place where they were taken. */
  const smaller = async (file) => {
    if (!/^image\/(jpeg|png|webp|heic)$/.test(file.type) || file.size < PHOTO_BYTES) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, PHOTO_PX / Math.max(picture.width, picture.height));
      const sheet = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
      sheet.getContext("2d").drawImage(picture, 0, 0, sheet.width, sheet.height);
      const made = await new Promise((done) => { sheet.toBlob(done, "image/jpeg", QUALITY); });
      return made && made.size < file.size ? new File([made], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
    } catch { return file; /* not one the browser can read: the server will say */ }
  };
  for (const form of all("form[data-files]")) {
    const [main, camera] = all("input[type=file]", form);
    const list = one("[data-picked]", form);
    const fields = [main, camera].filter(Boolean);
    for (const field of fields) {
      field.addEventListener("change", async () => {
        const before = field === camera ? [...main.files] : [];
        const files = new DataTransfer();
        for (const file of [...before, ...await Promise.all([...field.files].map(smaller))]) files.items.add(file);
        main.files = files.files;
        if (field === camera) camera.value = "";
        list.textContent = [...main.files].map((file) => `${file.name} (${Math.max(1, Math.round(file.size / 1024))} KB)`).join("、");
      });
    }
    form.addEventListener("emptied", () => { list.textContent = ""; });
  }
})();
