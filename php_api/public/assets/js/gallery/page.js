// The page of the gallery: what is chosen decides what the list, the timeline and the map show.

import { Texts } from "../texts.js";
import { choiceOf, factsQuery, queryOf } from "./choice.js";
import { List } from "./list.js";
import { MapPanel } from "./map-panel.js";
import { Picked } from "./picked.js";
import { decode, dayNumber, dayText, matching } from "./points.js";
import { SelectionBar } from "./selection-bar.js";
import { Timeline } from "./timeline.js";

const FIRST_DAY = 0;
const LAST_DAY = 65534;
/** Stacks of a selection whose pictures are shown below the map. */
const MOST_SHOWN = 60;

const one = (id) => document.getElementById(id);

class Gallery {
    #root = one("gallery");
    #filters = one("filters");
    #texts = Texts.of(document);
    #choice = choiceOf(location.search);
    #points = null;
    #isMatch = new Uint8Array(0);
    #isShown = new Uint8Array(0);
    #picked = new Picked(sessionStorage, `picked-${this.#root.dataset.reader}-${this.#root.dataset.of}`);
    #list = new List(one("results"), document.querySelector(".times"), () => this.#bar?.mark(), (isOffline) => this.#report(isOffline));
    #bar = one("selection-bar") === null ? null : new SelectionBar(one("selection"), this.#list, this.#picked, this.#texts, Number(this.#root.dataset.zipStacks));
    #timeline = new Timeline(one("timeline-canvas"), {
        brush: (days) => this.#mark(days),
        words: (days) => (days === null ? this.#texts.say("The whole time") : this.#texts.say("{from} to {to}", { from: dayText(days[0]), to: dayText(days[1]) })),
        choose: (days) => this.#go({ ...this.#choice, from: days === null ? "" : dayText(days[0]), to: days === null ? "" : dayText(days[1]) }),
    });
    #map = one("sky") === null ? null : new MapPanel(one("sky"), this.#texts, (numbers, isAdded) => this.#pick(numbers, isAdded));

    async start() {
        this.#filters.addEventListener("submit", (event) => {
            event.preventDefault();
            this.#go(choiceOf(new URLSearchParams(new FormData(this.#filters))));
        });
        one("f-order").addEventListener("change", () => this.#filters.requestSubmit());
        document.querySelector(".times").addEventListener("click", (event) => this.#follow(event));
        addEventListener("popstate", () => this.#show(choiceOf(location.search)));
        this.#picked.onChange(() => this.#mark(this.#time()));
        this.#bar?.mark();
        try {
            const response = await fetch(`stacks_map.php?of=${this.#root.dataset.of}`);
            this.#points = decode(await response.arrayBuffer());
        } catch (error) {
            this.#report(true);
            throw error;
        }
        one("timeline").hidden = false;
        this.#map?.setPoints(this.#points);
        one("objects").append(...[...this.#points.nameList].sort().map((name) => new Option(name)));
        await this.#match();
    }

    /** Chooses something and adds it to the history of the browser. */
    #go(choice) {
        const query = queryOf(choice);
        history.pushState(null, "", query === "" ? "stacks.php" : `stacks.php?${query}`);
        this.#show(choice);
    }

    #follow(event) {
        const link = event.target.closest("a");
        if (link !== null && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
            event.preventDefault();
            this.#go(choiceOf(new URL(link.href).search));
        }
    }

    #show(choice) {
        const facts = factsQuery(this.#choice);
        this.#choice = choice;
        for (const field of this.#filters.elements) {
            if (field.name && field.type !== "hidden") {
                field.value = choice[field.name] ?? "";
            }
        }
        this.#bar?.setChoice(choice);
        this.#list.show(queryOf(choice));
        if (this.#points !== null) {
            facts === factsQuery(choice) ? this.#mark(this.#time()) : this.#match();
        }
    }

    /** Asks which stacks match, if not simply all do. */
    async #match() {
        const query = factsQuery(this.#choice);
        const { ids, count } = this.#points;
        if (query === null) {
            this.#isMatch = new Uint8Array(count).fill(1);
        } else {
            const isMatch = matching(await (await fetch(`stacks_ids.php?${query}`)).arrayBuffer());
            this.#isMatch = Uint8Array.from(ids, (id) => Number(isMatch(id)));
        }
        this.#timeline.setStacks(this.#points.days, this.#isMatch);
        this.#mark(this.#time());
    }

    /** The time that is chosen, as [first, last] day; null for all. */
    #time() {
        const [from, to] = [dayNumber(this.#choice.from), dayNumber(this.#choice.to)];
        return from === null && to === null ? null : [from ?? FIRST_DAY, to ?? LAST_DAY];
    }

    /** Marks what is shown and selected for a time. */
    #mark(time) {
        if (this.#points === null) {
            return;
        }
        const { days, ids, count } = this.#points;
        this.#isShown = this.#isMatch.map((match, i) => (match && (time === null || (days[i] >= time[0] && days[i] <= time[1])) ? 1 : 0));
        const isPicked = Uint8Array.from(ids, (id) => (this.#picked.has(id) ? 1 : 0));
        const shown = this.#isShown.reduce((sum, mark) => sum + mark, 0);
        this.#timeline.setChosen(time);
        this.#map?.setMarks(this.#isShown, isPicked);
        this.#bar?.setMatching(shown);
        const all = this.#texts.number(count);
        one("found").textContent =
            shown === count ? this.#texts.count(count, "1 stack", "{n} stacks") : this.#texts.say("{n} of {all} stacks", { n: this.#texts.number(shown), all });
    }

    /** Selects points of the map and shows their pictures below it. */
    #pick(numbers, isAdded) {
        this.#picked.take(numbers.map((i) => this.#points.ids[i]), isAdded);
        const query = queryOf({ ...this.#choice });
        const ids = this.#picked.list().slice(0, MOST_SHOWN).join(",");
        this.#list.show(ids === "" ? query : `${query}&ids=${ids}`);
    }

    #report(isOffline) {
        one("found").classList.toggle("problem", isOffline);
        if (isOffline) {
            one("found").textContent = this.#texts.say("The site does not answer. What you see may be out of date.");
        }
    }
}

new Gallery().start();
