// The map with its tools, and what it says about the stacks under the pointer.

import { NO_DAY, dayText } from "./points.js";
import { placeText } from "./sky.js";
import { SkyMap } from "./sky-map.js";

const NAMES = 3;
const ZOOM = 1.6;

export class MapPanel {
    #element;
    #texts;
    #points = null;
    #map;
    #hint;

    /** pick(numbers of the points, isAdded) is called for a selection. */
    constructor(element, texts, pick) {
        this.#element = element;
        this.#texts = texts;
        this.#hint = element.querySelector("#sky-hint");
        this.#map = new SkyMap(element.querySelector("canvas"), { pick, hover: (what) => this.#say(what) });
        element.querySelectorAll(".sky-tools, .sky-legend").forEach((part) => (part.hidden = false));
        element.addEventListener("click", (event) => this.#press(event.target.closest("button")));
    }

    setPoints(points) {
        this.#points = points;
        this.#map.setPoints(points);
    }

    setMarks(isShown, isPicked) {
        this.#map.setMarks(isShown, isPicked);
    }

    #press(button) {
        if (button?.dataset.tool) {
            this.#map.setTool(button.dataset.tool);
            this.#element.querySelectorAll("[data-tool][aria-pressed]").forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
        } else if (button?.dataset.zoom === "all") {
            this.#map.showAll();
        } else if (button?.dataset.zoom) {
            this.#map.zoom(button.dataset.zoom === "in" ? ZOOM : 1 / ZOOM);
        }
    }

    #say(what) {
        this.#hint.hidden = what === null;
        if (what !== null) {
            this.#hint.replaceChildren(...this.#lines(what).map((text) => Object.assign(document.createElement("span"), { textContent: text })));
            this.#hint.style.setProperty("--x", `${what.x}px`);
            this.#hint.style.setProperty("--y", `${what.y}px`);
            this.#hint.classList.toggle("left", what.x > this.#element.clientWidth / 2);
        }
    }

    #lines({ numbers, place }) {
        const { days, names, nameList } = this.#points ?? { days: [], names: [], nameList: [] };
        if (numbers.length === 0) {
            return [placeText(place, this.#texts)];
        }
        const counts = new Map();
        numbers.filter((i) => names[i] >= 0).forEach((i) => counts.set(names[i], (counts.get(names[i]) ?? 0) + 1));
        const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, NAMES).map(([name]) => nameList[name]);
        const known = numbers.map((i) => days[i]).filter((day) => day !== NO_DAY);
        const [first, last] = [Math.min(...known), Math.max(...known)];
        const time = known.length === 0 ? [] : [first === last ? dayText(first) : this.#texts.say("{from} to {to}", { from: dayText(first), to: dayText(last) })];
        const title = most.length === 0 ? [] : [most.join(", ") + (counts.size > NAMES ? ", …" : "")];
        return [...title, this.#texts.count(numbers.length, "1 stack here", "{n} stacks here"), ...time];
    }
}
