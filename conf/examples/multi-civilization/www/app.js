// The page: which cards there are (cards.json), what the server says about each, and one of them drawn.
import { Chart } from "./chart.js";

const POLL_MS = 5000;
const IMPATIENT_MS = 1000;
const $ = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const measure = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

const chart = new Chart($("plot"));
const etags = new Map();
let page;
let shown;

function element(name, className, text) {
    const node = document.createElement(name);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
}

function bytes(count) {
    if (!Number.isFinite(count)) return "–";
    if (count < 1000) return `${count} B`;
    return count < 1e6 ? `${number.format(count / 1000)} kB` : `${number.format(count / 1e6)} MB`;
}

function duration(seconds) {
    if (seconds < 90) return `${Math.round(seconds)} s`;
    return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** What a response says about its card. `Cache-Status: gatehouse; hit; ttl=N`, N below zero when stale. */
function describe(response) {
    const ttl = /ttl=(-?\d+)/.exec(response.headers.get("cache-status") ?? "")?.[1];
    const length = Number(response.headers.get("content-length") ?? NaN);
    const fact = {
        sent: bytes(length),
        encoding: response.headers.get("content-encoding") ?? "identity",
        age: duration(Number(response.headers.get("age") ?? 0)),
        etag: response.headers.get("etag")?.replaceAll('"', "") ?? "–",
    };
    if (response.status === 404) return { ...fact, state: "absent", label: "not there", age: "–", sent: "–", encoding: "–" };
    if (!response.ok) return { ...fact, state: "gone", label: `error ${response.status}`, age: "–", sent: "–", encoding: "–" };
    return Number(ttl) < 0
        ? { ...fact, state: "stale", label: "stale" } : { ...fact, state: "fresh", label: "fresh" };
}

function cardRow(card) {
    const row = element("tr");
    const head = element("th", "card-name");
    head.scope = "row";
    const link = element("a", "", card.path);
    link.href = card.path;
    head.append(element("span", "card-title", card.name), element("span", "card-text", card.text), link);
    row.append(head);
    for (const [key, className] of [["state"], ["sent", "number"], ["encoding"], ["age", "number"], ["etag", "etag"]]) {
        const cell = element("td", className ?? "", "–");
        cell.dataset.key = key;
        row.append(cell);
    }
    card.row = row;
    return row;
}

function fillRow(card, fact) {
    for (const cell of card.row.querySelectorAll("td")) {
        if (cell.dataset.key === "state") {
            cell.replaceChildren(element("span", `state ${fact.state}`, fact.label));
        } else {
            cell.textContent = fact[cell.dataset.key];
        }
    }
}

function setLive(state, text) {
    $("live").dataset.state = state;
    $("live").textContent = text;
}

async function pollCard(card) {
    const response = await fetch(card.path, { method: "HEAD", cache: "no-store" });
    const fact = describe(response);
    fillRow(card, fact);
    const before = etags.get(card.path);
    etags.set(card.path, fact.etag);
    if (before !== undefined && before !== fact.etag) {
        card.row.classList.remove("changed");
        requestAnimationFrame(() => card.row.classList.add("changed"));
        if (card.path === shown?.path) drawChart();
        if (card.path === page.aggregations) drawTiles();
    }
    return fact.state;
}

async function poll() {
    let wait = IMPATIENT_MS;
    try {
        const states = await Promise.all(page.cards.map(pollCard));
        const stale = states.filter((state) => state !== "fresh").length;
        if (!states.includes("absent")) wait = POLL_MS;
        setLive(stale ? "stale" : "fresh", stale ? `${stale} of ${states.length} not fresh` : "all cards fresh");
    } catch {
        setLive("away", "no answer from the server, trying again");
    }
    setTimeout(poll, wait);
}

async function fetchCard(path) {
    const response = await fetch(path, { cache: "no-cache" });
    if (response.ok) return response.json();
    throw new Error(response.status === 404 ? `There is no card at ${path} yet.` : `${path} answered ${response.status}.`);
}

function tile(title, value, text) {
    const node = element("div", "tile");
    node.append(element("p", "tile-title", title), element("p", "tile-value", value), element("p", "tile-text", text));
    return node;
}

async function drawTiles() {
    try {
        const { knowledge, suppression, stability } = await fetchCard(page.aggregations);
        const range = (m) => `${measure.format(m.min)} – ${measure.format(m.max)}, mean ${measure.format(m.avg)}`;
        $("tiles").replaceChildren(
            tile("Knowledge, final", measure.format(knowledge.final), range(knowledge)),
            tile("Suppression, final", measure.format(suppression.final), range(suppression)),
            tile("Stability issues", number.format(stability.total_issues), `at most ${stability.max_issues} in one step`),
        );
    } catch (error) {
        $("tiles").replaceChildren(tile("Aggregations", "–", error.message));
    }
}

function drawLegend(spec) {
    const items = [["line", spec.line], ["band", spec.band], ["extra", spec.extraLine]].filter(([, text]) => text);
    $("legend").replaceChildren(...items.map(([kind, text]) => {
        const item = element("span", "legend-item", text);
        item.prepend(element("i", `swatch ${kind}`));
        return item;
    }), ...(spec.unit ? [element("span", "legend-unit", spec.unit)] : []));
}

async function drawChart() {
    const spec = shown;
    $("chart-title").textContent = spec.title;
    $("chart-note").textContent = spec.note;
    drawLegend(spec);
    try {
        const rows = await fetchCard(spec.path);
        if (spec !== shown) return;
        if (!chart.show(rows, spec)) chart.message("The card holds no rows.", "empty");
    } catch (error) {
        if (spec === shown) chart.message(error instanceof TypeError ? "No answer from the server." : error.message, "failed");
    }
}

function choose(id) {
    shown = page.charts.find((spec) => spec.id === id) ?? page.charts[0];
    $("picker").value = shown.id;
    chart.message("Loading…", "empty");
    drawChart();
}

async function start() {
    page = await (await fetch("cards.json")).json();
    $("cards").replaceChildren(...page.cards.map(cardRow));
    $("picker").replaceChildren(...page.charts.map((spec) => new Option(spec.title, spec.id)));
    $("picker").addEventListener("change", (event) => { location.hash = event.target.value; });
    addEventListener("hashchange", () => choose(location.hash.slice(1)));
    choose(location.hash.slice(1));
    drawTiles();
    poll();
}

start().catch(() => {
    setLive("away", "no answer from the server");
    chart.message("The list of cards could not be loaded. Is nginx running?", "failed");
});
