/* Suggestions while one types. Comfort only: without this file a button asks the server, and a press fills the field.
   <div data-guess="/requests/guess" data-guess-from="title description"> [data-guess-found] shows what came, [data-guess-ask]
   is the button; data-guess-form names the form by its id where the box stands outside of it. [data-pick="category=PWR"] fills the field of that name.
   <section data-load="/tickets/N/similar?part=1"> [data-load-here] is replaced once it comes into sight; [data-cite="…"] puts
   its words into the open reply on this page, where there is one, else its link leads to the form. */
(() => {
  "use strict";
  const WAIT_MS = 600;
  const LEAST_CHARS = 4;

  const fill = (button) => {
    const [name, value] = button.dataset.pick.split("=");
    const fields = [...button.form.elements].filter((field) => field.name === name);
    const field = fields.find((one) => one.type === "radio" && one.value === value) ?? fields.find((one) => one.tagName === "SELECT");
    if (!field) return false;
    if (field.type === "radio") field.checked = true;
    else field.value = value;
    if (field.value !== value) return false;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
    for (const other of button.form.querySelectorAll("[data-pick]")) other.removeAttribute("aria-pressed");
    button.setAttribute("aria-pressed", "true");
    field.focus();
    return true;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button[data-pick]");
    if (button?.form && fill(button)) event.preventDefault();
  });

  for (const box of document.querySelectorAll("[data-guess]")) {
    const form = box.closest("form") ?? document.getElementById(box.dataset.guessForm);
    const found = box.querySelector("[data-guess-found]");
    const fields = box.dataset.guessFrom.split(" ").map((name) => form.elements[name]).filter(Boolean);
    let timer = null;
    let running = null;
    let asked = "";
    const button = box.querySelector("[data-guess-ask]");
    if (button) button.hidden = true;
    const ask = async () => {
      const text = fields.map((field) => field.value.trim()).join("\n");
      if (text === asked || text.trim().length < LEAST_CHARS) return;
      asked = text;
      running?.abort();
      running = new AbortController();
      const body = new FormData();
      body.set("csrf_token", form.elements.csrf_token.value);
      for (const field of fields) body.set(field.name, field.value.slice(0, 2000));
      try {
        const answer = await fetch(box.dataset.guess, { method: "POST", body, redirect: "manual", signal: running.signal });
        if (answer.ok) found.innerHTML = await answer.text();
      } catch { /* offline, or typed on */ }
    };
    for (const field of fields) {
      field.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(ask, WAIT_MS);
      });
    }
    ask();
  }

  const look = async (box) => {
    try {
      const answer = await fetch(box.dataset.load, { redirect: "manual" });
      if (answer.ok) box.querySelector("[data-load-here]").outerHTML = await answer.text();
    } catch { /* offline: the link stays */ }
  };
  const sight = new IntersectionObserver((seen) => {
    for (const { target } of seen.filter((one) => one.isIntersecting)) {
      sight.unobserve(target);
      look(target);
    }
  });
  for (const box of document.querySelectorAll("[data-load]")) sight.observe(box);

  const reply = (path) => [...document.querySelectorAll("form[method=post]")]
    .find((form) => new URL(form.action).pathname === path)?.querySelector("textarea");
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-cite]");
    const field = link && reply(new URL(link.href).pathname);
    if (!field) return;
    event.preventDefault();
    for (let box = field.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    const told = link.dataset.cite;
    if (!field.value.includes(told)) field.value = `${field.value.trimEnd()}\n${told}`.trimStart();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
})();
