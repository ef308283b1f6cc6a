// How long a time is still kept, for comfort: the page says until when without this. The end is spoken once.
(() => {
  const line = document.querySelector("[data-holding]");
  const left = line && line.querySelector("[data-holding-left]");
  if (!left) return;
  const until = performance.now() + Number(line.dataset.holding) * 1000; // the reader's own clock may be wrong
  const off = left.cloneNode();
  off.removeAttribute("role");
  off.setAttribute("aria-hidden", "true");
  left.before(off);
  const show = () => {
    const seconds = Math.round((until - performance.now()) / 1000);
    if (seconds <= 0) {
      off.remove();
      left.textContent = line.dataset.over;
      return;
    }
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    off.textContent = line.dataset.words.replace("%left%", clock);
    setTimeout(show, 1000);
  };
  if (Number(line.dataset.holding) > 0) show();
})();
