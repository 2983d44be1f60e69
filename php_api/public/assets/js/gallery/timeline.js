// The timeline: how many stacks there are at which time, and a brush that limits it.

import { histogram, span } from "./histogram.js";
import { dayText } from "./points.js";
import { chosenAfter } from "./timeline-keys.js";

const BAR = 6;
const WIDEST = 24;
const FOOT = 18;
const LEAST = 3;
/** Milliseconds without a further key after which the time is chosen. */
const KEY_MS = 400;

/** How much of YYYY-MM-DD tells the ticks of so many days apart. */
function lettersOf(days) {
    if (days > 1000) {
        return 4;
    }
    return days > 90 ? 7 : 10;
}

export class Timeline {
    #canvas;
    #context;
    #days = new Uint16Array(0);
    #isMatch = new Uint8Array(0);
    #span = null;
    #bins = [];
    #chosen = null;
    #drag = null;
    #pending = false;
    #keyTimer = null;
    #events;

    /**
     * events: brush([first, last] or null) while it is drawn, choose([first, last] or null) at its end; days as numbers.
     * words([first, last] or null) says a time.
     */
    constructor(canvas, events) {
        this.#canvas = canvas;
        this.#context = canvas.getContext("2d");
        this.#events = events;
        new ResizeObserver(() => this.#resize()).observe(canvas);
        canvas.addEventListener("pointerdown", (event) => {
            canvas.setPointerCapture(event.pointerId);
            this.#drag = [event.offsetX, event.offsetX];
        });
        canvas.addEventListener("pointermove", (event) => this.#brush(event.offsetX));
        canvas.addEventListener("pointerup", () => this.#release());
        canvas.addEventListener("pointercancel", () => {
            this.#drag = null;
        });
        canvas.addEventListener("dblclick", () => this.#choose(null));
        canvas.addEventListener("keydown", (event) => this.#press(event));
        canvas.addEventListener("blur", () => this.#endKeys());
    }

    /** Shows the days of all stacks, of which isMatch marks those that match the other filters. */
    setStacks(days, isMatch) {
        this.#days = days;
        this.#isMatch = isMatch;
        this.#span = span(days);
        this.#count();
    }

    /** Marks a time, [first, last] in days; null for all. */
    setChosen(days) {
        this.#chosen = days;
        this.#describe();
        this.#draw();
    }

    /** Says to who does not see it which part is chosen. */
    #describe() {
        const at = this.#chosen === null ? 0 : Math.max(0, this.#bins.findIndex(({ end }) => this.#chosen[0] <= end));
        this.#canvas.setAttribute("aria-valuemin", "1");
        this.#canvas.setAttribute("aria-valuemax", String(Math.max(1, this.#bins.length)));
        this.#canvas.setAttribute("aria-valuenow", String(at + 1));
        const days = this.#chosen === null || this.#span === null ? null : this.#chosen.map((day) => Math.min(this.#span[1], Math.max(this.#span[0], day)));
        this.#canvas.setAttribute("aria-valuetext", this.#events.words(days));
    }

    #count() {
        const room = Math.max(1, Math.floor(this.#canvas.clientWidth / BAR));
        this.#bins = this.#span === null ? [] : histogram(this.#days, this.#isMatch, this.#span, room);
        this.#draw();
    }

    #resize() {
        const ratio = window.devicePixelRatio || 1;
        this.#canvas.width = Math.round(this.#canvas.clientWidth * ratio);
        this.#canvas.height = Math.round(this.#canvas.clientHeight * ratio);
        this.#count();
    }

    #draw() {
        if (!this.#pending) {
            this.#pending = true;
            requestAnimationFrame(() => {
                this.#pending = false;
                this.#paint();
            });
        }
    }

    /** Horizontal place of the begin of a day. */
    #at(day) {
        const [first, last] = this.#span;
        return ((day - first) / (last + 1 - first)) * this.#canvas.clientWidth;
    }

    #dayAt(x) {
        const [first, last] = this.#span;
        const share = Math.min(1, Math.max(0, x / this.#canvas.clientWidth));
        return Math.min(last, Math.floor(first + share * (last + 1 - first)));
    }

    #paint() {
        const ratio = window.devicePixelRatio || 1;
        const context = this.#context;
        const [width, height] = [this.#canvas.clientWidth, this.#canvas.clientHeight];
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        context.clearRect(0, 0, width, height);
        if (this.#span === null) {
            return;
        }
        const style = getComputedStyle(this.#canvas);
        const colour = (name) => style.getPropertyValue(name).trim();
        this.#paintChosen(context, height, colour);
        const most = Math.max(1, ...this.#bins.map((bin) => bin.all));
        const tall = (count) => (count === 0 ? 0 : Math.max(2, (height - FOOT) * Math.sqrt(count / most)));
        for (const [count, name, alpha] of [["all", "--soft", 0.3], ["shown", "--accent", 1]]) {
            context.fillStyle = colour(name);
            context.globalAlpha = alpha;
            for (const bin of this.#bins) {
                const [left, right] = [this.#at(bin.start), this.#at(bin.end + 1)];
                const wide = Math.min(WIDEST, Math.max(1.5, right - left - 1));
                const size = tall(bin[count]);
                context.fillRect((left + right - wide) / 2, height - FOOT - size, wide, size);
            }
        }
        context.globalAlpha = 1;
        context.fillStyle = colour("--line");
        context.fillRect(0, height - FOOT, width, 1);
        this.#paintTicks(context, height, colour, style.fontFamily);
    }

    #paintChosen(context, height, colour) {
        if (this.#chosen !== null) {
            const [left, right] = [this.#at(this.#chosen[0]), this.#at(this.#chosen[1] + 1)];
            context.fillStyle = colour("--tint");
            context.fillRect(left, 0, right - left, height - FOOT);
            context.strokeStyle = colour("--accent");
            context.strokeRect(left, 0.5, Math.max(1, right - left), height - FOOT - 1);
        }
    }

    #paintTicks(context, height, colour, font) {
        context.fillStyle = colour("--soft");
        context.font = `11px ${font}`;
        context.textAlign = "left";
        const letters = lettersOf(this.#span[1] - this.#span[0]);
        let free = -Infinity;
        for (const bin of this.#bins) {
            const text = dayText(bin.start).slice(0, letters);
            const x = this.#at(bin.start);
            const isNew = bin === this.#bins[0] || text !== dayText(bin.start - 1).slice(0, text.length);
            if (isNew && x > free && x + context.measureText(text).width <= this.#canvas.clientWidth) {
                context.fillText(text, x, height - 4);
                free = x + context.measureText(text).width + 14;
            }
        }
    }

    #brush(x) {
        if (this.#drag !== null && this.#span !== null) {
            this.#drag[1] = x;
            if (Math.abs(this.#drag[1] - this.#drag[0]) >= LEAST) {
                this.#chosen = this.#drag.map((end) => this.#dayAt(end)).sort((a, b) => a - b);
                this.#events.brush(this.#chosen);
                this.#draw();
            }
        }
    }

    #press(event) {
        const days = event.altKey || event.ctrlKey || event.metaKey ? undefined : chosenAfter(this.#chosen, this.#bins, event.key, event.shiftKey);
        if (days === undefined) {
            return;
        }
        event.preventDefault();
        this.setChosen(days);
        this.#events.brush(days);
        clearTimeout(this.#keyTimer);
        this.#keyTimer = setTimeout(() => this.#endKeys(), KEY_MS);
    }

    #endKeys() {
        if (this.#keyTimer !== null) {
            clearTimeout(this.#keyTimer);
            this.#keyTimer = null;
            this.#events.choose(this.#chosen);
        }
    }

    #release() {
        const isBrush = this.#drag !== null && Math.abs(this.#drag[1] - this.#drag[0]) >= LEAST;
        this.#drag = null;
        if (isBrush) {
            this.#events.choose(this.#chosen);
        }
    }

    #choose(days) {
        this.#chosen = days;
        this.#draw();
        this.#events.choose(days);
    }
}
