#include "ngx_module/glue/ngx.h"

#include "ngx_module/health/traffic.h"

#include "ngx_module/glue/telemetry.h"
#include "ngx_module/health/momentary.h"
#include "src/telemetry/reader.h"

namespace gatehouse::health_feature {

namespace {

constexpr ngx_msec_t good_for_ms = 1000;

Traffic count()
{
    Traffic result;
    const auto reader = telemetry::Reader::open(glue::telemetry_bytes());
    if (!reader) {
        return result;
    }
    result.started_at_ms = reader->started_at_ms();
    for (const auto& total : reader->totals()) {
        if (total.key.family == telemetry::Family::http_requests) {
            result.requests += total.value;
            result.errors += total.key.b >= NGX_HTTP_INTERNAL_SERVER_ERROR ? total.value : 0;
        }
    }
    return result;
}

}  // namespace

const Traffic& traffic()
{
    static Momentary<Traffic> counted{good_for_ms};
    return counted.get(count);
}

std::int64_t open_websockets()
{
    const auto reader = telemetry::Reader::open(glue::telemetry_bytes());
    return reader ? reader->gauge(telemetry::websocket_gauge) : 0;
}

}  // namespace gatehouse::health_feature
