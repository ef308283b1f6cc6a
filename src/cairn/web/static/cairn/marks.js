// Attendance saves itself: at once under a mouse or a thumb; with the keyboard, where arrows pass over several marks, when the choice has come to rest.
"use strict";
(() => {
  const REST = 700;
  const waiting = new Map();
  let typing = false;
  const on = (type, handle) => document.addEventListener(type, handle);
  const save = (box) => {
    clearTimeout(waiting.get(box));
    waiting.delete(box);
    box.dispatchEvent(new CustomEvent("marked"));
  };
  on("pointerdown", () => { typing = false; });
  on("keydown", () => { typing = true; });
  on("change", ({ target }) => {
    const box = target.closest?.("[data-mark]");
    if (!box) return;
    if (!typing) return save(box);
    clearTimeout(waiting.get(box));
    waiting.set(box, setTimeout(save, REST, box));
  });
  on("focusout", ({ target, relatedTarget }) => {
    const box = target.closest?.("[data-mark]");
    if (waiting.has(box) && !box.contains(relatedTarget)) save(box);
  });
  window.addEventListener("pagehide", () => { for (const box of [...waiting.keys()]) save(box); });

  // A mark that did not reach Cairn is never passed over in silence.
  const tell = (unsaved) => ({ detail }) => {
    const note = detail.elt.closest("form")?.querySelector("[data-unsaved]");
    if (note) note.hidden = !unsaved;
  };
  on("htmx:sendError", tell(true));
  on("htmx:responseError", tell(true));
  on("htmx:afterOnLoad", tell(false));
})();
