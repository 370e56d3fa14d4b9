// The page: how the components are (api/status), what was (the cards of history), asked again every so often.
import { draw } from "./chart.js";

const REFRESH_MS = Number(document.body.dataset.refreshMs);
const SPAN_MS = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000 };
const UNITS = { percent: "%" };
const $ = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const when = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

function element(name, className, text) {
    const node = document.createElement(name);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
}

function duration(seconds) {
    if (seconds < 90) return `${Math.round(seconds)} s`;
    if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
    return seconds < 129_600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

const ago = (time) => (time ? `${duration((Date.now() - Date.parse(time)) / 1000)} ago` : "–");
const measured = (value, unit) => (value === null ? "–" : `${number.format(value)} ${UNITS[unit] ?? unit ?? ""}`);

function badge(status) {
    const node = element("span", "state", status);
    node.dataset.status = status;
    return node;
}

/** The answer also where it is 503: that is what being critical looks like. */
async function ask(path) {
    const response = await fetch(path, { cache: "no-cache" });
    if (response.ok || response.status === 503) return response.json();
    throw new Error(`${path} answered ${response.status}`);
}

function row(cells) {
    const tr = element("tr");
    for (const [content, className] of cells) {
        const cell = element("td", className ?? "");
        cell.append(content);
        tr.append(cell);
    }
    return tr;
}

function tile(title, value) {
    const node = element("div", "tile");
    node.append(element("p", "tile-title", title), element("p", "tile-value", value));
    return node;
}

function showStatus(answer) {
    $("overall").textContent = answer.status;
    $("overall").dataset.status = answer.status;
    $("message").textContent = answer.message ?? "What the checks found last.";
    const { uptime_seconds, request_count, error_count, connections } = answer.traffic;
    $("tiles").replaceChildren(
        tile("Requests", number.format(request_count)), tile("Errors", number.format(error_count)),
        tile("Connections", connections === null ? "–" : number.format(connections)), tile("Up for", duration(uptime_seconds)));
    $("components").replaceChildren(...Object.entries(answer.components).map(([name, check]) => row([
        [name], [badge(check.status)], [measured(check.value, check.unit), "number"],
        [measured(check.response_time_ms, "ms"), "number"], [ago(check.last_checked), "number"], [check.message ?? "", "text"]])));
    fillPicker(answer.components);
}

/** What a chart can show: two lines of the traffic, and of each check how long it took, or what it measured. */
function fillPicker(components) {
    const options = [["traffic per_second requests/s", "requests per second"], ["traffic p95 ms", "95th percentile of answers"]];
    for (const [name, check] of Object.entries(components)) {
        const unit = UNITS[check.unit] ?? check.unit ?? "";
        options.push(check.value === null || check.value === undefined
            ? [`checks:${name} duration ms`, `${name}: response time`] : [`checks:${name} value ${unit}`, `${name}: value`]);
    }
    const chosen = $("what").value;
    if ($("what").dataset.options === options.join()) return;
    $("what").dataset.options = options.join();
    $("what").replaceChildren(...options.map(([value, text]) => new Option(text, value)));
    if (options.some(([value]) => value === chosen)) $("what").value = chosen;
}

/** Times of cards are UTC and do not say so. */
const utc = (time) => Date.parse(/Z$|[+-]\d\d:\d\d$/.test(time) ? time : `${time.replace(" ", "T")}Z`);

async function showChart() {
    const [source, column, unit] = $("what").value.split(" ");
    const range = $("range").value;
    const title = $("what").selectedOptions[0]?.text ?? "";
    const [card, metric] = source.split(":");
    const to = Date.now();
    const frame = { title, unit: unit ?? "", from: to - SPAN_MS[range], to };
    try {
        const rows = await ask(`api/${card}/${range}`);
        const points = rows.filter((r) => !metric || r.metric === metric)
            .map((r) => ({ time: utc(r.time), value: r[column] }))
            .filter((p) => Number.isFinite(p.value) && p.time >= frame.from);
        draw($("plot"), points, { ...frame, message: "Nothing is remembered of that time yet." });
    } catch (error) {
        draw($("plot"), [], { ...frame, message: error.message });
    }
}

async function showIncidents() {
    const rows = await ask("api/incidents");
    $("incidents").replaceChildren(...rows.slice(0, 20).map((r) => row([
        [when.format(utc(r.time))], [r.metric], [badge(r.status === "degraded" ? "warning" : "critical")], [r.message ?? "", "text"]])));
}

async function refresh() {
    try {
        showStatus(await ask("api/status"));
        await Promise.all([showChart(), showIncidents()]);
    } catch (error) {
        $("overall").textContent = "no answer";
        $("overall").dataset.status = "unknown";
        $("message").textContent = error.message;
    }
    setTimeout(refresh, REFRESH_MS);
}

$("what").addEventListener("change", showChart);
$("range").addEventListener("change", showChart);
refresh();
