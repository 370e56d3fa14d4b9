#include "ngx_module/glue/ngx.h"

#include "ngx_module/conn/request.h"

#include "ngx_module/conn/module.h"
#include "ngx_module/glue/header.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/telemetry.h"
#include "src/base/ascii.h"

namespace gatehouse::conn_feature {

namespace {

/// Whether a comma-separated list has this member; parameters after ";" do not matter.
bool has_member(std::string_view list, std::string_view lower) noexcept
{
    while (true) {
        const auto comma = list.find(',');
        const auto member = list.substr(0, comma);
        if (equals_ignoring_case(trim_ows(member.substr(0, member.find(';'))), lower)) {
            return true;
        }
        if (comma == std::string_view::npos) {
            return false;
        }
        list.remove_prefix(comma + 1);
    }
}

/// Whether the client names Connection: upgrade too does not matter: the line that proxies write
/// into their configuration for it is often the same for all requests.
bool asks_for_websocket(const ngx_http_request_t& r) noexcept
{
    const auto* upgrade = r.headers_in.upgrade;
    return upgrade != nullptr && has_member(glue::view(upgrade->value), "websocket");
}

}  // namespace

conn::Class claim_of(const ngx_http_request_t& r)
{
    if (asks_for_websocket(r)) {
        return conn::Class::websocket;
    }
    return has_member(glue::accept(r), "text/event-stream") ? conn::Class::sse : conn::Class::http;
}

RequestState* RequestState::find(ngx_http_request_t& r) noexcept
{
    const auto slot = ngx_http_gatehouse_conn_module.ctx_index;
    if (r.ctx[slot] == nullptr && r.internal) {
        r.ctx[slot] = glue::Pool{r.pool}.find<RequestState>();
    }
    return static_cast<RequestState*>(r.ctx[slot]);
}

RequestState& RequestState::make(ngx_http_request_t& r)
{
    auto& state = glue::Pool{r.pool}.make<RequestState>();
    r.ctx[ngx_http_gatehouse_conn_module.ctx_index] = &state;
    return state;
}

bool RequestState::holds(const ZoneConf& zone, conn::Class of) const noexcept
{
    for (const auto* place = places_; place != nullptr; place = place->next) {
        if (place->zone->living == zone.living && place->of == of && place->hold) {
            return true;
        }
    }
    return false;
}

Place* RequestState::held_in(const ZoneConf& zone) const noexcept
{
    for (auto* place = places_; place != nullptr; place = place->next) {
        if (place->zone == &zone && place->hold) {
            return place;
        }
    }
    return nullptr;
}

void RequestState::add(ngx_http_request_t& r, const ZoneConf& zone, conn::Class of, conn::Hold hold)
{
    const bool shown = held_in(zone) == nullptr;
    Place* place = &first_;
    if (places_ != nullptr) {
        place = static_cast<Place*>(ngx_palloc(r.pool, sizeof(Place)));
        if (place == nullptr) {
            hold.release();
            throw std::bad_alloc{};
        }
    }
    *place = {&zone, of, shown, hold, places_};
    places_ = place;
    if (shown) {
        glue::cap_entered(zone.telemetry);
    }
}

void RequestState::leave(Place& place) noexcept
{
    if (!place.hold) {
        return;
    }
    place.hold.release();
    if (!place.shown) {
        return;
    }
    if (auto* other = held_in(*place.zone); other != nullptr) {
        other->shown = true;
    } else {
        glue::cap_left(place.zone->telemetry);
    }
}

void RequestState::leave(conn::Class of) noexcept
{
    for (auto* place = places_; place != nullptr; place = place->next) {
        if (place->of == of) {
            leave(*place);
        }
    }
}

void RequestState::leave_all() noexcept
{
    for (auto* place = places_; place != nullptr; place = place->next) {
        leave(*place);
    }
    places_ = nullptr;
}

}  // namespace gatehouse::conn_feature
