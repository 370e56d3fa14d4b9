// The effective configuration as JSON.
#include "sidecar/config/build_card.h"
#include "sidecar/config/build_params.h"
#include "sidecar/config/build_step.h"
#include "sidecar/config/dump_alerts.h"
#include "sidecar/config/dump_health.h"
#include "sidecar/config/dump_json.h"
#include "sidecar/config/dump_reports.h"
#include "sidecar/config/dump_source.h"
#include "sidecar/config/envelope.h"
#include "sidecar/config/load.h"
#include "sidecar/config/node.h"

namespace gatehouse::config {

using namespace as_json;

namespace {

Json refresh(const Refresh& from)
{
    if (const auto* every = std::get_if<Every>(&from)) {
        return duration(every->interval);
    }
    if (const auto* cron = std::get_if<Cron>(&from)) {
        return Object().set("cron", text(cron->expression)).set("tz", text(cron->tz)).done();
    }
    return text(std::holds_alternative<OnDemand>(from) ? "on_demand" : "on_change");
}

Json value(const sidecar::ArgumentValue& from)
{
    struct Writer {
        Json operator()(std::monostate) const { return Json(json_null()); }
        Json operator()(bool on) const { return Json(json_boolean(on)); }
        Json operator()(std::int64_t whole) const { return Json(json_integer(whole)); }
        Json operator()(double real) const { return number(real); }
        Json operator()(const std::string& string) const { return text(string); }
    };
    return std::visit(Writer{}, from);
}

Json param(const sidecar::Parameter& from)
{
    Object out;
    out.set("type", text(std::string{name_of(from.type)}));
    if (!from.required) {
        out.set("default", value(from.fallback));
    }
    if (from.minimum) {
        out.set("minimum", number(*from.minimum));
    }
    if (from.maximum) {
        out.set("maximum", number(*from.maximum));
    }
    if (from.type == sidecar::ParameterType::string) {
        out.set("max_length", integer(from.max_length)).set_unless_empty("pattern", from.pattern);
    }
    if (!from.values.empty()) {
        out.set("values", list(from.values));
    }
    return out.set_unless_empty("description", from.description).done();
}

Json params(const std::vector<sidecar::Parameter>& from)
{
    Object out;
    for (const auto& each : from) {
        out.set(each.name, param(each));
    }
    return out.done();
}

Json card(const Card& from)
{
    Object out;
    auto sources = from.sources;
    sources.insert(sources.end(), from.cards.begin(), from.cards.end());
    out.set("path", text(from.path)).set("sql", text(from.sql)).set("sources", list(sources));
    if (!from.params.empty()) {
        out.set("params", params(from.params));
    }
    out.set("query", list(names_of(from.query)));
    out.set_unless_empty("key", from.key);
    out.set_unless_empty("run", from.run);
    if (!from.params.empty()) {
        out.set("empty", text(from.empty_is_not_found ? "not_found" : "answer"));
    }
    if (from.ttl) {
        out.set("ttl", duration(*from.ttl));
    }
    out.set("steps", steps_as_json(from.steps)).set("shape", text(shape_name(from.shape)));
    if (from.envelope) {
        out.set("envelope", envelope_json(*from.envelope));
    }
    out.set("formats", list(from.formats)).set("refresh", refresh(from.refresh));
    out.set("max_age", duration(from.max_age));
    if (from.stale) {
        out.set("stale", duration(*from.stale));
    }
    out.set("timeout", duration(from.timeout)).set("max_rows", integer(from.max_rows));
    out.set("require", list(from.require)).set("cache_control", text(from.cache_control));
    return out.set("compress", std::optional(from.compress)).done();
}

Json tokens(const Tokens& from)
{
    Object out;
    out.set("default_expiry", duration(from.default_expiry));
    if (from.max_expiry) {
        out.set("max_expiry", duration(*from.max_expiry));
    }
    return out.set("overlap", duration(from.overlap)).done();
}

Json jwks(const Jwks& from)
{
    Object out;
    out.set("url", text(from.url)).set_unless_empty("ca_file", from.ca_file);
    out.set("allow_private", std::optional(from.allow_private));
    out.set("timeout", duration(from.timeout)).set("min_interval", duration(from.min_interval));
    return out.set("max_interval", duration(from.max_interval)).done();
}

Json audit(const Audit& from)
{
    Object out;
    out.set("file", text(from.file.empty() ? "off" : from.file)).set("mode", mode(from.mode));
    out.set("rotate_size", size(from.rotate_size)).set("keep", integer(from.keep));
    out.set_unless_empty("syslog", from.syslog).set_unless_empty("key", from.key);
    return out.set("key_file", text(from.key_file)).set("state", text(from.state)).done();
}

Json history(const History& from)
{
    Object out;
    out.set("keep", duration(from.keep)).set("keep_detail", duration(from.keep_detail));
    return out.set("keep_hours", duration(from.keep_hours)).done();
}

Json document(const Config& from)
{
    Object link, control, api, board, engine, state, datasets, identity, on_demand, out, caches;
    link.set("socket", text(from.link.socket)).set("mode", mode(from.link.mode));
    link.set_unless_empty("group", from.link.group).set("users", list(from.link.users));
    control.set("socket", text(from.control.socket)).set("mode", mode(from.control.mode));
    api.set("socket", text(from.api.socket.empty() ? "off" : from.api.socket));
    api.set("mode", mode(from.api.mode)).set_unless_empty("group", from.api.group);
    board.set("file", text(from.board.file.empty() ? "off" : from.board.file));
    board.set("memory_limit", size(from.board.memory_limit));
    engine.set("memory_limit", size(from.engine.memory_limit));
    engine.set("process_memory_limit", size(from.engine.process_memory_limit));
    engine.set("threads", integer(from.engine.threads))
        .set("workers", integer(from.engine.workers));
    engine.set_unless_empty("temp_directory", from.engine.temp_directory);
    state.set_unless_empty("path", from.state.path).set_unless_empty("url", from.state.url);
    on_demand.set("memory_limit", size(from.on_demand.memory_limit))
        .set("max_variants", integer(from.on_demand.max_variants))
        .set("max_waiting", integer(from.on_demand.max_waiting))
        .set("keep_errors", duration(from.on_demand.keep_errors));
    datasets.set("directory", text(from.datasets.directory));
    datasets.set("max_size", size(from.datasets.max_size));
    caches.set("directory", text(from.caches.directory));
    identity.set("tokens", tokens(from.identity.tokens));
    identity.set("jwks", named(from.identity.jwks, jwks));
    out.set("link", link.done()).set("control", control.done()).set("api", api.done());
    out.set("board", board.done());
    out.set("engine", engine.done()).set("sources", named(from.sources, source_json));
    out.set("cards", named(from.cards, card)).set("state", state.done());
    out.set("datasets", datasets.done()).set("caches", caches.done());
    out.set("on_demand", on_demand.done()).set("identity", identity.done());
    if (from.audit.is_on()) {
        out.set("audit", audit(from.audit));
    }
    if (!from.checks.empty()) {
        out.set("checks", named(from.checks, check_as_json));
    }
    out.set("health", health_as_json(from.health)).set("history", history(from.history));
    out.set("alerts", alerts_as_json(from.alerts));
    if (!from.metrics.empty()) {
        out.set("metrics", metrics_as_json(from.metrics));
    }
    out.set("log", log_as_json(from.log));
    if (from.sentry != Sentry{}) {
        out.set("sentry", sentry_as_json(from.sentry));
    }
    return out.done();
}

std::string escaped_step(std::string_view key)
{
    std::string out = "/";
    for (const char c : key) {
        out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return out;
}

/// What load() would take for a variable is written with doubled dollar signs.
Json escaped(const std::string& value)
{
    if (value.find("${") == std::string::npos && value.find("$$") == std::string::npos) {
        return text(value);
    }
    std::string out;
    for (const char c : value) {
        out += c == '$' ? "$$" : std::string(1, c);
    }
    return text(out);
}

/// The value as it may be shown: secrets hidden, dollar signs escaped.
Json shown(json_t* value, const std::string& pointer, const std::set<std::string>& secrets)
{
    if (secrets.contains(pointer)) {
        return text(hidden);
    }
    if (json_is_object(value)) {
        Object out;
        for (void* at = json_object_iter(value); at != nullptr;
             at = json_object_iter_next(value, at)) {
            const std::string key(json_object_iter_key(at), json_object_iter_key_len(at));
            out.set(key, shown(json_object_iter_value(at), pointer + escaped_step(key), secrets));
        }
        return out.done();
    }
    if (json_is_array(value)) {
        Json out(json_array());
        for (std::size_t i = 0; i < json_array_size(value); ++i) {
            const std::string element = pointer + '/' + std::to_string(i);
            json_array_append_new(out.get(),
                                  shown(json_array_get(value, i), element, secrets).release());
        }
        return out;
    }
    return json_is_string(value) ? escaped(json_string_value(value)) : share(value);
}

std::string printed(const Json& json, std::size_t flags)
{
    const std::unique_ptr<char, decltype(&free)> out(json_dumps(json.get(), flags), &free);
    return out ? out.get() : "{}";
}

}  // namespace

std::string dump(const Config& config)
{
    const Json all = document(config);
    return printed(shown(all.get(), "", config.secrets), JSON_INDENT(2)) + '\n';
}

std::string definition(const Card& from)
{
    return printed(card(from), JSON_COMPACT);
}

std::string definition(const Source& from)
{
    return printed(source_json(from), JSON_COMPACT);
}

}  // namespace gatehouse::config
