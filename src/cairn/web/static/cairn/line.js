// The places of the line of working life can be lifted and lowered by hand, or with the arrow keys. The form's own fields stay
// the truth: a drag writes the height into them, and picture.js brings the ridge when it was kept.
"use strict";
{
  const form = document.querySelector('form[data-exercise][data-picture="line"]');
  const plates = () => [...document.querySelectorAll("[data-figure] .plate > svg")];
  const lifted = (svg) => svg.querySelector(".ground").dataset;
  // Rows with something in them, in the order of the form: the same places that the picture was drawn from.
  const rows = () => {
    const { part, naming } = plates().find((svg) => svg.dataset.picture).dataset, found = new Map();
    for (const field of form.elements) {
      const [key, row] = field.name?.split("-") ?? [];
      if (key === part) found.set(row, found.get(row) || field.value.trim() !== "");
    }
    return [...found.keys()].filter((row) => found.get(row)).map((row) => ({
      height: form.elements[`${part}-${row}-height`], name: form.elements[`${part}-${row}-${naming}`]?.value ?? "",
    }));
  };
  const show = (svg, made, { height, name }) => {
    const { base, step } = lifted(svg), y = base - step * (+height.value || 0);
    made.setAttribute("cy", y);
    made.nextElementSibling.setAttribute("y", y);
    made.setAttribute("aria-valuenow", height.value || 0);
    made.setAttribute("aria-label", `${made.nextElementSibling.textContent} ${name}: ${height.labels[0]?.textContent.trim() ?? ""}`);
  };
  const put = ({ height }, value) => {
    const next = Math.max(-5, Math.min(5, Math.round(value)));
    if (height.value === `${next}`) return;
    height.value = next;
    height.dispatchEvent(new Event("input", { bubbles: true }));
  };
  let shown = [];
  const begin = (key) => {
    shown = [];
    if (!plates().length) return;
    const known = rows();
    for (const svg of plates()) {
      svg.setAttribute("role", "group");
      for (const made of svg.querySelectorAll("[data-source]")) {
        const row = known[made.dataset.source];
        if (!row?.height) continue;
        made.classList.add("handle");
        made.dataset.key = made.dataset.source;
        for (const [name, value] of Object.entries({ tabindex: 0, role: "slider", "aria-valuemin": -5, "aria-valuemax": 5 })) made.setAttribute(name, value);
        show(svg, made, row);
        made.addEventListener("pointerdown", (event) => { made.setPointerCapture(event.pointerId); event.preventDefault(); made.focus(); });
        made.addEventListener("pointermove", (event) => {
          if (!made.hasPointerCapture(event.pointerId)) return;
          const { y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
          put(row, (lifted(svg).base - y) / lifted(svg).step);
        });
        made.addEventListener("keydown", (event) => {
          const now = +row.height.value || 0;
          const next = { ArrowUp: now + 1, ArrowRight: now + 1, ArrowDown: now - 1, ArrowLeft: now - 1, Home: -5, End: 5 }[event.key];
          if (next !== undefined) { event.preventDefault(); put(row, next); }
        });
        shown.push(() => show(svg, made, row));
      }
    }
    if (key) plates().find((svg) => svg.checkVisibility())?.querySelector(`[data-key="${key}"]`)?.focus();
  };
  if (form) {
    form.addEventListener("input", () => shown.forEach((again) => again()));
    form.addEventListener("cairn:drawn", (event) => begin(event.detail));
    begin();
  }
}
