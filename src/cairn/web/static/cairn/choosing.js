// Times in order of wish: moved by mouse or by their buttons without sending the page. The numbers do it without a script.
"use strict";
(() => {
  const list = document.querySelector("[data-wishes]");
  if (!list) return;
  const said = document.querySelector("[data-wish-said]");
  const rows = () => [...list.children];
  const box = (row) => row.querySelector("input[type=number]");
  const wished = () => rows().filter((row) => box(row).value !== "").sort((a, b) => box(a).value - box(b).value);

  // The wished stand first, in their order, with numbers 1, 2, 3; the others follow as they were.
  const draw = (order) => {
    rows().forEach((row) => { if (!order.includes(row)) box(row).value = ""; });
    order.forEach((row, place) => { box(row).value = place + 1; });
    [...order, ...rows().filter((row) => !order.includes(row))].forEach((row) => list.append(row));
    list.closest("form").dispatchEvent(new Event("input", { bubbles: true }));
  };
  const say = (row) => {
    const number = box(row).value;
    const text = number ? said.dataset.words : said.dataset.none;
    said.textContent = text.replace("%when%", row.querySelector("strong").textContent).replace("%n%", number);
  };

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("li");
    const order = wished();
    const place = order.indexOf(row);
    if (place >= 0) order.splice(place, 1);
    if (button.dataset.step === "up") order.splice(place < 0 ? order.length : Math.max(0, place - 1), 0, row);
    else if (place >= 0 && place < order.length) order.splice(place + 1, 0, row);
    draw(order);
    button.focus();
    say(row);
  });

  let held = null;
  rows().forEach((row) => { row.draggable = true; });
  list.addEventListener("dragstart", (event) => {
    held = event.target.closest("li");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.dataset.wish);
    held.classList.add("is-held");
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("li");
    if (!held) return;
    event.preventDefault();
    if (!over || over === held) return;
    const middle = over.getBoundingClientRect().top + over.offsetHeight / 2;
    list.insertBefore(held, event.clientY < middle ? over : over.nextElementSibling);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    if (!held) return;
    held.classList.remove("is-held");
    const place = rows().indexOf(held);
    const order = rows().filter((row, at) => row === held || box(row).value !== "" || at < place);
    draw(order);
    say(held);
    held = null;
  });
})();
