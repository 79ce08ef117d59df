/* The dispatch desk: choosing from the list means "another unit"; choosing a suggestion empties the list. */
"use strict";
(() => {
  const picks = [...document.querySelectorAll("[name=pick]")];
  const list = document.querySelector("select[name=unit]");
  const other = picks.find((pick) => pick.value === "");
  if (!list || !other) return;
  list.addEventListener("change", () => { other.checked = Boolean(list.value) || other.checked; });
  for (const pick of picks) {
    pick.addEventListener("change", () => {
      if (pick.value) list.value = "";
      const upheld = document.querySelector("[name=uphold][value=true]");
      if (pick.value && upheld) upheld.checked = true;
    });
  }
})();
