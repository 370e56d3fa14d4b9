#include "sidecar/config/dump_source.h"

#include "sidecar/config/dump_json.h"

namespace gatehouse::config {

using namespace as_json;

namespace {

/// The values of fields are not shown, whatever they are: most are secrets.
Json http_source(const Source& from)
{
    const HttpOptions& http = from.http;
    Object headers;
    for (const auto& [name, value] : http.headers) {
        headers.set(name, text(hidden));
    }
    Object out;
    out.set("kind", text(from.kind)).set("url", text(http.url));
    if (!http.headers.empty()) {
        out.set("headers", headers.done());
    }
    out.set_unless_empty("bearer", http.bearer.empty() ? "" : hidden);
    out.set("rows", text(http.rows)).set_unless_empty("ca_file", http.ca_file);
    out.set("allow_private", std::optional(http.allow_private));
    out.set("redirects", integer(http.redirects)).set("every", duration(http.every));
    out.set("max_interval", duration(http.max_interval)).set("timeout", duration(http.timeout));
    out.set("max_size", size(http.max_size));
    if (!from.columns.empty()) {
        out.set("columns", pairs(from.columns));
    }
    if (!from.types.empty()) {
        out.set("types", pairs(from.types));
    }
    return out.done();
}

/// The dump is loaded again: only the keys of its own kind.
Json database(const Source& from)
{
    const DatabaseOptions& options = from.database;
    Object out;
    out.set("kind", text(from.kind));
    if (from.kind == "sqlite") {
        out.set("path", text(from.paths.empty() ? "" : from.paths.front()));
        out.set("watch", std::optional(from.watch));
        out.set("busy_timeout", duration(options.busy_timeout));
    } else {
        out.set("url", text(options.url)).set("pre_ping", std::optional(options.pre_ping));
        out.set_unless_empty("notify", options.notify);
        out.set("connect_timeout", duration(options.connect_timeout));
        out.set("statement_timeout", duration(options.statement_timeout));
        out.set("application_name", text(options.application_name));
    }
    out.set_unless_empty("table", options.table).set_unless_empty("query", options.query);
    out.set("pool_size", integer(options.pool_size));
    out.set("max_overflow", integer(options.max_overflow));
    out.set("pool_timeout", duration(options.pool_timeout));
    return out.set("recycle", duration(options.recycle)).done();
}

}  // namespace

Json source_json(const Source& from)
{
    if (from.kind == "http") {
        return http_source(from);
    }
    if (from.kind == "sqlite" || from.kind == "postgres") {
        return database(from);
    }
    Object out;
    out.set("kind", text(from.kind));
    if (from.kind == "caches") {
        return out.done();
    }
    if (from.kind == "history") {
        const HistorySource& history = from.history;
        out.set("of", text(history.of)).set("last", duration(history.last));
        if (history.of != "results") {
            out.set("step", duration(history.step));
        }
        return out.done();
    }
    if (from.kind != "dataset") {
        out.set("path", list(from.paths)).set("watch", std::optional(from.watch));
    }
    if (from.kind == "csv" || from.kind == "json") {
        out.set("cache", std::optional(from.cache));
    }
    if (from.kind == "dataset") {
        out.set("runs", std::optional(from.runs));
    }
    if (from.max_size) {
        out.set("max_size", size(*from.max_size));
    }
    const CsvOptions& csv = from.csv;
    out.set("delimiter", csv.delimiter).set("quote", csv.quote).set("escape", csv.escape);
    out.set("header", csv.header).set("decimal", csv.decimal).set("encoding", csv.encoding);
    out.set("dateformat", csv.dateformat).set("timestampformat", csv.timestampformat);
    out.set("ignore_errors", csv.ignore_errors);
    if (from.kind == "csv") {
        out.set("append", std::optional(csv.append));
    }
    if (csv.skip) {
        out.set("skip", integer(*csv.skip));
    }
    if (!csv.null_strings.empty()) {
        out.set("null", list(csv.null_strings));
    }
    if (!from.columns.empty()) {
        out.set("columns", pairs(from.columns));
    }
    if (!from.types.empty()) {
        out.set("types", pairs(from.types));
    }
    out.set("format", from.json_format).set("union_by_name", from.union_by_name);
    if (from.hive_types.empty()) {
        out.set("hive_partitioning", from.hive_partitioning);
    } else {
        out.set("hive_partitioning", pairs(from.hive_types));
    }
    return out.set("filename", from.filename).done();
}

}  // namespace gatehouse::config
