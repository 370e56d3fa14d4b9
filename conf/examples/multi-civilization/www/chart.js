// A line chart with an optional band, drawn as SVG. It knows nothing of cards or fetching.

const NS = "http://www.w3.org/2000/svg";
const MARGIN = { top: 12, right: 14, bottom: 30, left: 46 };

function svg(name, attributes, parent) {
    const node = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    parent?.append(node);
    return node;
}

/** Round steps of 1, 2 or 5 times a power of ten. */
function ticks(low, high, wanted) {
    const span = high - low || 1;
    const power = 10 ** Math.floor(Math.log10(span / wanted));
    const step = [1, 2, 5, 10].map((n) => n * power).find((s) => span / s <= wanted);
    const first = Math.ceil(low / step - 1e-9);
    const last = Math.floor(high / step + 1e-9);
    return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

function dateTicks(low, high, wanted) {
    const months = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600];
    const span = (high - low) / 2.63e9;
    const step = months.find((m) => span / m <= wanted) ?? 1200;
    const start = new Date(low);
    let month = Math.ceil((start.getUTCFullYear() * 12 + start.getUTCMonth()) / step) * step;
    const found = [];
    for (let t; (t = Date.UTC(Math.floor(month / 12), month % 12)) <= high; month += step) {
        if (t >= low) found.push(t);
    }
    return { found, yearly: step >= 12 };
}

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const day = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" });
const monthName = new Intl.DateTimeFormat("en", { month: "short", year: "numeric", timeZone: "UTC" });

/** Rows to points; rows without a finite y are left out. */
function toPoints(rows, spec) {
    const dates = typeof rows[0]?.[spec.x] === "string";
    const value = (row, key) => (key === undefined ? undefined : row[key]);
    const points = rows
        .map((row) => ({
            x: dates ? Date.parse(row[spec.x]) : row[spec.x],
            y: row[spec.y],
            low: value(row, spec.low),
            high: value(row, spec.high),
            extra: value(row, spec.extra),
        }))
        .filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y));
    return { dates, points };
}

function extent(points) {
    let low = Infinity;
    let high = -Infinity;
    for (const p of points) {
        for (const v of [p.y, p.low, p.high, p.extra]) {
            if (!Number.isFinite(v)) continue;
            low = Math.min(low, v);
            high = Math.max(high, v);
        }
    }
    const pad = (high - low || Math.abs(high) || 1) * 0.06;
    return { low: low >= 0 && low - pad < 0 ? 0 : low - pad, high: high + pad };
}

function path(points, x, y) {
    return points.map((p, i) => `${i ? "L" : "M"}${x(p).toFixed(1)},${y(p).toFixed(1)}`).join("");
}

export class Chart {
    constructor(host) {
        this.host = host;
        this.index = -1;
        new ResizeObserver(() => this.draw()).observe(host);
        host.addEventListener("pointermove", (event) => this.#follow(event));
        host.addEventListener("pointerleave", () => this.#point(-1));
        host.addEventListener("blur", () => this.#point(-1));
        host.addEventListener("keydown", (event) => this.#key(event));
    }

    /** Draws `rows` by `spec` (x, y, and optionally low, high, extra, unit). Returns how many points there are. */
    show(rows, spec) {
        this.spec = spec;
        Object.assign(this, toPoints(rows, spec));
        this.index = -1;
        this.host.setAttribute("aria-label", this.#summary());
        this.draw();
        return this.points.length;
    }

    /** Shows a sentence in place of a chart. */
    message(text, kind) {
        this.points = [];
        const p = document.createElement("p");
        p.className = `plot-message ${kind}`;
        p.textContent = text;
        this.host.setAttribute("aria-label", text);
        this.host.replaceChildren(p);
    }

    draw() {
        if (!this.points?.length) return;
        const width = Math.max(this.host.clientWidth, 240);
        const height = this.host.clientHeight;
        const first = this.points[0].x;
        const span = this.points.at(-1).x - first || 1;
        const { low, high } = extent(this.points);
        const inner = { w: width - MARGIN.left - MARGIN.right, h: height - MARGIN.top - MARGIN.bottom };
        this.x = (p) => MARGIN.left + ((p.x - first) / span) * inner.w;
        this.y = (v) => MARGIN.top + (1 - (v - low) / (high - low)) * inner.h;

        const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
        this.#grid(root, { low, high, width, height, inner, first, last: first + span });
        this.#marks(root);
        this.cursor = svg("g", { class: "cursor" }, root);
        svg("line", { y1: MARGIN.top, y2: MARGIN.top + inner.h }, this.cursor);
        svg("circle", { r: 4 }, this.cursor);
        this.tip = document.createElement("div");
        this.tip.className = "tip";
        this.tip.setAttribute("role", "status");
        this.host.replaceChildren(root, this.tip);
        this.#point(this.index);
    }

    #grid(root, { low, high, width, height, inner, first, last }) {
        const rows = ticks(low, high, Math.max(3, Math.ceil(inner.h / 40)));
        for (const value of rows) {
            const y = this.y(value);
            svg("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y, y2: y }, root);
            svg("text", { class: "tick", x: MARGIN.left - 8, y: y + 4, "text-anchor": "end" }, root)
                .textContent = number.format(value);
        }
        const wanted = Math.max(3, Math.floor(inner.w / 110));
        const { found, yearly } = this.dates
            ? dateTicks(first, last, wanted) : { found: ticks(first, last, wanted), yearly: false };
        for (const value of found) {
            const x = this.x({ x: value });
            const anchor = x > width - MARGIN.right - 24 ? "end" : x < MARGIN.left + 24 ? "start" : "middle";
            svg("line", { class: "grid", x1: x, x2: x, y1: height - MARGIN.bottom, y2: height - MARGIN.bottom + 4 }, root);
            svg("text", { class: "tick", x, y: height - 8, "text-anchor": anchor }, root).textContent =
                this.dates ? (yearly ? new Date(value).getUTCFullYear() : monthName.format(value)) : number.format(value);
        }
    }

    #marks(root) {
        const banded = this.points.filter((p) => Number.isFinite(p.low) && Number.isFinite(p.high));
        if (banded.length) {
            const upper = path(banded, this.x, (p) => this.y(p.high));
            const lower = path([...banded].reverse(), this.x, (p) => this.y(p.low)).replace("M", "L");
            svg("path", { class: "band", d: `${upper}${lower}Z` }, root);
        }
        const extra = this.points.filter((p) => Number.isFinite(p.extra));
        if (extra.length) svg("path", { class: "extra", d: path(extra, this.x, (p) => this.y(p.extra)) }, root);
        svg("path", { class: "line", d: path(this.points, this.x, (p) => this.y(p.y)) }, root);
    }

    #follow(event) {
        if (!this.points?.length) return;
        const at = event.clientX - this.host.getBoundingClientRect().left;
        let low = 0;
        let high = this.points.length - 1;
        while (high - low > 1) {
            const middle = (low + high) >> 1;
            if (this.x(this.points[middle]) < at) low = middle; else high = middle;
        }
        this.#point(at - this.x(this.points[low]) < this.x(this.points[high]) - at ? low : high);
    }

    #key(event) {
        if (!this.points?.length) return;
        const last = this.points.length - 1;
        const big = Math.max(1, Math.round(last / 20));
        const moves = { ArrowRight: 1, ArrowLeft: -1, PageUp: big, PageDown: -big, Home: -last, End: last };
        if (event.key === "Escape") return this.#point(-1);
        if (!(event.key in moves)) return;
        event.preventDefault();
        this.#point(Math.min(last, Math.max(0, this.index + moves[event.key])));
    }

    #point(index) {
        this.index = index;
        const p = this.points?.[index];
        if (!this.cursor || !this.tip) return;
        this.cursor.classList.toggle("on", Boolean(p));
        this.tip.classList.toggle("on", Boolean(p));
        if (!p) return;
        const x = this.x(p);
        this.cursor.firstChild.setAttribute("x1", x);
        this.cursor.firstChild.setAttribute("x2", x);
        this.cursor.lastChild.setAttribute("cx", x);
        this.cursor.lastChild.setAttribute("cy", this.y(p.y));
        this.tip.replaceChildren(...this.#lines(p));
        const left = x > this.host.clientWidth / 2;
        this.tip.style.left = left ? "" : `${x + 12}px`;
        this.tip.style.right = left ? `${this.host.clientWidth - x + 12}px` : "";
    }

    #lines(p) {
        const unit = this.spec.unit ? ` ${this.spec.unit}` : "";
        const texts = [this.dates ? day.format(p.x) : `${this.spec.x} ${number.format(p.x)}`,
            `${this.spec.line} ${number.format(p.y)}${unit}`];
        if (Number.isFinite(p.low)) texts.push(`${number.format(p.low)} – ${number.format(p.high)}${unit}`);
        if (Number.isFinite(p.extra)) texts.push(`${this.spec.extraLine} ${number.format(p.extra)}${unit}`);
        return texts.map((text) => {
            const line = document.createElement("div");
            line.textContent = text;
            return line;
        });
    }

    #summary() {
        if (!this.points.length) return `${this.spec.title}: no data`;
        const last = this.points.at(-1);
        return `${this.spec.title}: ${this.points.length} points, the last is ${number.format(last.y)} ${this.spec.unit ?? ""}`;
    }
}
