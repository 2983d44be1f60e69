/** The table of a stack's stars: a page of it at a time, sorted by the column whose header is clicked. */
import { isDoubtful } from "./marks.js";

const ROWS = 25;

/**
 * Orders stars by a column; stars without a value come last, whichever the direction.
 *
 * @param {object[]} stars @param {string} column @param {boolean} isFalling
 */
export function sorted(stars, column, isFalling) {
  const sign = isFalling ? -1 : 1;
  return [...stars].sort((one, other) => {
    const [a, b] = [one[column], other[column]];
    if (a === null || b === null) {
      return Number(a === null) - Number(b === null);
    }
    return sign * (a - b) || one.id - other.id;
  });
}

export class StarTable {
  /** @param {HTMLElement} root holds the table, whose headers name columns in data-column, and a button for more rows */
  constructor(root, stars, texts) {
    this.body = root.querySelector("tbody");
    this.more = root.querySelector("[data-more]");
    [this.stars, this.texts] = [stars, texts];
    [this.column, this.isFalling, this.shown] = ["mag_g", false, ROWS];
    this.headers = [...root.querySelectorAll("th[data-column]")];
    for (const header of this.headers) {
      header.querySelector("button").addEventListener("click", () => this.sortBy(header.dataset.column));
    }
    this.more.addEventListener("click", () => {
      this.shown += 4 * ROWS;
      this.draw();
    });
    root.hidden = false;
    this.draw();
  }

  sortBy(column) {
    this.isFalling = column === this.column && !this.isFalling;
    [this.column, this.shown] = [column, ROWS];
    this.draw();
  }

  draw() {
    for (const header of this.headers) {
      const order = this.isFalling ? "descending" : "ascending";
      header.setAttribute("aria-sort", header.dataset.column === this.column ? order : "none");
    }
    const stars = sorted(this.stars, this.column, this.isFalling);
    this.body.replaceChildren(...stars.slice(0, this.shown).map((star) => this.row(star)));
    this.more.hidden = stars.length <= this.shown;
    this.more.textContent = this.texts.say("Show more of {n} stars", { n: this.texts.number(stars.length) });
  }

  row(star) {
    const row = document.createElement("tr");
    const link = document.createElement("a");
    link.href = `star.php?id=${star.id}`;
    link.textContent = this.texts.say("Star {id}", { id: star.id });
    const name = document.createDocumentFragment();
    name.append(link);
    if (isDoubtful(star)) {
      name.append(` ${this.texts.say("doubtful")}`);
    }
    const cells = [name, this.number(star.mag_g, 3), this.number(star.error_g, 3), this.number(star.mag_r, 3), this.number(star.mag_b, 3), this.number(star.fwhm_px, 1)];
    row.append(...cells.map((content) => cell(content)));
    return row;
  }

  number(value, digits) {
    return value === null ? "–" : this.texts.number(value, digits);
  }
}

function cell(content) {
  const made = document.createElement("td");
  made.append(content);
  return made;
}
