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

  /** A number as the reader's language writes it. */
  number(value, digits = 0) {
    const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return value.toLocaleString(this.language || "en", form);
  }
}
