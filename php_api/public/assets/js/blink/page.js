// Lays the second picture on the first and shows them in turns or side by side.

import { Texts } from "../texts.js";
import { transform } from "./alignment.js";

/** Milliseconds for which a picture is shown at speed 1. */
const SLOWEST = 2400;

class Blink {
    #root = document.getElementById("blink");
    #texts = Texts.of(document);
    #figures = [...this.#root.querySelectorAll("figure")];
    #plates = this.#figures.map((figure) => JSON.parse(figure.dataset.plate));
    #mode = "blink";
    #shown = 0;
    #timer = null;

    start() {
        this.#root.querySelector(".blink-tools").hidden = false;
        this.#root.classList.add("is-aligned");
        this.#root.addEventListener("click", (event) => this.#press(event.target.closest("button")));
        this.#part("[data-speed]").addEventListener("input", () => this.#play(this.#timer !== null));
        addEventListener("keydown", (event) => this.#key(event));
        new ResizeObserver(() => this.#lay()).observe(this.#root);
        const [{ width, height }] = this.#plates;
        this.#root.style.setProperty("--shape", String(width / height));
        this.#setMode("blink");
        this.#play(!matchMedia("(prefers-reduced-motion: reduce)").matches);
    }

    /** Turns and stretches the second picture so that its stars are on those of the first. */
    #lay() {
        const [first, second] = this.#plates;
        const width = this.#figures[0].querySelector(".pane").clientWidth || this.#figures[1].querySelector(".pane").clientWidth;
        this.#part("[data-number='1'] img").style.setProperty("transform", transform(second, width / second.width, first, width / first.width));
    }

    #press(button) {
        if (button?.dataset.mode) {
            this.#setMode(button.dataset.mode);
        } else if (button?.hasAttribute("data-play")) {
            this.#play(this.#timer === null);
        } else if (button?.hasAttribute("data-swap")) {
            this.#play(false);
            this.#show(1 - this.#shown);
        }
    }

    #key(event) {
        const isFree = !["INPUT", "BUTTON", "SELECT", "A"].includes(event.target.tagName);
        if (event.key === " " && isFree) {
            event.preventDefault();
            this.#play(this.#timer === null);
        }
    }

    #setMode(mode) {
        this.#mode = mode;
        this.#root.dataset.mode = mode;
        this.#root.querySelectorAll("[data-mode][aria-pressed]").forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.mode === mode)));
        for (const selector of ["[data-play]", "[data-swap]", "[data-speed]"]) {
            this.#part(selector).disabled = mode !== "blink";
        }
        this.#show(0);
        this.#lay();
    }

    #play(isPlaying) {
        clearInterval(this.#timer);
        const pause = SLOWEST / Number(this.#part("[data-speed]").value);
        this.#timer = isPlaying ? setInterval(() => this.#mode === "blink" && this.#show(1 - this.#shown), pause) : null;
        this.#part("[data-play]").textContent = this.#texts.say(isPlaying ? "Pause" : "Play");
    }

    #show(number) {
        this.#shown = number;
        this.#figures.forEach((figure, at) => figure.classList.toggle("is-shown", at === number));
    }

    #part(selector) {
        return this.#root.querySelector(selector);
    }
}

if (document.getElementById("blink").hasAttribute("data-aligned")) {
    new Blink().start();
}
