// The board of groups: names are carried by mouse or keyboard. Everything here is also in each name's menu, without a script.
"use strict";
(() => {
  // Work in the queue: how far it is, until there is something to see.
  const waits = document.querySelector("[data-waits]");
  if (waits) {
    const place = waits.querySelector("[data-progress]");
    const look = () => fetch(waits.dataset.waits).then(async (reply) => {
      if (reply.status === 204) return location.reload();
      if (reply.ok && !reply.redirected) place.innerHTML = await reply.text();
      setTimeout(look, 1500);
    }).catch(() => setTimeout(look, 5000));
    setTimeout(look, 1000);
  }

  const board = document.querySelector("[data-board]");
  if (!board) return;
  const words = document.querySelector("[data-words]").dataset;
  const said = document.querySelector("[data-said]");
  let groups = [];
  const seats = (group) => [...group.querySelectorAll(".seats > li")];
  const groupOf = (seat) => seat.closest("[data-group]");
  const grip = (seat) => seat.querySelector("bdi");
  const say = (text) => { said.textContent = text; };
  const told = (text, name) => text.replace("%name%", name);

  // What a menu holds is fetched once, when it is first opened or its person first held. Of many groups it lists the
  // best; what another would give is asked for when somebody is carried there.
  const fetched = new Map();
  const options = (seat) => {
    if (!fetched.has(seat)) {
      const list = seat.querySelector(".menu__list");
      list.dataset.url = list.querySelector("a").href;
      fetched.set(seat, fetch(`${list.dataset.url}?part`).then((reply) => {
        if (!reply.ok) throw new Error(reply.status);
        return reply.text();
      }).then((text) => { list.innerHTML = text; return list; }).catch(() => { fetched.delete(seat); return list; }));
    }
    return fetched.get(seat);
  };
  const asked = new Map();
  const ask = (seat, list, group) => {
    const key = `${seat.id} ${group.dataset.group}`;
    if (!asked.has(key)) {
      const url = `${list.dataset.url}?part&to=${group.dataset.group}`;
      asked.set(key, fetch(url).then((reply) => (reply.ok ? reply.text() : "")).then((text) => {
        const box = document.createElement("div");
        box.innerHTML = text;
        const found = box.querySelector("[data-to]");
        if (found) { found.hidden = true; list.append(found); }
        return found;
      }, () => { asked.delete(key); return null; }));
    }
    return asked.get(key);
  };
  board.addEventListener("toggle", ({ target }) => {
    if (target.matches("details.menu") && target.open) options(target.closest("li"));
  }, true);

  // Holding: while somebody is held every group says what it would give, or what forbids it.
  let held = null;
  let over = null;
  const label = (group) => {
    let hint = group.querySelector(".group__hint");
    if (!hint) {
      hint = document.createElement("p");
      hint.className = "group__hint";
      group.querySelector("header").append(hint);
    }
    return hint;
  };
  const way = (list, group) => list.querySelector(`[data-to="${group.dataset.group}"]`);
  const wayFor = async (seat, group) => {
    const list = await options(seat);
    return way(list, group) || ask(seat, list, group);
  };
  const mark = (group, found) => {
    label(group).textContent = sentence(found);
    group.classList.toggle("is-shut", !found?.matches("form"));
  };
  const sentence = (found) => (found ? (found.querySelector("small") || found).textContent.trim().replace(/\s+/g, " ") : words.none);

  const hold = (seat) => {
    release();
    held = seat;
    over = groupOf(seat);
    seat.classList.add("is-held");
    grip(seat).setAttribute("aria-pressed", "true");
    say(told(words.held, grip(seat).textContent));
    if (groups.length < 30) groups.filter((group) => group !== over).forEach((group) => { label(group).textContent = words.wait; });
    return options(seat).then((list) => {
      if (held !== seat) return;
      groups.filter((group) => group !== groupOf(seat)).forEach((group) => {
        const found = way(list, group);
        if (found) mark(group, found);
        else group.querySelector(".group__hint")?.remove();
      });
    });
  };
  const release = () => {
    if (!held) return;
    held.classList.remove("is-held");
    grip(held).setAttribute("aria-pressed", "false");
    groups.forEach((group) => {
      group.classList.remove("is-over", "is-shut");
      group.querySelector(".group__hint")?.remove();
    });
    held = null;
    over = null;
  };
  const carry = async (group) => {
    const seat = held;
    groups.forEach((each) => each.classList.toggle("is-over", each === group && group !== groupOf(seat)));
    over = group;
    group.scrollIntoView({ block: "nearest" });
    if (group === groupOf(seat)) return say(words.home);
    if (!way(seat, group)) label(group).textContent = words.wait;
    const found = await wayFor(seat, group);
    if (held !== seat) return;
    mark(group, found);
    if (over === group) say(`${words.at.replace("%group%", group.dataset.group)} ${sentence(found)}`);
  };
  const setDown = async () => {
    const [seat, group] = [held, over];
    if (group === groupOf(seat)) {
      const name = grip(seat).textContent;
      release();
      return say(told(words.free, name));
    }
    const found = await wayFor(seat, group);
    if (found?.matches("form")) found.requestSubmit();
    else say(sentence(found));
  };

  // The keyboard: one name is in the order of tabs, arrows walk from it.
  const walkTo = (seat) => {
    if (!seat) return;
    board.querySelectorAll('bdi[tabindex="0"]').forEach((each) => { each.tabIndex = -1; });
    grip(seat).tabIndex = 0;
    grip(seat).focus();
  };
  const beside = (list, item, step) => list[list.indexOf(item) + step];
  const walk = (seat, key) => {
    const group = groupOf(seat);
    const place = seats(group).indexOf(seat);
    if (key === "ArrowDown" || key === "ArrowUp") return walkTo(beside(seats(group), seat, key === "ArrowDown" ? 1 : -1));
    const next = beside(groups, group, key === "ArrowRight" ? 1 : -1);
    if (next) walkTo(seats(next)[Math.min(place, seats(next).length - 1)]);
  };
  board.addEventListener("keydown", (event) => {
    if (!event.target.matches(".seats > li > bdi")) return;
    const seat = event.target.closest("li");
    if (event.key === "Escape" && held) {
      const name = grip(held).textContent;
      release();
      say(told(words.free, name));
    } else if (event.key === " " || event.key === "Enter") {
      if (held) setDown();
      else hold(seat);
    } else if (event.key.startsWith("Arrow")) {
      const step = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : -1;
      if (!held) walk(seat, event.key);
      else carry(beside(groups, over, step) || over);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  board.addEventListener("focusout", ({ target }) => { if (held && target === grip(held)) setTimeout(() => { if (document.activeElement !== target) release(); }); });

  // The mouse.
  board.addEventListener("dragstart", (event) => {
    const seat = event.target.closest?.(".seats > li");
    if (!seat) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", grip(seat).textContent);
    hold(seat);
  });
  board.addEventListener("dragover", (event) => {
    const group = event.target.closest?.("[data-group]");
    if (!held || !group || group.classList.contains("is-shut")) return;
    event.preventDefault();
    if (group !== over) carry(group);
  });
  board.addEventListener("drop", (event) => { if (held) { event.preventDefault(); setDown(); } });
  board.addEventListener("dragend", () => release());

  const ready = (fresh) => {
    groups = [...board.querySelectorAll("[data-group]")];
    fresh.forEach((group) => seats(group).forEach((seat) => {
      seat.draggable = true;
      const name = grip(seat);
      name.tabIndex = -1;
      name.setAttribute("role", "button");
      name.setAttribute("aria-pressed", "false");
      name.setAttribute("aria-describedby", "keys");
    }));
  };
  ready(board.querySelectorAll("[data-group]"));

  // Of many groups the next come as soon as the last that are here can nearly be seen.
  const more = document.querySelector("[data-more]");
  if (more) {
    const eye = new IntersectionObserver(async ([seen]) => {
      const next = more.querySelector("[rel=next]");
      if (!seen.isIntersecting || !next) return;
      eye.disconnect();
      const reply = await fetch(next.href);
      if (!reply.ok) return;
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      const fresh = [...page.querySelectorAll("[data-board] > [data-group]")];
      board.append(...fresh);
      ready(fresh);
      more.replaceChildren(...(page.querySelector("[data-more]")?.childNodes || []));
      eye.observe(more);
    }, { rootMargin: "600px" });
    eye.observe(more);
  }

  const first = board.querySelector(".seats > li");
  if (first) grip(first).tabIndex = 0;
  const back = location.hash.startsWith("#p") && document.getElementById(location.hash.slice(1));
  if (back && board.contains(back)) window.addEventListener("load", () => setTimeout(() => walkTo(back))); // going to the fragment itself takes the focus away
})();
