// After an exercise was kept, its picture is fetched and put in the old one's place. Without this it follows on the next page.
"use strict";
{
  const form = document.querySelector("form[data-exercise]");
  const here = document.querySelector("[data-figure]");
  let asked = 0;
  form?.addEventListener("cairn:kept", async () => {
    if (!here || !form.dataset.picture) return;
    const turn = ++asked;
    const reply = await fetch(`${location.pathname}?change`).catch(() => null);
    if (!reply?.ok || reply.redirected) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("[data-figure]");
    if (!fresh || turn !== asked || here.querySelector(":active")) return;
    const open = here.querySelector("details")?.open;
    const key = here.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    here.replaceChildren(...fresh.childNodes);
    if (open) here.querySelector("details").open = true;
    form.dispatchEvent(new CustomEvent("cairn:drawn", { detail: key }));
  });
}
