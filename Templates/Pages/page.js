"use strict";
// Keeps the page as new as the server has it. Everything works without it.
(function () {
  const usual = 3000;
  const longest = 60000;
  let live = document.querySelector("[data-live]");
  let tag = null;
  let pause = usual;

  function isBusy() {
    const selection = document.getSelection();
    return document.hidden || (selection && !selection.isCollapsed && live.contains(selection.anchorNode));
  }

  function replace(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-live]");
    if (!fresh || fresh.innerHTML === live.innerHTML) return;
    const open = Array.from(live.querySelectorAll("details[open]"), (item) => item.id);
    const focus = document.activeElement && live.contains(document.activeElement) ? document.activeElement : null;
    const place = focus && focus.closest("[id]") ? focus.closest("[id]").id : null;
    const own = document.importNode(fresh, true);
    for (const id of open) {
      const item = own.querySelector("#" + CSS.escape(id));
      if (item) item.open = true;
    }
    live.replaceWith(own);
    live = own;
    const target = place ? document.getElementById(place) : null;
    if (target) (target.querySelector("summary, a, button") || target).focus({ preventScroll: true });
  }

  async function refresh() {
    if (!isBusy()) {
      try {
        const headers = tag ? { "If-None-Match": tag } : {};
        const answer = await fetch(location.href, { headers, credentials: "same-origin", cache: "no-store" });
        if (answer.ok && !answer.redirected) {
          tag = answer.headers.get("ETag");
          replace(await answer.text());
        }
        pause = answer.ok || answer.status === 304 ? usual : Math.min(pause * 2, longest);
      } catch {
        pause = Math.min(pause * 2, longest);
      }
    }
    setTimeout(refresh, pause);
  }

  if (live) setTimeout(refresh, pause);
})();
