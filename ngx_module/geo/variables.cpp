#include "ngx_module/glue/ngx.h"

#include "ngx_module/geo/variables.h"

#include <charconv>

#include "ngx_module/geo/request.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/variable.h"

namespace gatehouse::geo_feature {

namespace {

/// Not empty: a limit's key that is empty limits nobody.
constexpr std::string_view not_known = "-";

template <geo::Field Which>
std::optional<std::string_view> text(ngx_http_request_t& r)
{
    auto* origin = Origin::of(r);
    const auto said = origin == nullptr ? std::string_view{} : origin->text(Which);
    return said.empty() ? not_known : said;
}

std::optional<std::string_view> asn(ngx_http_request_t& r)
{
    auto* origin = Origin::of(r);
    const auto number = origin == nullptr ? 0 : origin->asn();
    if (number == 0) {
        return not_known;
    }
    char digits[10];
    const auto* end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return glue::Pool{r.pool}.copy({digits, static_cast<std::size_t>(end - digits)});
}

}  // namespace

ngx_int_t add_geo_variables(ngx_conf_t& cf)
{
    // Not to be remembered: a location's realip may change the address in the middle of a request.
    constexpr auto flags = NGX_HTTP_VAR_NOCACHEABLE;
    constexpr glue::Variable variables[] = {
        {"gate_country", glue::variable<text<geo::Field::country>>, flags},
        {"gate_continent", glue::variable<text<geo::Field::continent>>, flags},
        {"gate_city", glue::variable<text<geo::Field::city>>, flags},
        {"gate_asn", glue::variable<asn>, flags},
        {"gate_as_org", glue::variable<text<geo::Field::as_org>>, flags},
    };
    return glue::add_variables(cf, variables);
}

}  // namespace gatehouse::geo_feature
