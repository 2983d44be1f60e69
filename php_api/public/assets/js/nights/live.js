/**
 * Keeps a part of a page up to date: asks for the page again and takes that part from the answer, until it says that
 * nothing in it changes any more. While somebody uses a form or a list in it, or the page is hidden, it stays as it is.
 */

/** Milliseconds between two questions. */
export const INTERVAL_MS = 5000;
/** Longest pause while the site does not answer. */
export const LONGEST_MS = 60000;

export class LivePart {
  /**
   * @param {Document} document the page
   * @param {(address: string) => Promise<string | null>} ask text of a page; null when it was answered by another one
   * @param {(html: string) => Document} parse
   */
  constructor(document, ask, parse) {
    this.document = document;
    this.ask = ask;
    this.parse = parse;
    this.pause = INTERVAL_MS;
  }

  get element() {
    return this.document.getElementById("live");
  }

  /** Whether it still changes. */
  get isLive() {
    return this.element?.hasAttribute("data-live") ?? false;
  }

  /** Whether replacing it would take something away from the reader. */
  get isInUse() {
    return this.element.querySelector("details[open]") !== null || this.element.contains(this.document.activeElement);
  }

  /** Asks once, and returns the milliseconds until the next time; null when nothing changes any more. */
  async refresh(address) {
    if (!this.isLive) return null;
    if (this.document.hidden || this.isInUse) return INTERVAL_MS;
    try {
      const html = await this.ask(address);
      const fresh = html === null ? null : this.parse(html).getElementById("live");
      // Somebody may have opened a form while the answer was on its way.
      if (fresh !== null && !this.isInUse) this.element.replaceWith(fresh);
      this.pause = INTERVAL_MS;
    } catch {
      this.pause = Math.min(2 * this.pause, LONGEST_MS);
    }
    return this.isLive ? this.pause : null;
  }
}
