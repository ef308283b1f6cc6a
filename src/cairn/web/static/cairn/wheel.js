// The wheel follows its numbers at once, and its edges can be dragged, tapped, or moved with the arrow keys. The form's own
// fields stay the truth: a drag writes into them. Geometry as in engines/pictures/wheel.py; picture.js brings the labels.
"use strict";
{
  const form = document.querySelector('form[data-exercise][data-picture="wheel"]');
  const plates = () => [...document.querySelectorAll("[data-figure] .plate > svg")];
  const wide = () => plates().find((svg) => svg.dataset.picture);
  const field = (row, column) => form.elements[`${wide().dataset.part}-${row}-${column}`];
  const bound = (value) => Math.max(0, Math.min(10, value));
  const number = (row, column) => {
    const typed = field(row, column)?.value ?? "";
    return typed === "" || isNaN(typed) ? null : bound(+typed);
  };
  const rows = () => {
    const found = [];
    for (let row = 0; field(row, wide().dataset.naming); row++) {
      const name = field(row, wide().dataset.naming).value.trim();
      const each = { row, name, now: number(row, "now"), wished: number(row, "wished"), weight: 1 + (number(row, "importance") ?? 5) / 5 };
      if (name || each.now !== null || each.wished !== null) found.push(each);
    }
    const whole = found.reduce((sum, each) => sum + each.weight, 0);
    let from = 0;
    for (const each of found) {
      each.from = from;
      each.to = from += (2 * Math.PI * each.weight) / whole;
      each.middle = (each.from + each.to) / 2;
    }
    return found;
  };
  const add = (parent, tag, kind, more) => {
    const made = parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", tag));
    for (const [key, value] of Object.entries({ class: kind, ...more })) made.setAttribute(key, value);
    return made;
  };
  const frame = (svg) => {
    const group = svg.querySelector(".wedges"), { cx, cy, r } = group.dataset;
    return { group, cx: +cx, cy: +cy, r: +r };
  };
  const at = (f, far, angle) => [f.cx + far * Math.sin(angle), f.cy - far * Math.cos(angle)].map((n) => n.toFixed(1));
  const arc = (f, far, { from, to }) =>
    `${at(f, far, from + 0.012)}A${far} ${far} 0 ${+(to - from > Math.PI + 0.024)} 1 ${at(f, far, to - 0.012)}`;

  const wedges = (svg, found) => {
    const f = frame(svg), before = [...f.group.children];
    f.group.replaceChildren(...found.map((each, index) => {
      const spoke = add(f.group, "g", "", {});
      if (each.now) add(spoke, "path", index % 2 ? "now now--alt" : "now", { d: `M${f.cx} ${f.cy}L${arc(f, (f.r * each.now) / 10, each)}Z` });
      if (each.wished) add(spoke, "path", "wish", { d: `M${arc(f, (f.r * each.wished) / 10, each)}` });
      for (const old of before[index]?.querySelectorAll(".then") ?? []) {
        old.setAttribute("d", `M${arc(f, +old.dataset.r, each)}`);
        spoke.append(old);
      }
      if (svg !== wide()) {
        const [x, y] = at(f, f.r + 16, each.middle);
        add(spoke, "text", "nr", { x, y, dy: ".35em" }).textContent = index + 1;
      }
      return spoke;
    }));
  };
  const put = (row, column, value) => {
    const input = field(row, column), next = bound(Math.round(value));
    if (input.value === `${next}`) return;
    input.value = next;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  // How far out a pointer is, on the spoke in this direction or on its own.
  const pointed = (svg, event, middle) => {
    const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse()), f = frame(svg);
    const x = p.x - f.cx, y = f.cy - p.y, angle = (Math.atan2(x, y) + 2 * Math.PI) % (2 * Math.PI);
    return { angle, value: (10 * (x * Math.sin(middle ?? angle) + y * Math.cos(middle ?? angle))) / f.r };
  };
  const grip = (svg, each, column) => {
    const key = `${each.row}-${column}`, f = frame(svg);
    let made = svg.querySelector(`[data-key="${key}"]`);
    if (!made) {
      made = add(svg, "circle", `grip grip--${column}`, { r: 7, tabindex: 0, role: "slider", "data-key": key, "aria-valuemin": 0, "aria-valuemax": 10 });
      made.addEventListener("pointerdown", (event) => { made.setPointerCapture(event.pointerId); event.preventDefault(); made.focus(); });
      made.addEventListener("pointermove", (event) => { if (made.hasPointerCapture(event.pointerId)) put(each.row, column, pointed(svg, event, made.middle).value); });
      made.addEventListener("keydown", (event) => {
        const now = number(each.row, column) ?? 0;
        const next = { ArrowUp: now + 1, ArrowRight: now + 1, ArrowDown: now - 1, ArrowLeft: now - 1, Home: 0, End: 10 }[event.key];
        if (next !== undefined) { event.preventDefault(); put(each.row, column, next); }
      });
    }
    const [cx, cy] = at(f, (f.r * each[column]) / 10, each.middle);
    const said = `${each.name}: ${field(each.row, column).labels[0]?.textContent ?? column}`;
    for (const [name, value] of Object.entries({ cx, cy, "aria-valuenow": each[column], "aria-label": said })) made.setAttribute(name, value);
    made.middle = each.middle;
    return made;
  };
  const draw = () => {
    if (!wide()) return;
    const found = rows();
    for (const svg of plates()) {
      wedges(svg, found);
      const kept = found.flatMap((each) => ["now", "wished"].filter((column) => each[column] !== null).map((column) => grip(svg, each, column)));
      for (const each of svg.querySelectorAll(".grip")) if (!kept.includes(each)) each.remove();
    }
  };
  const begin = (key) => {
    for (const svg of plates()) {
      svg.setAttribute("role", "group");
      svg.addEventListener("click", (event) => {
        if (event.target.matches(".grip")) return;
        const { value, angle } = pointed(svg, event), each = rows().find(({ from, to }) => from <= angle && angle < to);
        if (!each || value > 10.5) return;
        const nearer = each.wished === null ? each.now !== null : each.now !== null && Math.abs(each.wished - value) < Math.abs(each.now - value);
        put(each.row, nearer ? "wished" : "now", value);
      });
    }
    draw();
    if (key) plates().find((svg) => svg.checkVisibility())?.querySelector(`[data-key="${key}"]`)?.focus();
  };
  if (form) {
    form.addEventListener("input", draw);
    form.addEventListener("cairn:drawn", (event) => begin(event.detail));
    begin();
  }
}
