// Starts a deck: formulas first, then reveal.js, then each slide's text as large as it fits.

const [LARGEST, SMALLEST, STEP] = [40, 28, 1];

const ROOM = 1200;

const width = (formula) => formula.querySelector("mjx-container")?.scrollWidth ?? 0;

/** Give a formula the size of the text, or less if it is too wide; break it if even that is. */
function fitFormula(formula, largest) {
  for (let size = largest; size >= SMALLEST; size -= STEP) {
    formula.style.fontSize = `${size}px`;
    if (width(formula) <= ROOM) return;
  }
  if (!formula.dataset.broken) return;
  formula.textContent = formula.dataset.broken;
  delete formula.dataset.broken;
  MathJax.typeset([formula]);
  fitFormula(formula, largest);
}

const fits = (slide) =>
  slide.scrollHeight <= slide.clientHeight &&
  [...slide.querySelectorAll(":scope > *, table")].every(
    (part) => part.matches("aside, .formula, .live-playground") || part.scrollWidth <= ROOM
  ) &&
  [...slide.querySelectorAll(".figure")].every((figure) => figure.clientHeight >= 260);

/** Give the slide the largest text with which everything has room. */
function fit(slide) {
  if (!slide || slide.dataset.fitted) return;
  for (let size = LARGEST; size >= SMALLEST; size -= STEP) {
    slide.style.fontSize = `${size}px`;
    for (const formula of slide.querySelectorAll(".formula")) fitFormula(formula, size);
    if (fits(slide)) break;
  }
  slide.dataset.fitted = slide.style.fontSize;
}

/** A playground is drawn for a page: it gets the room that there is, and can be moved in it. */
function enlarge(slide) {
  for (const place of slide?.querySelectorAll(".live-playground") ?? []) {
    const picture = place.shadowRoot.querySelector(".kernel-playground");
    picture.style.zoom = 1;
    const room = slide.clientHeight - 40 - place.offsetTop;
    place.style.height = `${room}px`;
    const across = ROOM / picture.offsetWidth;
    picture.style.zoom = Math.max(1, Math.min(across, room / picture.offsetHeight));
  }
}

await MathJax.startup.promise;
await MathJax.typesetPromise();
await document.fonts.ready;
const styles = [...document.querySelectorAll(".live-playground")].map((place) =>
  place.shadowRoot.querySelector("link")
);
await Promise.all(
  styles.map((style) => style.sheet || new Promise((done) => (style.onload = style.onerror = done)))
);

await Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0,
  minScale: 0.1,
  maxScale: 5,
  center: false,
  display: "flex",
  hash: true,
  slideNumber: "c/t",
  transition: "none",
  plugins: [RevealNotes, RevealZoom],
  // Arrow keys that a question or a live picture listens to do not turn the page.
  keyboardCondition: (event) =>
    !event.target.closest?.(".course-question input, .live-playground"),
});

const show = (slide) => {
  enlarge(slide);
  fit(slide);
};
Reveal.on("slidechanged", ({ currentSlide }) => show(currentSlide));
document.addEventListener("submit", ({ target }) => {
  const slide = target.closest("section");
  delete slide.dataset.fitted;
  requestAnimationFrame(() => show(slide));
});
show(Reveal.getCurrentSlide());
document.body.dataset.ready = "true";
