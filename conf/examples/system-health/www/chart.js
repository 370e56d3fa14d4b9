// A line over time, drawn as SVG. It knows nothing of checks or fetching.

const NS = "http://www.w3.org/2000/svg";
const MARGIN = { top: 12, right: 14, bottom: 26, left: 56 };
const MINUTE = 60_000;
const STEPS = [5, 10, 15, 30, 60, 180, 360, 720, 1440, 2880].map((minutes) => minutes * MINUTE);
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

function svg(name, attributes, parent) {
    const node = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    parent.append(node);
    return node;
}

/** Multiples of 1, 2 or 5 times a power of ten. */
function valueTicks(high, wanted) {
    const power = 10 ** Math.floor(Math.log10(high / wanted));
    const step = [1, 2, 5, 10].map((n) => n * power).find((s) => high / s <= wanted);
    return Array.from({ length: Math.floor(high / step + 1e-9) + 1 }, (_, i) => i * step);
}

function timeTicks(low, high, wanted) {
    const step = STEPS.find((s) => (high - low) / s <= wanted) ?? STEPS.at(-1);
    const zone = new Date(high).getTimezoneOffset() * MINUTE;
    const first = Math.ceil((low - zone) / step) * step + zone;
    const form = step < 1440 * MINUTE
        ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : { month: "short", day: "numeric" };
    const format = new Intl.DateTimeFormat("en", form);
    return Array.from({ length: Math.max(0, Math.floor((high - first) / step) + 1) }, (_, i) => first + i * step)
        .map((time) => ({ time, text: format.format(time) }));
}

/** A gap where a point is missing: more than two and a half usual steps between two of them. */
function path(points, x, y) {
    const gaps = points.slice(1).map((p, i) => p.time - points[i].time).sort((a, b) => a - b);
    const usual = gaps[gaps.length >> 1] ?? 0;
    return points.map((p, i) => {
        const joined = i > 0 && p.time - points[i - 1].time <= 2.5 * usual;
        return `${joined ? "L" : "M"}${x(p.time).toFixed(1)},${y(p.value).toFixed(1)}${joined ? "" : "h.01"}`;
    }).join("");
}

/** Draws [{time, value}, …] into `host`, or `message` where there are none. */
export function draw(host, points, { title, unit, from, to, message }) {
    if (!points.length) {
        const text = document.createElement("p");
        text.className = "plot-message";
        text.textContent = message;
        host.replaceChildren(text);
        host.setAttribute("aria-label", message);
        return;
    }
    const width = Math.max(host.clientWidth, 240);
    const height = host.clientHeight;
    const right = width - MARGIN.right;
    const bottom = height - MARGIN.bottom;
    const high = Math.max(...points.map((p) => p.value)) * 1.08 || 1;
    const x = (time) => MARGIN.left + ((time - from) / (to - from)) * (right - MARGIN.left);
    const y = (value) => bottom - (value / high) * (bottom - MARGIN.top);

    const box = document.createDocumentFragment();
    const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" }, box);
    for (const value of valueTicks(high, Math.max(3, Math.floor((bottom - MARGIN.top) / 45)))) {
        svg("line", { class: "grid", x1: MARGIN.left, x2: right, y1: y(value), y2: y(value) }, root);
        svg("text", { class: "tick", x: MARGIN.left - 8, y: y(value) + 4, "text-anchor": "end" }, root)
            .textContent = number.format(value);
    }
    for (const { time, text } of timeTicks(from, to, Math.max(3, Math.floor((right - MARGIN.left) / 90)))) {
        svg("text", { class: "tick", x: x(time), y: height - 6, "text-anchor": "middle" }, root).textContent = text;
    }
    svg("path", { class: "line", d: path(points, x, y) }, root);
    svg("text", { class: "tick", x: right, y: MARGIN.top, "text-anchor": "end" }, root).textContent = unit;
    host.replaceChildren(box);
    host.setAttribute("aria-label", `${title}: ${points.length} points, the last is ${number.format(points.at(-1).value)} ${unit}`);
}
