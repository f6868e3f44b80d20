// One slide at a time, by keyboard, button or address. A slide is a section in a section, as nbconvert makes them.
"use strict";
(() => {
  const HEIGHT = 680, WIDTH = 1280, BAR = 36;
  const root = document.documentElement, stage = document.querySelector(".stage");
  const slides = [...stage.querySelectorAll(":scope > section > section")];
  const speaker = document.querySelector(".speaker"), place = document.querySelector(".place");
  const keys = document.querySelector(".keys"), noted = document.querySelector("[data-key=n]");
  let current = 0;

  const notesOf = (slide) => [...slide.querySelectorAll("aside.notes")].map((one) => one.innerHTML).join("");

  function scale() {
    const room = innerHeight - BAR - (speaker.hidden ? 0 : speaker.offsetHeight);
    const by = Math.min(innerWidth / WIDTH, room / HEIGHT);
    stage.style.transform = `scale(${by}) translateX(-50%)`;
  }

  function show(number, focus = true) {
    current = Math.max(0, Math.min(slides.length - 1, number));
    slides.forEach((slide, index) => slide.classList.toggle("present", index === current));
    const slide = slides[current];
    slide.classList.remove("scrolls");
    slide.scrollTop = 0;
    slide.classList.toggle("scrolls", slide.scrollHeight > slide.clientHeight + 1);
    speaker.innerHTML = notesOf(slide) || "<p>No notes on this slide.</p>";
    place.textContent = `${current + 1} / ${slides.length}`;
    history.replaceState(null, "", `#${current + 1}`);
    if (focus) slide.focus({ preventScroll: true });
  }

  function section(step) {
    const parents = [...new Set(slides.map((slide) => slide.parentElement))];
    const at = parents.indexOf(slides[current].parentElement);
    const first = slides.indexOf(parents[at].querySelector("section"));
    const back = step < 0 && current > first;  // first to where this section begins
    const target = back ? parents[at] : parents[Math.max(0, Math.min(parents.length - 1, at + step))];
    show(slides.indexOf(target.querySelector("section")));
  }

  function vertical(step) {
    const slide = slides[current];
    const rest = step > 0 ? slide.scrollHeight - slide.clientHeight - slide.scrollTop : slide.scrollTop;
    if (rest > 1) slide.scrollBy({ top: step * 200 });
    else section(step);
  }

  function notes() {
    speaker.hidden = !speaker.hidden;
    noted.setAttribute("aria-pressed", String(!speaker.hidden));
    root.classList.toggle("with-notes", !speaker.hidden);
    scale();
  }

  const does = {
    ArrowRight: () => show(current + 1), PageDown: () => show(current + 1),
    ArrowLeft: () => show(current - 1), PageUp: () => show(current - 1),
    ArrowDown: () => vertical(1), ArrowUp: () => vertical(-1),
    Home: () => show(0), End: () => show(slides.length - 1),
    n: notes, i: () => { location.href = "index.html"; }, "?": () => keys.showModal(),
    f: () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen()),
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || keys.open) return;
    if (speaker.contains(event.target) && event.key.startsWith("Arrow")) return;  // the notes scroll
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = key === " " ? does[event.shiftKey ? "ArrowLeft" : "ArrowRight"] : does[key];
    if (!act || (key === " " && event.target.closest("a, button, summary"))) return;
    event.preventDefault();
    act();
  });
  document.querySelectorAll(".bar [data-key]").forEach((button) =>
    button.addEventListener("click", () => does[button.dataset.key]()));
  addEventListener("resize", scale);
  addEventListener("hashchange", () => show(Number(location.hash.slice(1)) - 1 || 0));

  slides.forEach((slide, index) => {
    slide.tabIndex = -1;
    slide.setAttribute("role", "group");
    slide.setAttribute("aria-roledescription", "slide");
    slide.setAttribute("aria-label", `Slide ${index + 1} of ${slides.length}`);
  });
  root.classList.add("js");
  scale();
  show(Number(location.hash.slice(1)) - 1 || 0, false);
})();
