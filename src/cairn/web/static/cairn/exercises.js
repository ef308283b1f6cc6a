// Comfort while an exercise is filled in: kept as one types, sliders beside the numbers, live counts, rehearsals that stay on this device.
// Nothing here is needed: without it the form is sent by its buttons, and the server counts.
"use strict";
(() => {
  const form = document.querySelector("form[data-exercise]");
  if (!form) return;
  const words = form.dataset;
  const said = form.querySelector("[data-said]");
  const make = (name, set = {}, ...inside) => {
    const made = Object.assign(document.createElement(name), set);
    made.append(...inside);
    return made;
  };

  // Sliders: the number is the field; the slider is another hand on it, for mouse and touch.
  form.querySelectorAll(".x--scale input[type=number]").forEach((number) => {
    const { min, max } = number;
    const slider = make("input", { type: "range", min, max, tabIndex: -1 });
    slider.setAttribute("aria-hidden", "true");
    const follow = () => {
      const unset = number.value === "";
      slider.value = unset ? Math.round((Number(min) + Number(max)) / 2) : number.value;
      slider.classList.toggle("is-unset", unset);
    };
    const lead = () => {
      if (number.value === slider.value) return;
      number.value = slider.value;
      number.dispatchEvent(new Event("input", { bubbles: true }));
    };
    slider.addEventListener("input", (event) => { event.stopPropagation(); lead(); });
    slider.addEventListener("pointerup", lead);
    number.addEventListener("input", follow);
    const pair = make("span", { className: "xscale" });
    number.before(pair);
    pair.append(number, slider);
    follow();
  });

  // Counts: characters as readers see them, seconds to say it.
  const cut = Intl.Segmenter ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;
  const length = (text) => (cut ? [...cut.segment(text)].length : [...text].length);
  const spoken = (text) => Math.round(((text.match(/[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu) || []).length * 60) / 130);
  const count = (area) => {
    const text = area.value.trim();
    const { limit, seconds } = area.dataset;
    const out = form.querySelector(limit ? `[data-count-of="${area.name}"]` : `[data-seconds-of="${area.name}"]`);
    out.textContent = limit ? length(text) : spoken(text);
    out.classList.toggle("is-over", Number(out.textContent) > Number(limit || seconds));
  };
  form.querySelectorAll("[data-limit], [data-seconds]").forEach((area) => {
    count(area);
    area.addEventListener("input", () => count(area));
  });

  // Keeping: a moment after the last key, and when the page is left. What could not be sent is sent again.
  let dirty = false;
  let busy = false;
  let stopped = false;
  let failing = false;
  let timer = 0;
  const tell = (text) => { if (said.textContent !== text) said.textContent = text; };
  const later = (wait) => { clearTimeout(timer); timer = setTimeout(keep, wait); };
  // Whoever signs in again in another window goes on here with that window's token. Says whether nobody is signed in.
  const renew = async () => {
    const page = await fetch(location.href);
    const token = page.redirected ? null : (await page.text()).match(/name="csrfmiddlewaretoken" value="([^"]+)"/);
    if (token) form.elements.csrfmiddlewaretoken.value = token[1];
    return !token;
  };
  const keep = async (leaving = false) => {
    if (!dirty || busy || stopped) return;
    busy = true;
    dirty = false;
    let signedOut = false;
    try {
      const body = new URLSearchParams(new FormData(form));
      const reply = await fetch(words.save, { method: "POST", body, keepalive: leaving === true, headers: { Accept: "application/json" } });
      if (reply.status === 403 || reply.redirected) signedOut = await renew();
      if (!reply.ok || reply.redirected) throw new Error(reply.status);
      const answer = await reply.json();
      if (answer.merged) {
        stopped = true;
        said.replaceChildren(make("a", { href: location.pathname + "?change", textContent: words.merged }));
      } else {
        form.elements.revision.value = answer.revision;
        form.elements.seen.value = answer.seen;
        tell(answer.problems.length ? answer.problems[0][1] : words.saved);
        form.dispatchEvent(new CustomEvent("cairn:kept"));
      }
      failing = false;
    } catch {
      dirty = failing = true;
      tell(signedOut ? words.out : words.waiting);
      later(5000);
    }
    busy = false;
    if (dirty) later(1500);
  };
  form.addEventListener("input", () => { dirty = true; later(900); });
  form.addEventListener("change", () => { dirty = true; later(300); });
  // Sent where nothing answers, or nobody is signed in any more, the page would go and take with it what was typed.
  form.addEventListener("submit", (event) => {
    if (navigator.onLine && !failing) {
      dirty = false;
      clearTimeout(timer);
      stopped = true;
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    dirty = true;
    if (!failing) tell(words.waiting);
    keep().then(() => { if (navigator.onLine && !failing) form.requestSubmit(event.submitter); });
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(true); });
  window.addEventListener("online", () => keep());
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  window.addEventListener("beforeunload", (event) => { if (dirty) { keep(true); event.preventDefault(); } });

  // Rehearsals: recorded and played here, held in memory only, gone with the page.
  document.querySelectorAll("[data-rehearse]").forEach((box) => {
    const say = box.dataset;
    const [button, note, list] = [box.querySelector("button"), box.querySelector("[role=status]"), box.querySelector("ol")];
    box.hidden = false;
    if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) {
      button.hidden = true;
      note.textContent = say.none;
      return;
    }
    let recorder = null;
    let takes = 0;
    const add = (blob, seconds) => {
      takes += 1;
      const url = URL.createObjectURL(blob);
      const name = `${say.take} ${takes}, ${seconds} s`;
      const audio = make("audio", { controls: true, src: url });
      audio.setAttribute("aria-label", name);
      const forget = make("button", { type: "button", className: "btn btn--small btn--quiet", textContent: say.forget });
      const item = make("li", {}, make("span", { textContent: name }), audio, forget);
      forget.addEventListener("click", () => { URL.revokeObjectURL(url); item.remove(); button.focus(); });
      list.append(item);
    };
    const begin = async () => {
      let stream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      } catch {
        note.textContent = say.refused;
        return;
      }
      const parts = [];
      const from = performance.now();
      recorder = new MediaRecorder(stream);
      recorder.ondataavailable = ({ data }) => parts.push(data);
      const clock = setInterval(() => { note.textContent = `${Math.round((performance.now() - from) / 1000)} s`; }, 500);
      recorder.onstop = () => {
        clearInterval(clock);
        stream.getTracks().forEach((track) => track.stop());
        add(new Blob(parts, { type: recorder.mimeType }), Math.round((performance.now() - from) / 1000));
        note.textContent = "";
        recorder = null;
        button.textContent = say.record;
      };
      recorder.start();
      button.textContent = say.stop;
    };
    button.addEventListener("click", () => { if (recorder) recorder.stop(); else begin(); });
    window.addEventListener("pagehide", () => recorder?.stop());
  });
})();
