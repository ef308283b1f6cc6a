// The week as a grid to draw in: by mouse, by finger and by keyboard. It writes into the typed hours above which it stands,
// and they are what is sent; without a script they are all there is.
"use strict";
(() => {
  const home = document.querySelector("[data-weekgrid]");
  const inputs = [...document.querySelectorAll("[data-weekday]")];
  if (!home || inputs.length !== 7) return;
  const words = home.dataset;
  const places = [...home.querySelectorAll("data")].map((each) => each.value);
  const DAY = 1440;
  const make = (tag, props = {}, ...within) => { const made = Object.assign(document.createElement(tag), props); made.append(...within); return made; };
  const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

  // Hours as they are typed, as far as a script needs to read them: null where it cannot.
  const TIME = "(\\d{1,2})(?:[:.h](\\d{2}))?\\s*([ap]m)?";
  const SPAN = new RegExp(`^${TIME}\\s*(?:[-–—]|to|until)\\s*${TIME}(?:\\s*(?:at|in|@)\\s*(.+))?$`, "i");
  const minute = (hour, past, half) => (half ? (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0) : Number(hour)) * 60 + Number(past || 0);
  // A bare hour, such as 2-5, may be meant twelve hours later: the server asks, so the grid shows nothing for it.
  const bare = (hour, half) => !half && Number(hour) > 0 && Number(hour) < 12 && !hour.startsWith("0");
  const asked = (match, from, to, found) => {
    if (!bare(match[1], match[3])) return false;
    if (match[6]) return /p/i.test(match[6]) && from + DAY / 2 < to;
    return (bare(match[4]) || match[4] === "12") && to <= DAY / 2 && (from < 420 || found.some((span) => to <= span.from));
  };
  const read = (text) => {
    const found = [];
    for (const part of text.split(/[,;\n]/).map((each) => each.trim()).filter(Boolean)) {
      const match = SPAN.exec(part);
      if (!match) return null;
      const from = minute(match[1], match[2], match[3]);
      const to = minute(match[4], match[5], match[6]) || DAY;
      const place = match[7] ? places.find((name) => name.toLowerCase().startsWith(match[7].trim().toLowerCase())) : "";
      if (from >= to || to > DAY || place === undefined || asked(match, from, to, found)) return null;
      found.push({ from, to, place });
    }
    return found;
  };
  const write = (spans) => {
    const tidy = [];
    for (const span of [...spans].sort((a, b) => a.place.localeCompare(b.place) || a.from - b.from)) {
      const last = tidy.at(-1);
      if (last && last.place === span.place && span.from <= last.to) last.to = Math.max(last.to, span.to);
      else if (span.from < span.to) tidy.push({ ...span });
    }
    return tidy.sort((a, b) => a.from - b.from).map((span) => `${clock(span.from)}-${clock(span.to)}${span.place ? ` at ${span.place}` : ""}`).join(", ");
  };
  const without = (spans, from, to) => spans.flatMap((span) => [{ ...span, to: Math.min(span.to, from) }, { ...span, from: Math.max(span.from, to) }]).filter((span) => span.from < span.to);
  const open = (spans, from, to) => {
    let inside = 0;
    for (let at = from; at < to; at += 5) if (spans.some((span) => span.from <= at && at < span.to)) inside += 5;
    return inside === to - from ? "open" : inside ? "partly" : "closed";
  };

  // The table: a row for each day, a column for each half hour; on a narrow screen for each hour.
  const narrow = matchMedia("(width < 46rem)");
  let whole = false;
  let [first, last, step] = [0, DAY, 30];
  let cells = [];
  const said = make("p", { className: "weekgrid__said", ariaLive: "polite" });
  const table = make("table", { className: "weekgrid__table" });
  table.setAttribute("role", "grid");
  table.setAttribute("aria-label", words.label);
  table.setAttribute("aria-describedby", "weekgrid-keys");
  const brush = make("select", { id: "weekgrid-brush" });
  brush.append(make("option", { value: "", textContent: words.any }), ...places.map((name) => make("option", { value: name, textContent: name })));
  const all = make("button", { type: "button", className: "btn btn--small btn--quiet", textContent: words.whole });
  const name = (day) => document.querySelector(`label[for="${inputs[day].id}"]`).textContent.trim();

  const draw = () => {
    const spans = inputs.flatMap((input) => read(input.value) || []);
    first = whole ? 0 : Math.floor(Math.min(7 * 60, ...spans.map((span) => span.from)) / 60) * 60;
    last = whole ? DAY : Math.ceil(Math.max(20 * 60, ...spans.map((span) => span.to)) / 60) * 60;
    step = narrow.matches ? 60 : 30;
    all.hidden = first === 0 && last === DAY;
    const hours = Array.from({ length: (last - first) / 60 }, (_, index) => first + index * 60);
    const head = make("tr", {}, make("td"), ...hours.map((at) => {
      const cell = make("th", { scope: "col", colSpan: 60 / step, textContent: String(at / 60).padStart(2, "0") });
      cell.setAttribute("role", "columnheader");
      return cell;
    }));
    const focused = cells.flat().find((cell) => cell === document.activeElement)?.dataset;
    cells = inputs.map((_, day) => Array.from({ length: (last - first) / step }, (__, index) => {
      const cell = make("td", { tabIndex: -1 });
      cell.setAttribute("role", "gridcell");
      Object.assign(cell.dataset, { day, from: first + index * step });
      return cell;
    }));
    const rows = cells.map((row, day) => {
      const header = make("th", { scope: "row", textContent: name(day).slice(0, 3) });
      header.setAttribute("role", "rowheader");
      header.setAttribute("aria-label", name(day));
      const line = make("tr", {}, header, ...row);
      line.setAttribute("role", "row");
      return line;
    });
    head.setAttribute("role", "row");
    table.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
    const again = focused && cells[focused.day]?.find((cell) => cell.dataset.from === focused.from);
    (again || cells[0][Math.min(cells[0].length - 1, Math.max(0, (540 - first) / step))]).tabIndex = 0;
    again?.focus();
    show();
  };
  const show = () => inputs.forEach((input, day) => {
    const spans = read(input.value);
    table.tBodies[0].rows[day].classList.toggle("is-unread", !spans);
    cells[day].forEach((cell) => {
      const from = Number(cell.dataset.from);
      const state = spans ? open(spans, from, from + step) : "unread";
      const place = spans?.find((span) => span.from < from + step && from < span.to)?.place || "";
      cell.className = `is-${state}`;
      cell.classList.toggle("is-placed", Boolean(place));
      cell.setAttribute("aria-selected", state === "open");
      cell.setAttribute("aria-label", `${name(day)} ${clock(from)}, ${words[state]}${place ? `, ${place}` : ""}`);
    });
  });

  // A stretch is a rectangle from where one began to where one is; it becomes open or closed as a whole.
  let start = null;
  let end = null;
  const between = (a, b) => (a < b ? [a, b] : [b, a]);
  const stretch = () => {
    const [top, bottom] = between(Number(start.dataset.day), Number(end.dataset.day));
    const [from, to] = between(Number(start.dataset.from), Number(end.dataset.from));
    return { top, bottom, from, to: to + step };
  };
  const mark = () => {
    cells.flat().forEach((cell) => cell.classList.remove("is-taken"));
    if (!start) return;
    const { top, bottom, from, to } = stretch();
    cells.slice(top, bottom + 1).flat().forEach((cell) => cell.classList.toggle("is-taken", cell.dataset.from >= from && cell.dataset.from < to));
    const days = top === bottom ? name(top) : `${name(top)} – ${name(bottom)}`;
    said.textContent = `${days}, ${clock(from)}–${clock(to)}`;
  };
  const set = (opens) => {
    const { top, bottom, from, to } = stretch();
    for (let day = top; day <= bottom; day += 1) {
      const spans = read(inputs[day].value);
      if (!spans) continue;
      const rest = without(spans, from, to);
      inputs[day].value = write(opens ? [...rest, { from, to, place: brush.value }] : rest);
      inputs[day].dispatchEvent(new Event("input", { bubbles: true }));
    }
    said.textContent += `: ${opens ? words.open : words.closed}`;
    start = end = null;
    cells.flat().forEach((cell) => cell.classList.remove("is-taken"));
    show();
  };
  const opens = () => !start.classList.contains("is-open");

  // Mouse and finger: press, draw, let go. A finger that moves up or down scrolls the page.
  const under = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest?.("[role=gridcell]");
  table.addEventListener("pointerdown", (event) => {
    const cell = event.button === 0 && event.target.closest("[role=gridcell]");
    if (!cell) return;
    table.setPointerCapture(event.pointerId);
    event.preventDefault();
    walk(cell);
    start = end = cell;
    mark();
  });
  table.addEventListener("pointermove", (event) => {
    const cell = start && table.hasPointerCapture(event.pointerId) && under(event);
    if (!cell || cell === end || !table.contains(cell)) return;
    end = cell;
    mark();
  });
  table.addEventListener("pointerup", (event) => { if (start && table.hasPointerCapture(event.pointerId)) set(opens()); });
  table.addEventListener("pointercancel", () => { start = end = null; mark(); });

  // Keyboard: arrows walk, Shift takes in more, Space opens or closes, Escape lets go.
  const walk = (cell) => {
    cells.flat().forEach((each) => { each.tabIndex = -1; });
    cell.tabIndex = 0;
    cell.focus();
  };
  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -999], End: [0, 999] };
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[role=gridcell]");
    if (!cell) return;
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      if (!start) start = end = cell;
      mark();
      return set(opens());
    }
    if (event.key === "Escape") { start = end = null; return mark(); }
    const by = STEPS[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const day = Math.min(6, Math.max(0, Number(cell.dataset.day) + by[0]));
    const row = cells[day];
    const next = row[Math.min(row.length - 1, Math.max(0, (Number(cell.dataset.from) - first) / step + by[1]))];
    if (event.shiftKey) { start ||= cell; end = next; } else start = end = null;
    mark();
    walk(next);
  });

  // What is typed or drawn says that it is not saved; what came back unsaved is asked about on leaving, as if typed here.
  const form = inputs[0].form;
  const marks = [...form.querySelectorAll("[data-unsaved]")];
  form.addEventListener("input", () => marks.forEach((each) => { each.hidden = false; }));
  if (marks.some((each) => !each.hidden)) window.addEventListener("load", () => inputs[0].dispatchEvent(new Event("input", { bubbles: true })));

  inputs.forEach((input) => input.addEventListener("change", draw));
  narrow.addEventListener("change", draw);
  all.addEventListener("click", () => { whole = true; draw(); });
  const painting = make("label", { className: "weekgrid__brush", hidden: !places.length }, `${words.paint} `, brush);
  const keys = make("p", { className: "small soft", id: "weekgrid-keys", textContent: words.keys });
  home.replaceChildren(keys, painting, table, make("div", { className: "cluster cluster--far" }, said, all));
  home.hidden = false;
  draw();
})();
