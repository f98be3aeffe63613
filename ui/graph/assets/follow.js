/* A link that narrows what is on this page is followed without loading the page again; without this script it is a link
   like any other, and with Ctrl, Shift or the middle button it opens where the reader wants it. */
let there, listening;

function follow(event) {
  const anchor = event.target.closest?.("a.here");
  if (!anchor || !there || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  there.setTriggerValue("query", anchor.search.slice(1));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.querySelector(".st-key-lists")?.scrollIntoView({ behavior: still ? "auto" : "smooth" });
}

export default function (component) {
  there = component;
  if (!listening) document.addEventListener("click", follow);
  listening = true;
  return () => { there = undefined; };
}
