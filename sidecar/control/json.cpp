#include "sidecar/control/json.h"

#include <algorithm>

#include "sidecar/base/clock.h"
#include "sidecar/base/time_text.h"

namespace gatehouse::control {

using sidecar::JsonWriter;
using sidecar::utc_text;

namespace {

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts)
{
    json.key(key).open_array();
    for (const auto& text : texts) {
        json.value(text);
    }
    json.close_array();
}

void write_bodies(JsonWriter& json, const board::SnapshotView& view)
{
    json.key("bodies").open_array();
    for (std::size_t slot = 0; slot < board::representation_slots; ++slot) {
        const auto format = static_cast<Format>(slot / encoding_count);
        const auto encoding = static_cast<Encoding>(slot % encoding_count);
        if (view.encodings(format).contains(encoding)) {
            const auto body = view.representation(format, encoding);
            json.open_object()
                .member("format", name_of(format))
                .member("encoding", name_of(encoding))
                .member("bytes", body.body.size())
                .member("etag", body.etag)
                .close_object();
        }
    }
    json.close_array();
}

void write_snapshot(JsonWriter& json, const CardView& card)
{
    const auto& view = card.snapshot->view();
    json.member("generation", view.generation())
        .member("bytes", view.total_size())
        .member("computed_at", utc_text(view.computed_at_ms()))
        .member("verified_at", utc_text(card.verified_at_ms))
        .member("age_ms", std::max<std::int64_t>(sidecar::unix_ms() - card.verified_at_ms, 0))
        .member("max_age_ms", view.max_age_ms());
    write_bodies(json, view);
}

void write_failure(JsonWriter& json, const CardView& card)
{
    json.key("failure")
        .open_object()
        .member("error", card.error)
        .member("since", utc_text(card.failing_since_ms))
        .member("attempts", card.failures)
        .close_object();
}

void write_variants(JsonWriter& json, const VariantsView& variants)
{
    json.key("variants")
        .open_object()
        .member("kept", variants.kept)
        .member("computing", variants.computing)
        .member("bytes", variants.bytes)
        .member("computed", variants.computed)
        .member("joined", variants.joined)
        .member("refused", variants.refused)
        .member("failed", variants.failed);
    if (!variants.error.empty()) {
        json.member("error", variants.error);
    }
    json.close_object();
}

void write_cache(JsonWriter& json, const sidecar::CacheState& state)
{
    json.open_object()
        .member("name", state.name)
        .member("kind", state.kind)
        .member("exists", state.exists)
        .member("size_bytes", state.size_bytes)
        .member("warm", state.warm)
        .member("progress", state.progress);
    if (state.since_ms != 0) {
        json.member("since", utc_text(state.since_ms));
    }
    if (!state.error.empty()) {
        json.member("error", state.error);
    }
    json.close_object();
}

void write_read(JsonWriter& json, const SourceView& source)
{
    json.member("up", *source.up);
    if (source.read_ms != 0) {
        json.member("read_at", utc_text(source.read_ms))
            .member("age_ms", std::max<std::int64_t>(sidecar::unix_ms() - source.read_ms, 0));
    }
    if (!*source.up) {
        json.member("error", source.last_error);
    }
    if (source.error_ms != 0) {
        json.member("last_error", source.last_error)
            .member("last_error_at", utc_text(source.error_ms));
    }
}

void write_document(JsonWriter& json, const SourceView::Document& document)
{
    json.member("url", document.url).member("rows", document.rows).member("bytes", document.bytes);
    if (document.next_ms != 0) {
        json.member("next_fetch", utc_text(document.next_ms));
    }
}

void write_pool(JsonWriter& json, const PoolView& pool)
{
    json.key("pool")
        .open_object()
        .member("size", pool.size)
        .member("in_use", pool.in_use)
        .member("idle", pool.idle)
        .member("overflow", pool.overflow)
        .member("waiting", pool.waiting)
        .member("wait_seconds", pool.wait_seconds)
        .close_object();
}

}  // namespace

void write(JsonWriter& json, const CardView& card)
{
    json.open_object()
        .member("name", card.name)
        .member("path", card.path)
        .member("state", card.state)
        .member("computing", card.computing)
        .member("shape", card.shape)
        .member("refresh", card.refresh);
    write_texts(json, "sources", card.sources);
    write_texts(json, "cards", card.cards);
    json.member("rows", card.rows)
        .member("computations", card.computations)
        .member("restored", card.restored)
        .member("duration_ms", card.duration_ms);
    if (card.snapshot) {
        write_snapshot(json, card);
    }
    if (card.failures > 0) {
        write_failure(json, card);
    }
    if (card.next_ms) {
        json.member("next_run", utc_text(*card.next_ms));
    }
    if (card.variants) {
        write_variants(json, *card.variants);
    }
    json.close_object();
}

void write(JsonWriter& json, const WorkerView& worker)
{
    json.open_object()
        .member("pid", worker.pid)
        .member("worker", worker.slot)
        .member("nginx", worker.nginx)
        .member("module", worker.module)
        .member("connected_at", utc_text(worker.connected_at_ms))
        .member("applied_generation", worker.applied_generation)
        .member("queued", worker.queued);
    if (worker.latency) {
        json.key("latency_ms")
            .open_object()
            .member("min", worker.latency->min_ms)
            .member("median", worker.latency->median_ms)
            .member("max", worker.latency->max_ms)
            .close_object();
    }
    json.close_object();
}

void write(JsonWriter& json, const StatusView& status)
{
    json.open_object()
        .member("version", GATEHOUSE_VERSION)
        .member("pid", status.pid)
        .member("started_at", utc_text(status.started_at_ms))
        .member("uptime_ms", sidecar::unix_ms() - status.started_at_ms);
    json.key("configuration")
        .open_object()
        .member("file", status.config_file)
        .member("loaded_at", utc_text(status.loaded_at_ms))
        .close_object();
    json.key("board")
        .open_object()
        .member("generation", status.generation)
        .member("bytes", status.board_bytes)
        .member("memory_limit", status.board_limit)
        .member("file", status.board_file)
        .close_object();
    json.key("lateness")
        .open_object()
        .member("runs", status.lateness.runs)
        .member("p50_ms", status.lateness.p50_ms)
        .member("p99_ms", status.lateness.p99_ms)
        .member("max_ms", status.lateness.max_ms)
        .close_object();
    json.key("workers").open_array();
    for (const auto& worker : status.workers) {
        write(json, worker);
    }
    json.close_array().key("cards").open_array();
    for (const auto& card : status.cards) {
        write(json, card);
    }
    json.close_array().key("caches").open_array();
    for (const auto& state : status.caches) {
        write_cache(json, state);
    }
    json.close_array().member("all_caches_warm", sidecar::all_warm(status.caches)).close_object();
}

void write(JsonWriter& json, const SourceView& source)
{
    json.open_object().member("name", source.name).member("kind", source.kind);
    write_texts(json, "paths", source.paths);
    json.member("watch", source.watch);
    write_texts(json, "cards", source.cards);
    if (source.up) {
        write_read(json, source);
    }
    if (source.document) {
        write_document(json, *source.document);
    }
    if (source.pool) {
        write_pool(json, *source.pool);
    }
    json.close_object();
}

void write(JsonWriter& json, const SourceTest& test)
{
    json.open_object().member("ok", test.error.empty()).key("files").open_array();
    for (const auto& file : test.files) {
        json.open_object().member("path", file.path).member("bytes", file.bytes).close_object();
    }
    json.close_array().key("columns").open_array();
    for (const auto& [name, type] : test.columns) {
        json.open_object().member("name", name).member("type", type).close_object();
    }
    json.close_array().close_object();
}

void write(JsonWriter& json, const RefreshResult& result)
{
    json.open_object()
        .member("generation", result.generation)
        .member("changed", result.changed)
        .member("rows", result.rows)
        .member("duration_ms", result.duration_ms)
        .member("forgotten", result.forgotten)
        .close_object();
}

void write(JsonWriter& json, const ReloadResult& result)
{
    json.open_object().member("applied", result.applied).key("cards");
    json.open_object()
        .member("added", result.added)
        .member("changed", result.changed)
        .member("removed", result.removed)
        .member("unchanged", result.unchanged)
        .close_object();
    json.key("diagnostics").raw(result.diagnostics_json).close_object();
}

}  // namespace gatehouse::control
