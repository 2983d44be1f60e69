// The list of stacks on the page: exchanged when the choice changes, and longer with every "More".

export class List {
    #results;
    #times;
    #running = null;
    #onChange;

    /** onChange is called when other stacks are on the page; onProblem when the site does not answer. */
    constructor(results, times, onChange, onProblem) {
        this.#results = results;
        this.#times = times;
        this.#onChange = onChange;
        this.onProblem = onProblem;
        results.addEventListener("click", (event) => {
            const more = event.target.closest("#more");
            if (more !== null && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
                event.preventDefault();
                this.#append(more);
            }
        });
    }

    /** Shows the stacks of another address of the gallery. */
    async show(query) {
        const page = await this.#page(`stacks.php?${query}`);
        if (page !== null) {
            this.#results.replaceChildren(...page.getElementById("results").childNodes);
            this.#times.replaceChildren(...page.querySelector(".times").childNodes);
            this.#onChange();
        }
    }

    /** The rows or cards on the page. */
    items() {
        return [...this.#results.querySelectorAll("[data-id]")];
    }

    async #append(more) {
        more.setAttribute("aria-busy", "true");
        const page = await this.#page(more.href);
        if (page === null) {
            more.removeAttribute("aria-busy");
            return;
        }
        const added = [...page.querySelectorAll("#results [data-list] > *")];
        this.#results.querySelector("[data-list]").append(...added);
        const next = page.getElementById("more");
        next === null ? more.remove() : more.replaceWith(next);
        this.#onChange();
        added[0]?.querySelector("a")?.focus({ preventScroll: true });
    }

    /** The page at an address; null if the site does not answer, or if a later one was asked for meanwhile. */
    async #page(address) {
        this.#running?.abort();
        const running = new AbortController();
        this.#running = running;
        try {
            const response = await fetch(address, { headers: { Accept: "text/html" }, signal: running.signal });
            const text = await response.text();
            if (!response.ok || response.redirected) {
                throw new Error(`the site answers ${response.status}`);
            }
            this.onProblem(false);
            return running.signal.aborted ? null : new DOMParser().parseFromString(text, "text/html");
        } catch (error) {
            if (!running.signal.aborted) {
                this.onProblem(true, error);
            }
            return null;
        }
    }
}
