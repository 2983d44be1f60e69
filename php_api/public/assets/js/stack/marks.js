/** Draws the stars and objects of a stack over its picture, as SVG in pixels of the stack. */
const SVG = "http://www.w3.org/2000/svg";
const DOUBTFUL = 63;
const FIRST_TIER = 80;
const FAINT_RADIUS = 4;
const RADIUS_OF_A_MAG = 1.6;

/**
 * @param {SVGElement} layer empty, of the size of the picture
 * @param {{width: number, height: number, objects: object[], stars: object[] | null}} marks
 * @param {(star: object) => void} chosen is called for a star that is clicked
 */
export function draw(layer, marks, chosen) {
  layer.setAttribute("viewBox", `0 0 ${marks.width} ${marks.height}`);
  const stars = marks.stars ?? [];
  const faintest = faintestOf(stars);
  const circles = stars.map((star, place) => starMark(star, place, faintest));
  layer.replaceChildren(group("stars", tiers(circles)), group("objects", marks.objects.map(objectMark)));
  layer.querySelector(".stars").addEventListener("click", (event) => {
    const star = stars[Number(event.target.dataset.place)];
    if (star !== undefined) {
      chosen(star);
    }
  });
}

/** Shows as many stars, the brightest ones, as there is room for at a zoom. */
export function showFor(layer, zoom) {
  for (const tier of layer.querySelectorAll("[data-from-zoom]")) {
    tier.toggleAttribute("hidden", zoom < Number(tier.dataset.fromZoom));
  }
}

/** Groups marks, brightest first: each further zoom by two shows four times as many. */
function tiers(circles) {
  const groups = [];
  for (let [start, zoom] = [0, 1]; start < circles.length; zoom *= 2) {
    const end = FIRST_TIER * zoom ** 2;
    const tier = group("", circles.slice(start, end));
    tier.dataset.fromZoom = zoom;
    groups.push(tier);
    start = end;
  }
  return groups;
}

/** Radius of a star's mark in CSS pixels: brighter stars have larger ones. */
export function radiusOf(star, faintest) {
  const above = star.mag_g === null || faintest === null ? 0 : faintest - star.mag_g;
  return FAINT_RADIUS + RADIUS_OF_A_MAG * Math.max(0, above);
}

export function faintestOf(stars) {
  const mags = stars.map((star) => star.mag_g).filter((mag) => mag !== null);
  return mags.length === 0 ? null : mags.reduce((one, other) => Math.max(one, other));
}

/** Whether something spoils the measurement: see StarFlag. */
export function isDoubtful(star) {
  return (star.flags & DOUBTFUL) !== 0;
}

function starMark(star, place, faintest) {
  const mark = element("circle", isDoubtful(star) ? "doubtful" : "good");
  // The centre of the first pixel is 0; its corner is the corner of the drawing.
  mark.setAttribute("cx", star.x + 0.5);
  mark.setAttribute("cy", star.y + 0.5);
  mark.setAttribute("r", 6);
  mark.style.setProperty("--size", `${radiusOf(star, faintest).toFixed(1)}px`);
  mark.dataset.place = place;
  return mark;
}

function objectMark(object) {
  const mark = element("g", "object");
  const shape = element("circle", "");
  shape.setAttribute("cx", object.x + 0.5);
  shape.setAttribute("cy", object.y + 0.5);
  shape.setAttribute("r", object.radius ?? 12);
  const label = element("text", "");
  label.setAttribute("x", object.x + 0.5);
  label.setAttribute("y", object.y + 0.5 - (object.radius ?? 12));
  label.textContent = object.name;
  const title = element("title", "");
  title.textContent = [object.name, ...object.other_names, object.type].join(", ");
  mark.append(shape, label, title);
  return mark;
}

function group(name, marks) {
  const made = element("g", name);
  made.append(...marks);
  return made;
}

function element(name, className) {
  const made = document.createElementNS(SVG, name);
  if (className !== "") {
    made.setAttribute("class", className);
  }
  return made;
}
