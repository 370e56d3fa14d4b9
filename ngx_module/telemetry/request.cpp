#include "ngx_module/glue/ngx.h"

#include "ngx_module/telemetry/request.h"

#include <ctime>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/telemetry.h"
#include "ngx_module/telemetry/conf.h"
#include "src/telemetry/http_labels.h"

namespace gatehouse::telemetry_feature {

namespace {

static_assert(sizeof(void*) >= sizeof(std::uint64_t), "a time in nanoseconds fits into a pointer");

std::uint64_t monotonic_ns() noexcept
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec);
}

/// Does nothing: a cleanup that has it is where a request's start is kept. nginx clears the module
/// contexts of a request that it sends round, but not its cleanups.
void start_mark(void* /*start*/) noexcept {}

std::uint64_t since_nginx_saw_it_ns(const ngx_http_request_t& r) noexcept
{
    const auto* now = ngx_timeofday();
    const auto ms =
        (static_cast<std::int64_t>(now->sec) - r.start_sec) * 1000 +
        (static_cast<std::int64_t>(now->msec) - static_cast<std::int64_t>(r.start_msec));
    return ms > 0 ? static_cast<std::uint64_t>(ms) * 1'000'000 : 0;
}

std::uint64_t duration_ns(const ngx_http_request_t& r) noexcept
{
    for (const auto* cleanup = r.pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
        if (cleanup->handler == start_mark) {
            return monotonic_ns() - reinterpret_cast<std::uint64_t>(cleanup->data);
        }
    }
    return since_nginx_saw_it_ns(r);  // it was refused before it was read
}

/// As nginx's own log has it.
unsigned status_of(const ngx_http_request_t& r) noexcept
{
    return static_cast<unsigned>(r.err_status != 0 ? r.err_status : r.headers_out.status);
}

std::uint16_t series_of(std::uint16_t endpoint, unsigned status, std::uint8_t method) noexcept
{
    using telemetry::Family;
    const auto series = glue::series_index(
        {Family::http_requests, endpoint, telemetry::status_label(status), method});
    // No room for one more: it still counts, as nothing in particular.
    return series != 0 ? series : glue::series_index({Family::http_requests, 0, 0, 0});
}

}  // namespace

std::uint16_t endpoint_of(const ngx_http_request_t& r) noexcept
{
    return glue::location_conf<RouteConf>(r, ngx_http_gatehouse_telemetry_module).endpoint;
}

ngx_int_t note_start(ngx_http_request_t& r)
{
    if (glue::telemetry_state::column != nullptr) {
        if (auto* cleanup = ngx_pool_cleanup_add(r.pool, 0); cleanup != nullptr) {
            cleanup->handler = start_mark;
            cleanup->data = reinterpret_cast<void*>(monotonic_ns());
        }
    }
    return NGX_DECLINED;
}

ngx_int_t count_request(ngx_http_request_t& r)
{
    auto* column = glue::telemetry_state::column;
    if (column == nullptr || &r != r.main) {
        return NGX_OK;
    }
    const auto endpoint = endpoint_of(r);
    const auto series = series_of(endpoint, status_of(r), telemetry::method_of_bits(r.method));
    telemetry::add(column->counters[series], 1);
    telemetry::observe(column->histograms[endpoint], duration_ns(r));
    return NGX_OK;
}

}  // namespace gatehouse::telemetry_feature
