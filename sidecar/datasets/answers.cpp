#include "sidecar/datasets/answers.h"

#include <algorithm>

#include "sidecar/base/json_writer.h"
#include "sidecar/base/time_text.h"

namespace gatehouse::datasets {

namespace {

/// Those that a page shows; SQL sees all.
constexpr std::size_t most_listed = 1000;

void write(sidecar::JsonWriter& json, const std::vector<Run>& runs)
{
    json.member("run_count", runs.size()).key("list").open_array();
    for (std::size_t i = 0; i < std::min(runs.size(), most_listed); ++i) {
        const auto& run = runs[i];
        json.open_object().member("id", run.id).member("name", run.head.name);
        json.member("time", sidecar::utc_text(run.head.time_us.value_or(0) / 1000));
        json.key("parameters").raw(run.head.parameters).member("rows", run.rows);
        json.member("bytes", run.bytes).close_object();
    }
    json.close_array();
}

void write(sidecar::JsonWriter& json, const Summary& summary)
{
    json.open_object().member("name", summary.name).member("runs", summary.runs);
    if (!summary.error.empty()) {
        json.member("error", summary.error).close_object();
        return;
    }
    json.member("rows", summary.rows).member("bytes", summary.bytes).key("updated_at");
    if (summary.updated_ms == 0) {
        json.null();
    } else {
        json.value(sidecar::utc_text(summary.updated_ms));
    }
    json.key("columns").open_array();
    for (const auto& [name, type] : summary.columns) {
        json.open_object().member("name", name).member("type", type).close_object();
    }
    json.close_array();
    if (summary.runs) {
        write(json, summary.list);
    }
    json.close_object();
}

}  // namespace

std::string json_of(const Summary& summary)
{
    sidecar::JsonWriter json;
    write(json, summary);
    return json.take();
}

std::string json_of(const std::vector<Summary>& summaries)
{
    sidecar::JsonWriter json;
    json.open_object().key("datasets").open_array();
    for (const auto& summary : summaries) {
        write(json, summary);
    }
    return json.close_array().close_object().take();
}

}  // namespace gatehouse::datasets
