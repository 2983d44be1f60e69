/** The picture of a stack: zoom, marks, and a stretch of the reader's own. Without this script the picture is a link. */
import { Texts } from "../texts.js";
import { listen, STEPS } from "./gestures.js";
import { draw, showFor } from "./marks.js";
import { readPreview } from "./png16.js";
import { StarTable } from "./star_table.js";
import { stretched } from "./stretch.js";
import { View } from "./view.js";

const ZOOM_OF_THE_FULL_PICTURE = 1.3;

class Viewer {
  constructor(root, texts) {
    [this.root, this.texts] = [root, texts];
    this.frame = root.querySelector("[data-frame]");
    this.stage = root.querySelector("[data-stage]");
    this.picture = root.querySelector("img");
    this.canvas = root.querySelector("canvas");
    this.layer = root.querySelector("svg");
    this.star = root.querySelector("[data-star]");
    this.view = new View(...this.sizes());
    root.classList.add("ready");
    listen(this.frame, this.view, () => this.show());
    new ResizeObserver(() => {
      this.view.resize(...this.sizes());
      this.show();
    }).observe(this.frame);
    for (const button of root.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => {
        STEPS[button.dataset.step](this.view);
        this.show();
      });
    }
    for (const choice of root.querySelectorAll("[data-marks]")) {
      choice.addEventListener("change", () => this.showMarks());
    }
    for (const choice of root.querySelectorAll("[data-stretch]")) {
      choice.addEventListener("input", () => this.stretch());
    }
    this.show();
  }

  /** Sizes of the picture, which is as wide as its frame, and of the frame. */
  sizes() {
    const frame = { width: this.frame.clientWidth, height: this.frame.clientHeight };
    const ratio = this.picture.naturalWidth > 0 ? this.picture.naturalHeight / this.picture.naturalWidth : frame.height / frame.width;
    return [{ width: frame.width, height: frame.width * ratio }, frame];
  }

  show() {
    const { x, y, scale } = this.view;
    this.stage.style.setProperty("transform", `translate(${x}px, ${y}px) scale(${scale})`);
    this.root.classList.toggle("zoomed", !this.view.isFitted);
    if (this.marks?.width) {
      this.layer.style.setProperty("--unit", this.marks.width / (this.view.picture.width * scale));
      this.layer.style.setProperty("--zoom", scale);
      showFor(this.layer, scale);
    }
    if (scale > ZOOM_OF_THE_FULL_PICTURE && this.root.dataset.full !== undefined) {
      this.picture.src = this.root.dataset.full;
      delete this.root.dataset.full;
    }
  }

  async showMarks() {
    const wanted = Object.fromEntries([...this.root.querySelectorAll("[data-marks]")].map((choice) => [choice.dataset.marks, choice.checked]));
    const isWanted = Object.values(wanted).includes(true);
    if (isWanted && !(await this.loadMarks())) {
      return;
    }
    for (const [kind, isShown] of Object.entries(wanted)) {
      this.layer.classList.toggle(`with-${kind}`, isShown);
    }
    this.layer.toggleAttribute("hidden", !isWanted);
    this.show();
  }

  async loadMarks() {
    this.marks ??= await this.fetched(this.root.dataset.marks, (answer) => answer.json());
    if (this.marks !== null && this.layer.childElementCount === 0 && this.marks.width !== null) {
      draw(this.layer, this.marks, (star) => this.tell(star));
    }
    return this.marks !== null;
  }

  /** Says of a star how bright it is, with the way to its light curve. */
  tell(star) {
    const link = document.createElement("a");
    link.href = `star.php?id=${star.id}`;
    link.textContent = this.texts.say("Light curve of star {id}", { id: star.id });
    const mags = [["mag_g", "Green"], ["mag_r", "Red"], ["mag_b", "Blue"]]
      .filter(([column]) => star[column] !== null)
      .map(([column, name]) => `${this.texts.say(name)} ${this.texts.number(star[column], 2)} mag`);
    this.star.replaceChildren(`${mags.join(", ")} `, link);
    this.star.hidden = false;
    for (const mark of this.layer.querySelectorAll(".chosen")) {
      mark.classList.remove("chosen");
    }
    const place = this.marks.stars.indexOf(star);
    this.layer.querySelector(`[data-place="${place}"]`)?.classList.add("chosen");
  }

  async stretch() {
    const choices = this.root.querySelector("[data-choices]").elements;
    const isOwn = choices.stretch.value === "own";
    this.root.classList.toggle("own-stretch", isOwn);
    if (!isOwn) {
      return;
    }
    this.preview ??= await this.fetched(this.root.dataset.preview, async (answer) => readPreview(await answer.arrayBuffer()));
    if (this.preview === null) {
      return;
    }
    const { width, height } = this.preview.facts;
    const choice = { black: Number(choices.black.value), strength: Number(choices.strength.value), isLinked: choices.linked.checked };
    [this.canvas.width, this.canvas.height] = [width, height];
    this.canvas.getContext("2d").putImageData(new ImageData(stretched(this.preview, choice), width, height), 0, 0);
  }

  /** Fetches and reads something; null, and a sentence in the page, when that fails. */
  async fetched(address, read) {
    const problem = this.root.querySelector("[data-problem]");
    problem.hidden = true;
    try {
      const answer = await fetch(address);
      if (!answer.ok) {
        throw new Error(this.texts.say("the site answered with {status}", { status: answer.status }));
      }
      return await read(answer);
    } catch (error) {
      problem.textContent = this.texts.say("This could not be loaded: {reason}.", { reason: error.message });
      problem.hidden = false;
      return null;
    }
  }
}

async function start() {
  const root = document.querySelector("[data-viewer]");
  const texts = Texts.of(document);
  const viewer = new Viewer(root, texts);
  const table = document.querySelector("[data-star-table]");
  if (table !== null && (await viewer.loadMarks()) && viewer.marks.stars?.length > 0) {
    new StarTable(table, viewer.marks.stars, texts);
  }
}

start();
