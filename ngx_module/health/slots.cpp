#include "ngx_module/glue/ngx.h"

#include "ngx_module/health/slots.h"

#include <chrono>

#include "ngx_module/glue/sidecar_state.h"
#include "ngx_module/health/own_state.h"
#include "ngx_module/health/traffic.h"
#include "src/base/iso_time.h"
#include "src/health/slots.h"

namespace gatehouse::health_feature {

namespace {

/// To the microsecond: nginx's own clock stands still while it works.
std::int64_t unix_us() noexcept
{
    using namespace std::chrono;
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

void append_time(std::string& out, const char* zone)
{
    out += '"';
    append_iso_time(out, unix_us());
    out += zone;
    out += '"';
}

void append_uptime(std::string& out)
{
    const auto started_at_ms = traffic().started_at_ms;
    const auto now_us = unix_us();
    if (started_at_ms == 0 || now_us < started_at_ms * 1000) {
        out += "null";
        return;
    }
    health::append_seconds(out, static_cast<std::uint64_t>(now_us - started_at_ms * 1000));
}

}  // namespace

const char* sidecar_word() noexcept
{
    const auto& sidecar = glue::sidecar_state();
    return sidecar.up ? "up" : sidecar.expected ? "away" : "off";
}

void append_slot(std::string& out, health::Slot slot)
{
    using health::Slot;
    switch (slot) {
    case Slot::timestamp: append_time(out, "Z"); return;
    case Slot::naive_timestamp: append_time(out, ""); return;
    case Slot::unix_time:
        health::append_seconds(out, static_cast<std::uint64_t>(unix_us()));
        return;
    case Slot::uptime_seconds: append_uptime(out); return;
    case Slot::request_count: out += std::to_string(traffic().requests); return;
    case Slot::error_count: out += std::to_string(traffic().errors); return;
    case Slot::connections: append_connections(out); return;
    case Slot::websockets: out += std::to_string(open_websockets()); return;
    case Slot::nginx: append_own_state(out); return;
    }
    out += "null";
}

}  // namespace gatehouse::health_feature
