// The bar with what is selected and the downloads: keeps check boxes and selection alike, and fills in the form.

const FIELDS = ["of", "object", "telescope", "filter", "from", "to", "minutes", "seeing", "solved"];

export class SelectionBar {
    #form;
    #list;
    #picked;
    #texts;
    #most;
    #matching = 0;

    /** most is the number of stacks that one ZIP file holds. */
    constructor(form, list, picked, texts, most) {
        this.#form = form;
        this.#list = list;
        this.#picked = picked;
        this.#texts = texts;
        this.#most = most;
        form.addEventListener("change", (event) => {
            const item = event.target.closest("[data-id]");
            if (item !== null) {
                this.#picked.set(Number(item.dataset.id), event.target.checked);
            }
            this.#update();
        });
        form.addEventListener("submit", (event) => this.#submit(event));
        this.#part("#clear").addEventListener("click", () => this.#picked.take([], false));
        picked.onChange(() => this.mark());
        this.#update();
    }

    /** Checks the boxes of what is selected; to be called when other stacks are on the page. */
    mark() {
        for (const item of this.#list.items()) {
            const check = item.querySelector("input[type=checkbox]");
            if (check !== null) {
                check.checked = this.#picked.has(Number(item.dataset.id));
                item.classList.toggle("is-picked", check.checked);
            }
        }
        this.#update();
    }

    /** Says how many stacks match what is chosen. */
    setMatching(count) {
        this.#matching = count;
        this.#part("#all-label").textContent = this.#texts.say("All {n} that match", { n: this.#texts.number(count) });
        this.#update();
    }

    /** Repeats what is chosen in the form, for "all that match". */
    setChoice(choice) {
        const kept = [...this.#form.querySelectorAll("input[type=hidden]")].filter((field) => FIELDS.includes(field.name));
        kept.forEach((field) => field.remove());
        for (const name of FIELDS.filter((field) => choice[field])) {
            this.#form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: choice[name] }));
        }
    }

    #update() {
        const all = this.#form.elements.all.checked;
        const count = all ? this.#matching : this.#picked.size;
        const isTooMany = count > this.#most;
        const text = count === 0 ? this.#texts.say("None selected") : this.#texts.say("{n} selected", { n: this.#texts.number(count) });
        this.#part("#picked").textContent = isTooMany ? `${text}. ${this.#texts.say("More than one ZIP file holds; take a list.")}` : text;
        this.#part("#clear").hidden = this.#picked.size === 0;
        const [latest, earlier] = this.#picked.size === 2 ? this.#picked.list() : [];
        this.#part("#blink-two").hidden = latest === undefined;
        this.#part("#blink-two").href = `blink.php?a=${earlier}&b=${latest}`;
        this.#part("#selection-bar").classList.toggle("is-idle", count === 0);
        for (const button of this.#form.querySelectorAll("button[name=form]")) {
            button.disabled = count === 0 || (isTooMany && button.value === "zip");
        }
    }

    #submit(event) {
        this.#form.elements.ids.value = this.#form.elements.all.checked ? "" : this.#picked.list().join(",");
        const checks = this.#list.items().map((item) => item.querySelector("input[type=checkbox]"));
        checks.forEach((check) => (check.name = ""));
        setTimeout(() => checks.forEach((check) => (check.name = "stack[]")));
        if (event.submitter === null) {
            event.preventDefault();
        }
    }

    #part(selector) {
        return this.#form.querySelector(selector);
    }
}
