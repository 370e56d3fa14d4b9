#include "ngx_module/glue/ngx.h"

#include "ngx_module/geo/guard.h"

#include <algorithm>
#include <string>

#include "ngx_module/geo/conf.h"
#include "ngx_module/geo/module.h"
#include "ngx_module/geo/request.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/problem.h"
#include "ngx_module/glue/telemetry.h"

namespace gatehouse::geo_feature {

namespace {

using glue::Reason;

/// A request that was refused, on the way to its error page. Survives internal redirects, which
/// wipe the contexts.
struct Refused {};

bool holds(const std::vector<ngx_cidr_t>& networks, const ngx_connection_t& connection) noexcept
{
    if (networks.empty()) {
        return false;
    }
    ngx_array_t list{};
    list.elts = const_cast<ngx_cidr_t*>(networks.data());
    list.nelts = networks.size();
    return ngx_cidr_match(connection.sockaddr, &list) == NGX_OK;
}

/// Asks the databases only for what a rule names.
class Client {
public:
    explicit Client(ngx_http_request_t& r) noexcept : r_(r) {}

    /// Why it is one of these places; none: it is not.
    Reason reason_in(const Places& places)
    {
        if (holds(places.networks, *r_.connection) ||
            (places.unix_peers && r_.connection->sockaddr->sa_family == AF_UNIX)) {
            return Reason::network;
        }
        if (!places.countries.empty() &&
            std::binary_search(places.countries.begin(), places.countries.end(), country())) {
            return Reason::country;
        }
        if (!places.asns.empty() &&
            std::binary_search(places.asns.begin(), places.asns.end(), asn())) {
            return Reason::asn;
        }
        return Reason::none;
    }

    Country country()
    {
        auto* origin = Origin::of(r_);
        const auto code =
            origin == nullptr ? std::string_view{} : origin->text(geo::Field::country);
        return code.empty() ? Country{0} : country_of(code[0], code[1]);
    }

    std::uint32_t asn()
    {
        auto* origin = Origin::of(r_);
        return origin == nullptr ? 0 : origin->asn();
    }

private:
    ngx_http_request_t& r_;
};

/// What somebody lacks who is in none of the places that may enter.
Reason reason_outside(const Places& allowed) noexcept
{
    if (!allowed.countries.empty()) {
        return Reason::country;
    }
    return allowed.asns.empty() ? Reason::network : Reason::asn;
}

/// none: let in.
Reason judge(const Rules& rules, Client& client)
{
    if (rules.deny.any()) {
        if (const auto reason = client.reason_in(rules.deny); reason != Reason::none) {
            return reason;
        }
    }
    if (rules.allow.any() && client.reason_in(rules.allow) == Reason::none) {
        return reason_outside(rules.allow);
    }
    return Reason::none;
}

std::string country_text(Country country)
{
    return country == 0
               ? "-"
               : std::string{static_cast<char>(country >> 8), static_cast<char>(country & 0xff)};
}

ngx_int_t refuse(ngx_http_request_t& r, Reason reason, Client& client)
{
    glue::record_decision(r, glue::Stage::geo, glue::Outcome::refused, reason);
    switch (reason) {
    case Reason::country:
        ngx_log_error(NGX_LOG_INFO, r.connection->log, 0,
                      "gatehouse: not let in by the country: %s",
                      country_text(client.country()).c_str());
        break;
    case Reason::asn:
        ngx_log_error(NGX_LOG_INFO, r.connection->log, 0,
                      "gatehouse: not let in by the autonomous system: %uD", client.asn());
        break;
    default:
        ngx_log_error(NGX_LOG_INFO, r.connection->log, 0, "gatehouse: not let in by the network");
        break;
    }
    glue::Pool{r.pool}.make<Refused>();
    return glue::refuse_request(
        r, {.status = NGX_HTTP_FORBIDDEN,
            .detail = "This is not served to the country or the network that you are in."});
}

}  // namespace

ngx_int_t check_origin(ngx_http_request_t& r)
{
    const auto& conf = glue::location_conf<GeoConf>(r, ngx_http_gatehouse_geo_module);
    // A subrequest is a part of a request that was let in.
    if (conf.rules == nullptr || &r != r.main) {
        return NGX_DECLINED;
    }
    if (r.error_page && glue::Pool{r.pool}.find<Refused>() != nullptr) {
        return NGX_DECLINED;
    }
    Client client{r};
    const auto reason = judge(*conf.rules, client);
    if (reason != Reason::none) {
        return refuse(r, reason, client);
    }
    glue::record_decision(r, glue::Stage::geo, glue::Outcome::admitted, Reason::none);
    return NGX_DECLINED;
}

void explain_origin(ngx_http_request_t& r, glue::Trace& trace)
{
    const auto& conf = glue::location_conf<GeoConf>(r, ngx_http_gatehouse_geo_module);
    auto& step = trace.add("geo");
    Client client{r};
    if (databases_in_force() != nullptr) {
        step.facts.member("country", country_text(client.country()));
        step.facts.member("asn", client.asn());
    }
    if (conf.rules == nullptr) {
        return;
    }
    const auto reason = judge(*conf.rules, client);
    if (reason == Reason::none) {
        step.effect = glue::Effect::admits;
    } else {
        step.refuse(NGX_HTTP_FORBIDDEN, telemetry::name_of(reason, telemetry::reason_names));
    }
}

}  // namespace gatehouse::geo_feature
