#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/sidecar_metrics.h"

#include <memory>
#include <utility>

#include "ngx_module/glue/worker_tables.h"

namespace gatehouse::glue {

namespace {

std::shared_ptr<const SealedMemory> unread;  // null: `told` is what it said
telemetry::SidecarMetrics told;

Result<void> take(board::Table table)
{
    unread = std::move(table.memory);
    return {};
}

}  // namespace

void follow_sidecar_metrics()
{
    on_table(telemetry::sidecar_metrics_table, take);
}

const telemetry::SidecarMetrics& sidecar_metrics()
{
    if (const auto memory = std::exchange(unread, nullptr)) {
        const auto bytes = memory->bytes();
        told = telemetry::parse_sidecar_metrics(
            {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    return told;
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
