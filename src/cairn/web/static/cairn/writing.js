// Saves a form while somebody types in it, and loses nothing when the line or the page goes. Without it the form is sent as a whole.
//   <form data-save-url="…" data-item="answer:life">   with fields, one of them a hidden "revision"; `item` names the copy on the device
//   {% include "components/savestate.html" %}   the line that tells how it stands   ·   [data-word-count]   ·   [data-done] the button that Ctrl Enter presses
// The address answers JSON: revision, saved (a sentence); id (goes into a field "entry"); fields that were put together with another window's, by name; or error (a sentence).
// What is sent twice, or late, does no harm: the address puts texts together.
"use strict";
(() => {
  const PAUSE = 800, LONGEST_PAUSE = 5000, TRY_AGAIN = 10_000, SHELF = `cairn-writing:${document.body.dataset.person || ""}:`;
  const shelf = (act) => { try { return act(localStorage); } catch { return null; } };
  const tokenOf = (form) => form.elements.csrfmiddlewaretoken?.value || "";

  class Refused extends Error {}

  const post = async (url, body, token) => {
    const reply = await fetch(url, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": token, "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", Accept: "application/json" },
      redirect: "manual",
      keepalive: body.length < 60_000, // outlives the page; browsers allow 64 KiB
      signal: AbortSignal.timeout(20_000),
    });
    if (reply.type === "opaqueredirect" || reply.status === 403) throw new Refused("out");
    if (reply.status === 422 || reply.status === 404) throw new Refused((await reply.json().catch(() => ({}))).error || "");
    if (!reply.ok) throw new Error(reply.status);
    return reply.json();
  };

  const watch = (form) => {
    const url = form.dataset.saveUrl;
    const place = SHELF + (form.dataset.item || url);
    const state = form.querySelector("[data-savestate]");
    const fields = form.elements;
    const area = form.querySelector("textarea");
    const words = () => {
      const data = new URLSearchParams(new FormData(form));
      ["csrfmiddlewaretoken", "revision"].forEach((name) => data.delete(name));
      return data.toString();
    };
    const isBlank = () => fields.revision.value === "0" && [...form.querySelectorAll("textarea, input[type=text]")].every((each) => !each.value.trim());
    const body = () => `${words()}&revision=${fields.revision.value}`;
    const keep = () => shelf((box) => box.setItem(place, JSON.stringify({ url, body: body() })));
    let known = words(), busy = null, isLost = false, timer = 0, since = 0;
    form.removeAttribute("data-guard"); // there is nothing to ask about: leaving is safe

    const say = (kind, text) => {
      if (!state) return;
      state.dataset.kind = kind;
      (state.querySelector("span") || state).textContent = text || state.dataset[kind] || "";
    };
    const count = () => {
      const out = form.querySelector("[data-word-count]");
      if (!out || !area) return;
      const cut = window.Intl?.Segmenter && new Intl.Segmenter(document.documentElement.lang, { granularity: "word" });
      const n = cut ? [...cut.segment(area.value)].filter((each) => each.isWordLike).length : area.value.trim().split(/\s+/).filter(Boolean).length;
      out.textContent = n === 1 ? out.dataset.one : out.dataset.many.replace("%n%", n);
    };

    // A field gets other words; the caret stays beside those where it stood.
    const put = (field, text) => {
      if (!field || field.value === text) return;
      const here = document.activeElement === field, at = field.selectionStart, scroll = field.scrollTop;
      const before = field.value.slice(0, at), after = field.value.slice(at);
      field.value = text;
      if (!here) return;
      let spot = text.startsWith(before) ? at : text.endsWith(after) ? text.length - after.length : -1;
      if (spot < 0) {
        const line = before.slice(before.lastIndexOf("\n") + 1), found = text.lastIndexOf(line);
        spot = found < 0 ? text.length : found + line.length;
      }
      field.setSelectionRange(spot, spot);
      field.scrollTop = scroll;
    };
    const take = (reply, sent) => {
      isLost = false;
      const others = Object.entries(reply).filter(([name, value]) => typeof value === "string" && name !== "revision" && fields[name]?.matches?.("input, textarea"));
      if (others.length && words() !== sent) return; // more was typed meanwhile: it goes on the old revision, and is put together again
      others.forEach(([name, value]) => put(fields[name], value));
      fields.revision.value = reply.revision;
      if (reply.id && fields.entry) fields.entry.value = reply.id;
      known = others.length ? words() : sent;
      if (words() === known) shelf((box) => box.removeItem(place));
      say(others.length ? "merged" : "saved", others.length ? "" : reply.saved);
      count();
    };
    const save = () => {
      clearTimeout(timer);
      timer = since = 0;
      count();
      const sent = words();
      if (busy || sent === known || isBlank()) return busy;
      busy = post(url, body(), tokenOf(form)).then((reply) => take(reply, sent), (problem) => {
        isLost = true;
        keep();
        const said = problem instanceof Refused;
        say(said && problem.message === "out" ? "out" : said ? "refused" : "kept", said && problem.message !== "out" ? problem.message : "");
        if (!said) timer = setTimeout(save, TRY_AGAIN);
      }).finally(() => {
        busy = null;
        if (!isLost && words() !== known) later();
      });
      return busy;
    };
    const later = () => {
      clearTimeout(timer);
      since ||= Date.now();
      timer = setTimeout(save, Math.max(0, Math.min(PAUSE, since + LONGEST_PAUSE - Date.now())));
    };

    form.addEventListener("input", later);
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.requestSubmit(form.querySelector("[data-done]") || undefined);
      }
    });
    form.addEventListener("submit", (event) => {
      clearTimeout(timer);
      const halt = () => { event.preventDefault(); event.stopPropagation(); };
      if (busy) { // so that what was sent first also arrives first
        halt();
        busy.then(() => { if (!isLost) form.requestSubmit(event.submitter); });
      } else if (!navigator.onLine) {
        halt();
        keep();
        say("kept");
      } else if (words() !== known) keep();
    });
    const flush = () => {
      if (words() === known || isBlank()) return;
      keep();
      save();
    };
    window.addEventListener("pagehide", flush);
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") flush(); });
    window.addEventListener("online", save);

    // What waits on this device since last time: this form's goes back into it, on the revision it was typed on; others' are sent as they are.
    const waiting = shelf((box) => Object.keys(box).filter((key) => key.startsWith(SHELF)).map((key) => [key, JSON.parse(box.getItem(key))])) || [];
    waiting.forEach(([key, copy]) => {
      if (key !== place) {
        post(copy.url, copy.body, tokenOf(form)).then(() => shelf((box) => box.removeItem(key)), () => {});
        return;
      }
      const typed = new URLSearchParams(copy.body);
      const shown = [...new URLSearchParams(known)];
      if (shown.every(([name, value]) => typed.get(name)?.replace(/\r\n/g, "\n") === value.replace(/\r\n/g, "\n"))) return shelf((box) => box.removeItem(place));
      typed.forEach((value, name) => { if (fields[name]?.matches?.("input, textarea")) fields[name].value = value.replace(/\r\n/g, "\n"); });
      save();
    });
    count();
  };

  document.querySelectorAll("form[data-save-url]").forEach((form) => { if (form.elements.revision) watch(form); });
})();
