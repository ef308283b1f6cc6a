// Makes what already works a little quicker. Nothing here is needed: every page does its work with this file missing.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const on = (type, handle) => document.addEventListener(type, handle);

  // Menus: one open at a time; a click elsewhere or Escape closes; arrows walk through what is in it.
  const menus = () => all("details.menu[open]");
  on("click", ({ target }) => menus().forEach((menu) => { if (!menu.contains(target)) menu.open = false; }));
  on("keydown", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (event.key === "Escape") {
      menus().forEach((open) => { open.open = false; });
      menu?.querySelector("summary").focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!menu || !step || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    const stops = all("summary, a[href], button:not(:disabled)", menu);
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length]?.focus();
  });

  // Forms that send themselves when a choice is made. With the keyboard a list passes over many values, so there it waits until the list is left.
  let typing = false;
  const walked = new Set();
  on("pointerdown", () => { typing = false; });
  on("keydown", () => { typing = true; });
  on("change", ({ target }) => {
    if (!target.form?.matches("[data-autosubmit]")) return;
    if (typing && target.matches("select")) walked.add(target);
    else target.form.requestSubmit();
  });
  on("focusout", ({ target }) => { if (walked.delete(target)) target.form.requestSubmit(); });

  // Choosing rows: all at once, a stretch with Shift, and a count that is said aloud by its live region.
  let last = null;
  const boxes = (table) => all("tbody .tick input[type=checkbox]", table);
  const tally = (table) => {
    const list = boxes(table);
    const chosen = list.filter((box) => box.checked).length;
    const whole = table.querySelector("[data-pick-all]");
    if (whole) {
      whole.checked = chosen > 0 && chosen === list.length;
      whole.indeterminate = chosen > 0 && chosen < list.length;
    }
    all("[data-picked]", table.closest(".listing") || document).forEach((out) => { out.textContent = chosen; });
  };
  on("click", (event) => {
    const box = event.target;
    const table = box.matches?.(".tick input") && box.closest("table");
    if (!table) return;
    const list = boxes(table);
    if (box.matches("[data-pick-all]")) list.forEach((each) => { each.checked = box.checked; });
    else if (event.shiftKey && list.includes(last)) {
      const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      list.slice(from, to + 1).forEach((each) => { each.checked = box.checked; });
    }
    last = box;
    tally(table);
  });
  on("click", ({ target }) => {
    if (!target.closest?.("[data-pick-none]")) return;
    all("table", target.closest(".listing")).forEach((table) => {
      boxes(table).forEach((box) => { box.checked = false; });
      tally(table);
    });
  });

  // Dialogs: a link or button that leads to a page of its own opens the same form here.
  on("click", (event) => {
    const opener = event.target.closest?.("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog?.showModal) {
      event.preventDefault();
      dialog.showModal();
    }
    const shut = event.target.closest?.("[data-close]");
    if (shut) shut.closest("dialog")?.close();
    event.target.closest?.("[data-dismiss]")?.closest(".toast, .notice")?.remove();
    if (event.target.closest?.("[data-print]")) window.print();
  });

  // Leaving a form with words in it asks first; sending it does not. A second click on "send" within a moment is not a second order.
  const touched = new Set();
  const sent = new WeakMap();
  on("input", ({ target }) => { if (target.form?.matches("[data-guard]")) touched.add(target.form); });
  on("submit", (event) => {
    const form = event.target;
    const now = Date.now();
    if (event.submitter && form.method === "post" && now - (sent.get(form) || 0) < 1200) return event.preventDefault();
    sent.set(form, now);
    touched.delete(form);
  });
  window.addEventListener("beforeunload", (event) => {
    if ([...touched].some((form) => form.isConnected)) event.preventDefault();
  });

  // Signing out leaves no words behind: what waited on this device for a connection is sent, then forgotten.
  on("submit", (event) => {
    const form = event.target;
    if (!form.matches("[action$='/logout/']") || form.dataset.left) return;
    try {
      const kept = Object.keys(localStorage).filter((key) => key.startsWith(`cairn-writing:${document.body.dataset.person || ""}:`));
      if (!kept.length) return;
      event.preventDefault();
      form.dataset.left = "yes";
      const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8" };
      const copies = kept.map((key) => JSON.parse(localStorage.getItem(key)));
      Promise.allSettled(copies.map(({ url, body }) => fetch(url, { method: "POST", body, headers, signal: AbortSignal.timeout(4000) })))
        .then(() => { kept.forEach((key) => localStorage.removeItem(key)); form.submit(); });
    } catch { /* storage may be refused; then nothing is kept there */ }
  });

  // Ctrl K or Cmd K goes to the search of this page.
  on("keydown", (event) => {
    const search = document.querySelector("main input[type=search]");
    if (!search || event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  // What has to be looked at first when a page, or a part of one, arrives; in a strip of tabs that is the one we are on.
  const arrive = (within) => {
    all("dialog[data-open]", within).forEach((dialog) => { dialog.close(); dialog.showModal(); });
    all(".tabs [aria-current]", within).forEach((tab) => {
      const strip = tab.parentElement;
      const [own, whole] = [tab, strip].map((each) => each.getBoundingClientRect());
      strip.scrollLeft += own.left - whole.left - (whole.width - own.width) / 2;
    });
    within.querySelector("[data-focus]")?.focus();
    all("table:has(.tick)", within).forEach(tally);
  };
  arrive(document);
  on("htmx:load", ({ target }) => arrive(target));
})();
