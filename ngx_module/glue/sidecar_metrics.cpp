#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/sidecar_metrics.h"

#include <memory>
#include <utility>

#include "ngx_module/glue/worker_tables.h"

namespace gatehouse::glue {

namespace {

/// What a table said last.
template <class Metrics>
struct Told {
    std::shared_ptr<const SealedMemory> unread;  // null: `told` is what it said
    Metrics told;

    template <class Parse>
    const Metrics& read(Parse parse)
    {
        if (const auto memory = std::exchange(unread, nullptr)) {
            const auto bytes = memory->bytes();
            told = parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        }
        return told;
    }
};

Told<telemetry::SidecarMetrics> counted;
Told<telemetry::OwnMetrics> own;

Result<void> take_counted(board::Table table)
{
    counted.unread = std::move(table.memory);
    return {};
}

Result<void> take_own(board::Table table)
{
    own.unread = std::move(table.memory);
    return {};
}

}  // namespace

void follow_sidecar_metrics()
{
    on_table(telemetry::sidecar_metrics_table, take_counted);
    on_table(telemetry::own_metrics_table, take_own);
}

const telemetry::SidecarMetrics& sidecar_metrics()
{
    return counted.read(
        [](std::string_view text) { return telemetry::parse_sidecar_metrics(text); });
}

const telemetry::OwnMetrics& own_metrics()
{
    return own.read([](std::string_view text) { return telemetry::parse_own_metrics(text); });
}

double sidecar_metric(const telemetry::Metric& metric, const std::string& label)
{
    const auto& metrics = sidecar_metrics();
    const auto family = metrics.find(metric.name);
    if (family == metrics.end()) {
        return 0;
    }
    const auto series = family->second.find({label});
    return series == family->second.end() ? 0 : series->second;
}

}  // namespace gatehouse::glue
