// The map on its canvas: draws once a frame at most, and turns what a pointer or a key does into moves and selections.

import { cluster, members, nearest, radius } from "./clusters.js";
import { box, lasso } from "./regions.js";
import { placeOf, unitProjection } from "./sky.js";
import { drawSky, skyPaths } from "./sky-paths.js";
import { moved, wholeSky, zoomed } from "./sky-view.js";

const REACH = 14;
const STEP = 40;
const WHEEL = 0.0016;
const CLICK = 4;
/** Size of a glow, relative to the dot in it, and in pixels of its picture. */
const SPREAD = 3;
const GLOW = 64;

export class SkyMap {
    #canvas;
    #context;
    #paths = skyPaths();
    #projection = unitProjection();
    #view = null;
    #size = [0, 0];
    #x = new Float32Array(0);
    #y = new Float32Array(0);
    #isShown = new Uint8Array(0);
    #isPicked = new Uint8Array(0);
    #cells = [];
    #tool = "pan";
    #pointers = new Map();
    #drawn = [];
    #pending = false;
    #glows = new Map();
    #events;

    /**
     * events: pick(numbers of the points, isAdded), hover({numbers, x, y, place} or null).
     */
    constructor(canvas, events) {
        this.#canvas = canvas;
        this.#context = canvas.getContext("2d");
        this.#events = events;
        new ResizeObserver(() => this.#resize()).observe(canvas);
        this.#listen();
    }

    /** Shows other points: ra and dec in degrees, NaN where unknown. */
    setPoints({ ra, dec, count }) {
        this.#x = new Float32Array(count);
        this.#y = new Float32Array(count);
        for (let i = 0; i < count; i++) {
            const place = Number.isNaN(dec[i]) ? [NaN, NaN] : this.#projection([ra[i], dec[i]]);
            [this.#x[i], this.#y[i]] = place;
        }
        this.#isShown = new Uint8Array(count);
        this.#isPicked = new Uint8Array(count);
        this.draw();
    }

    /** Which of the points are shown and which are selected: 0 or 1 each. */
    setMarks(isShown, isPicked) {
        this.#isShown = isShown.map((shown, i) => (Number.isNaN(this.#x[i]) ? 0 : shown));
        this.#isPicked = isPicked;
        this.draw();
    }

    setTool(tool) {
        this.#tool = tool;
        this.#canvas.dataset.tool = tool;
    }

    zoom(factor) {
        this.#look(zoomed(this.#view, factor, [this.#size[0] / 2, this.#size[1] / 2], this.#size));
    }

    showAll() {
        this.#look(wholeSky(this.#size));
    }

    /** Place on the screen of a point, in pixels of the canvas. */
    screen(number) {
        return [this.#view.left + this.#view.scale * this.#x[number], this.#view.top + this.#view.scale * this.#y[number]];
    }

    draw() {
        if (!this.#pending && this.#view !== null) {
            this.#pending = true;
            requestAnimationFrame(() => this.#paint());
        }
    }

    #look(view) {
        this.#view = view;
        this.draw();
    }

    #resize() {
        const { clientWidth, clientHeight } = this.#canvas;
        const ratio = window.devicePixelRatio || 1;
        const isWhole = this.#view === null || this.#view.scale <= wholeSky(this.#size).scale;
        this.#size = [clientWidth, clientHeight];
        this.#canvas.width = Math.round(clientWidth * ratio);
        this.#canvas.height = Math.round(clientHeight * ratio);
        this.#look(isWhole ? wholeSky(this.#size) : moved(this.#view, 0, 0, this.#size));
    }

    #paint() {
        this.#pending = false;
        const ratio = window.devicePixelRatio || 1;
        const colours = coloursOf(this.#canvas);
        const context = this.#context;
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
        drawSky(context, this.#paths, this.#view, ratio, colours);
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
        this.#cells = cluster(this.#x, this.#y, this.#isShown, this.#isPicked, this.#view, this.#size);
        this.#paintDots(context, colours);
        this.#paintRegion(context, colours);
    }

    #paintDots(context, colours) {
        const spread = SPREAD * Math.min(1, Math.max(0.6, this.#size[0] / 900));
        const glows = [this.#glow(colours.star), this.#glow(colours.mark)];
        for (const isPicked of [false, true]) {
            for (const cell of this.#cells) {
                if (cell.picked > 0 === isPicked) {
                    const size = radius(cell.count) * spread;
                    context.drawImage(glows[Number(isPicked)], cell.x - size, cell.y - size, 2 * size, 2 * size);
                }
            }
        }
    }

    /** A dot with a soft edge in a colour, drawn once. */
    #glow(colour) {
        if (!this.#glows.has(colour)) {
            const dot = new OffscreenCanvas(GLOW, GLOW);
            const context = dot.getContext("2d");
            const shades = context.createRadialGradient(GLOW / 2, GLOW / 2, 0, GLOW / 2, GLOW / 2, GLOW / 2);
            [[0, 1], [0.3, 1], [0.38, 0.42], [0.65, 0.13], [1, 0]].forEach(([at, alpha]) => {
                shades.addColorStop(at, `color-mix(in srgb, ${colour} ${100 * alpha}%, transparent)`);
            });
            context.fillStyle = shades;
            context.fillRect(0, 0, GLOW, GLOW);
            this.#glows.set(colour, dot);
        }
        return this.#glows.get(colour);
    }

    #paintRegion(context, colours) {
        if (this.#drawn.length < 2) {
            return;
        }
        context.strokeStyle = colours.mark;
        context.fillStyle = colours.mark;
        context.lineWidth = 1.5;
        context.beginPath();
        if (this.#tool === "box") {
            const [[x1, y1], [x2, y2]] = [this.#drawn[0], this.#drawn.at(-1)];
            context.rect(x1, y1, x2 - x1, y2 - y1);
        } else {
            this.#drawn.forEach(([x, y]) => context.lineTo(x, y));
            context.closePath();
        }
        context.stroke();
        context.globalAlpha = 0.12;
        context.fill();
        context.globalAlpha = 1;
    }

    #listen() {
        const canvas = this.#canvas;
        const at = (event) => [event.offsetX, event.offsetY];
        canvas.addEventListener("pointerdown", (event) => {
            canvas.setPointerCapture(event.pointerId);
            this.#pointers.set(event.pointerId, at(event));
            this.#drawn = this.#pointers.size === 1 ? [at(event)] : [];
        });
        canvas.addEventListener("pointermove", (event) => this.#move(event, at(event)));
        canvas.addEventListener("pointerup", (event) => this.#release(event, at(event)));
        canvas.addEventListener("pointercancel", (event) => this.#forget(event));
        canvas.addEventListener("pointerleave", () => this.#events.hover(null));
        canvas.addEventListener("wheel", (event) => {
            event.preventDefault();
            this.#look(zoomed(this.#view, Math.exp(-event.deltaY * WHEEL), at(event), this.#size));
        }, { passive: false });
        canvas.addEventListener("dblclick", (event) => this.#look(zoomed(this.#view, 2.5, at(event), this.#size)));
        canvas.addEventListener("keydown", (event) => this.#key(event));
    }

    #move(event, [x, y]) {
        const before = this.#pointers.get(event.pointerId);
        if (before === undefined) {
            this.#hover(x, y);
            return;
        }
        if (this.#pointers.size === 2) {
            this.#pinch(event.pointerId, before, [x, y]);
        } else {
            this.#drawn.push([x, y]);
            if (this.#tool === "pan") {
                this.#look(moved(this.#view, x - before[0], y - before[1], this.#size));
            } else {
                this.draw();
            }
        }
        this.#pointers.set(event.pointerId, [x, y]);
    }

    #pinch(id, before, now) {
        const [, other] = [...this.#pointers].find(([one]) => one !== id);
        const apart = ([x, y]) => Math.hypot(x - other[0], y - other[1]) || 1;
        this.#look(zoomed(this.#view, apart(now) / apart(before), other, this.#size));
    }

    #release(event, end) {
        const wasAlone = this.#pointers.size === 1;
        const line = this.#drawn;
        this.#forget(event);
        if (!wasAlone || line.length === 0) {
            return;
        }
        const isAdded = event.shiftKey || event.ctrlKey || event.metaKey;
        if (line.every(([x, y]) => Math.hypot(x - line[0][0], y - line[0][1]) < CLICK)) {
            const cell = nearest(this.#cells, ...end, REACH);
            if (cell !== null) {
                this.#events.pick(members(this.#x, this.#y, this.#isShown, this.#view, cell), isAdded);
            }
        } else if (this.#tool !== "pan") {
            const inside = this.#tool === "box" ? box(line[0], end) : lasso(line);
            this.#events.pick(this.#inside(inside), isAdded);
        }
    }

    #forget(event) {
        this.#pointers.delete(event.pointerId);
        this.#drawn = [];
        this.draw();
    }

    #inside(inside) {
        const found = [];
        for (let i = 0; i < this.#x.length; i++) {
            if (this.#isShown[i] && inside(...this.screen(i))) {
                found.push(i);
            }
        }
        return found;
    }

    #hover(x, y) {
        const cell = nearest(this.#cells, x, y, REACH);
        this.#canvas.classList.toggle("over-dot", cell !== null);
        const place = placeOf(this.#projection, (x - this.#view.left) / this.#view.scale, (y - this.#view.top) / this.#view.scale);
        const numbers = cell === null ? [] : members(this.#x, this.#y, this.#isShown, this.#view, cell);
        this.#events.hover(place === null && cell === null ? null : { numbers, x, y, place });
    }

    #key(event) {
        const moves = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
        if (event.key in moves) {
            this.#look(moved(this.#view, ...moves[event.key], this.#size));
        } else if (event.key === "+" || event.key === "=") {
            this.zoom(1.5);
        } else if (event.key === "-") {
            this.zoom(1 / 1.5);
        } else {
            return;
        }
        event.preventDefault();
    }
}

function coloursOf(element) {
    const style = getComputedStyle(element);
    const of = (name) => style.getPropertyValue(name).trim();
    return { sky: of("--sky"), text: of("--on-sky"), star: of("--on-bar"), mark: of("--mark"), font: style.fontFamily };
}
