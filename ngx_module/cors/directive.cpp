#include "ngx_module/glue/ngx.h"

#include "ngx_module/cors/directive.h"

#include <array>
#include <bitset>
#include <string>
#include <string_view>

#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/quoted_words.h"
#include "ngx_module/glue/text.h"
#include "src/http/token.h"

namespace gatehouse::cors_feature {

namespace {

using Kind = http::NameList::Kind;

// A browser sends these methods to other origins without asking; all others are to be named.
constexpr std::string_view default_methods = "GET, HEAD, POST";

// What a request with a JSON body and a token needs; the tokens are those of gate_token_from.
constexpr std::string_view default_headers = "Authorization, Content-Type, X-API-Token, X-API-Key";

// What says how many more requests are admitted, and when.
constexpr std::string_view default_exposed =
    "RateLimit, RateLimit-Policy, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, "
    "X-RateLimit-Reset";

constexpr std::string_view default_max_age_s = "600";

char* invalid(ngx_conf_t& cf, const ngx_str_t& word, const std::string& why)
{
    return glue::refuse(
        cf, "invalid parameter \"" + std::string{glue::view(word)} + "\" in \"gate_cors\": " + why);
}

Result<void> read_origins(Policy& policy, std::string_view list)
{
    for (bool more = true; more;) {
        more = list.find(',') != std::string_view::npos;
        const auto origin = http::take_member(list);
        if (origin.empty()) {
            return Error{"an origin is missing"};
        }
        if (auto added = policy.rules.origins.add(origin); !added) {
            return added;
        }
    }
    return {};
}

Result<void> read_names(http::NameList& names, Kind kind, std::string_view list)
{
    auto parsed = http::NameList::parse(kind, list);
    if (!parsed) {
        return parsed.error();
    }
    names = std::move(*parsed);
    return {};
}

Result<void> read_methods(Policy& policy, std::string_view list)
{
    return read_names(policy.rules.methods, Kind::methods, list);
}

Result<void> read_headers(Policy& policy, std::string_view list)
{
    return read_names(policy.rules.headers, Kind::fields, list);
}

Result<void> read_exposed(Policy& policy, std::string_view list)
{
    policy.rules.exposed.clear();
    if (list == "off") {
        return {};
    }
    http::NameList names;
    auto read = read_names(names, Kind::fields, list);
    policy.rules.exposed = names.text();
    return read;
}

Result<void> read_max_age(Policy& policy, std::string_view text)
{
    ngx_str_t word = glue::lend(text);
    const ngx_int_t seconds = ngx_parse_time(&word, 1);
    if (seconds == NGX_ERROR) {
        return Error{"it must be a time in whole seconds, as 10m"};
    }
    policy.max_age = std::to_string(seconds);
    return {};
}

struct Parameter {
    std::string_view name;
    Result<void> (*read)(Policy& policy, std::string_view value);
};

constexpr std::array<Parameter, 5> parameters{{{"origin=", read_origins},
                                               {"methods=", read_methods},
                                               {"headers=", read_headers},
                                               {"expose=", read_exposed},
                                               {"max_age=", read_max_age}}};

constexpr std::size_t credentials_bit = parameters.size();
using Seen = std::bitset<parameters.size() + 1>;

char* read_word(ngx_conf_t& cf, Policy& policy, Seen& seen, const ngx_str_t& word)
{
    const auto text = glue::view(word);
    std::size_t index = 0;
    while (index < parameters.size() && !text.starts_with(parameters[index].name)) {
        ++index;
    }
    if (index == credentials_bit && text != "credentials") {
        return invalid(cf, word,
                       "known are origin=, credentials, methods=, headers=, expose=, max_age=, or "
                       "\"off\" alone");
    }
    if (seen[index]) {
        return invalid(cf, word, "it stands there twice");
    }
    seen[index] = true;
    if (index == credentials_bit) {
        policy.rules.credentials = true;
        return glue::accepted;
    }
    const auto& parameter = parameters[index];
    const auto read = parameter.read(policy, text.substr(parameter.name.size()));
    return read ? glue::accepted : invalid(cf, word, read.error().message);
}

/// With credentials the page of any such origin acts in the name of whoever looks at it.
char* check_credentials(ngx_conf_t& cf, const http::CorsRules& rules)
{
    if (!rules.credentials) {
        return glue::accepted;
    }
    if (rules.origins.all()) {
        return glue::refuse(cf,
                            "\"gate_cors\" has origin=* and credentials: any site could act for "
                            "whoever visits it; name the origins, or leave credentials out");
    }
    if (rules.origins.has_null()) {
        return glue::refuse(cf,
                            "\"gate_cors\" has origin=null and credentials: any site can open a "
                            "document of this origin; leave one of them out");
    }
    if (rules.exposed == "*") {
        return glue::refuse(cf,
                            "\"gate_cors\" has expose=* and credentials, with which browsers take "
                            "\"*\" for a name; list the names");
    }
    return glue::accepted;
}

void set_defaults(Policy& policy)
{
    (void)read_methods(policy, default_methods);
    (void)read_headers(policy, default_headers);
    policy.rules.exposed = default_exposed;
    policy.max_age = default_max_age_s;
}

char* read_policy(ngx_conf_t& cf, Policy& policy)
{
    const auto words = glue::quoted_words(cf);
    if (!words) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    if (words->size() == 2 && glue::view((*words)[1]) == "off") {
        policy.off = true;
        return glue::accepted;
    }
    set_defaults(policy);
    Seen seen;
    for (std::size_t i = 1; i < words->size(); ++i) {
        if (char* const result = read_word(cf, policy, seen, (*words)[i]);
            result != glue::accepted) {
            return result;
        }
    }
    if (policy.rules.origins.empty()) {
        return glue::refuse(cf, "\"gate_cors\" must have origin=LIST, or be \"off\"");
    }
    return check_credentials(cf, policy.rules);
}

char* set_cors(ngx_conf_t& cf, CorsConf& conf)
{
    if (conf.policy != nullptr) {
        return glue::duplicate();
    }
    auto& policy = glue::Pool{cf.pool}.make<Policy>();
    conf.policy = &policy;
    main_conf(cf).used = true;
    return read_policy(cf, policy);
}

}  // namespace

ngx_command_t commands[] = {
    {ngx_string("gate_cors"), glue::http_levels | NGX_CONF_1MORE,
     glue::directive<CorsConf, set_cors>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};

MainConf& main_conf(ngx_conf_t& cf) noexcept
{
    const auto* context = static_cast<ngx_http_conf_ctx_t*>(cf.ctx);
    return *static_cast<MainConf*>(context->main_conf[ngx_http_gatehouse_cors_module.ctx_index]);
}

void* create_main_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<MainConf>();
}

void* create_location_conf(ngx_conf_t& cf)
{
    return &glue::Pool{cf.pool}.make<CorsConf>();
}

void merge_location_conf(ngx_conf_t& /*cf*/, CorsConf& outer, CorsConf& inner)
{
    if (inner.policy == nullptr) {
        inner.policy = outer.policy;
    }
}

}  // namespace gatehouse::cors_feature
