#include "ngx_module/glue/ngx.h"

#include "ngx_module/telemetry/request.h"

#include <ctime>
#include <utility>
#include <vector>

#include "ngx_module/glue/counted_location.h"
#include "ngx_module/glue/explain.h"
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

/// When the request of each connection of this worker began, by the connection's number; 0: none.
/// nginx clears the module contexts of a request that it sends round, hence this.
std::vector<std::uint64_t> starts;

/// Nothing for a connection that is not one of nginx's own, such as a stream of HTTP/2.
std::uint64_t* start_of(const ngx_connection_t& connection) noexcept
{
    const auto address = reinterpret_cast<std::uintptr_t>(&connection);
    const auto first = reinterpret_cast<std::uintptr_t>(ngx_cycle->connections);
    const auto number = (address - first) / sizeof connection;
    return number < starts.size() ? &starts[number] : nullptr;
}

/// Does nothing: a cleanup that has it is where the start of such a request is kept.
void start_mark(void* /*start*/) noexcept {}

void mark_start(ngx_http_request_t& r, std::uint64_t now) noexcept
{
    if (auto* cleanup = ngx_pool_cleanup_add(r.pool, 0); cleanup != nullptr) {
        cleanup->handler = start_mark;
        cleanup->data = reinterpret_cast<void*>(now);  // NOLINT(performance-no-int-to-ptr)
    }
}

std::uint64_t marked_start(const ngx_http_request_t& r) noexcept
{
    for (const auto* cleanup = r.pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
        if (cleanup->handler == start_mark) {
            return reinterpret_cast<std::uint64_t>(cleanup->data);
        }
    }
    return 0;
}

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
    auto* kept = start_of(*r.connection);
    // Taken away: the next request of the connection may be refused before it has one.
    const auto start = kept != nullptr ? std::exchange(*kept, 0) : marked_start(r);
    return start != 0 ? monotonic_ns() - start : since_nginx_saw_it_ns(r);
}

/// As nginx's own log has it.
unsigned status_of(const ngx_http_request_t& r) noexcept
{
    return static_cast<unsigned>(r.err_status != 0 ? r.err_status : r.headers_out.status);
}

RouteConf& route_of(const ngx_http_request_t& r) noexcept
{
    return *static_cast<RouteConf*>(
        glue::counted_location_of(r)[ngx_http_gatehouse_telemetry_module.ctx_index]);
}

std::uint16_t find_series(std::uint16_t endpoint, std::uint16_t status,
                          std::uint8_t method) noexcept
{
    using telemetry::Family;
    const auto series = glue::series_index({Family::http_requests, endpoint, status, method});
    // No room for one more: it still counts, as nothing in particular.
    return series != 0 ? series : glue::series_index({Family::http_requests, 0, 0, 0});
}

/// Most requests of a location end as the one before did: that one's counter is remembered.
std::uint16_t series_of(RouteConf& route, std::uint16_t status, std::uint8_t method) noexcept
{
    const std::uint32_t outcome = std::uint32_t{status} << 8 | method;
    if (route.last_series == 0 || route.last_outcome != outcome) {
        route.last_series = find_series(route.endpoint, status, method);
        route.last_outcome = outcome;
    }
    return route.last_series;
}

}  // namespace

void prepare_starts(const ngx_cycle_t& cycle)
{
    starts.assign(cycle.connection_n, 0);
}

std::uint16_t endpoint_of(const ngx_http_request_t& r) noexcept
{
    return route_of(r).endpoint;
}

ngx_int_t note_start(ngx_http_request_t& r)
{
    if (glue::telemetry_state::column != nullptr) {
        const auto now = monotonic_ns();
        if (auto* kept = start_of(*r.connection); kept != nullptr) {
            *kept = now;
        } else {
            mark_start(r, now);
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
    if (glue::is_explained(r)) [[unlikely]] {
        (void)duration_ns(r);  // takes away when it began
        return NGX_OK;
    }
    auto& route = route_of(r);
    const auto series = series_of(route, telemetry::status_label(status_of(r)),
                                  telemetry::method_of_bits(r.method));
    telemetry::add(column->counters[series], 1);
    glue::count_sent(route.endpoint, static_cast<std::uint64_t>(r.connection->sent));
    telemetry::observe(column->histograms[route.endpoint], duration_ns(r));
    return NGX_OK;
}

}  // namespace gatehouse::telemetry_feature
