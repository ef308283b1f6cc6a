// Runs before the first paint, so that a page kept dark never flashes white. It only chooses the scheme; the colours are the stylesheet's.
"use strict";
(() => {
  const root = document.documentElement;
  const known = ["light", "dark"];
  let kept = null;
  try { kept = localStorage.getItem("cairn-theme"); } catch { /* storage may be refused; the choice then lasts for this page */ }
  root.dataset.js = "";
  if (known.includes(kept)) root.dataset.theme = kept;

  document.addEventListener("DOMContentLoaded", () => {
    const value = root.dataset.theme || "device";
    for (const radio of document.getElementsByName("cairn-theme")) radio.checked = radio.value === value;
  });
  document.addEventListener("change", ({ target }) => {
    if (target.name !== "cairn-theme") return;
    if (known.includes(target.value)) root.dataset.theme = target.value;
    else delete root.dataset.theme;
    try {
      if (root.dataset.theme) localStorage.setItem("cairn-theme", target.value);
      else localStorage.removeItem("cairn-theme");
    } catch { /* as above */ }
  });
})();
