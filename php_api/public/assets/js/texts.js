/** Between thousands in German, as the site writes them: narrow, and no place to break a line at. */
const NARROW_SPACE = "\u202F";

/**
 * The sentences of a page for its scripts, in the reader's language.
 *
 * The page prints them with $t->script(...); the English sentence is the key. What the page has not printed is said in
 * English. Nothing is escaped here: put texts into textContent, never into innerHTML.
 */
export class Texts {
  /**
   * @param {Record<string, string>} sentences in the reader's language, by the English one
   * @param {string} language such as "de", for numbers
   */
  constructor(sentences, language) {
    this.sentences = sentences;
    this.language = language;
  }

  /** @param {Document} document the page */
  static of(document) {
    const printed = document.getElementById("texts");
    return new Texts(printed === null ? {} : JSON.parse(printed.textContent), document.documentElement.lang);
  }

  /**
   * @param {string} english sentence with `{name}` for each value
   * @param {Record<string, string | number>} values by name
   */
  say(english, values = {}) {
    const sentence = Object.hasOwn(this.sentences, english) ? this.sentences[english] : english;
    return sentence.replace(/\{([a-z_]+)\}/gi, (place, name) => (Object.hasOwn(values, name) ? String(values[name]) : place));
  }

  /** The sentence that fits the number n, which is the value `{n}`. */
  count(n, one, many, values = {}) {
    return this.say(n === 1 ? one : many, { n: this.number(n), ...values });
  }

  /** A number as the reader's language writes it; the site does the same. */
  number(value, digits = 0) {
    return this.#written(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  /** A number without zeros at its end. */
  plain(value, most) {
    return this.#written(value, { maximumFractionDigits: most });
  }

  #written(value, form) {
    const parts = new Intl.NumberFormat(this.language || "en", form).formatToParts(value);
    return parts.map((part) => (part.type === "group" && this.language === "de" ? NARROW_SPACE : part.value)).join("");
  }
}
