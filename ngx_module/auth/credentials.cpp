#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/credentials.h"

#include <algorithm>

#include "ngx_module/auth/query_credentials.h"
#include "ngx_module/glue/text.h"
#include "src/base/ascii.h"
#include "src/http/query.h"

namespace gatehouse::auth_feature {

namespace {

/// What was found so far.
class Finder {
public:
    void take(std::string_view text, bool is_bearer = false) noexcept
    {
        found_ = {found_.kind == Credential::Kind::none && !text.empty()
                      ? Credential::Kind::one
                      : Credential::Kind::malformed,
                  text, is_bearer};
    }

    const Credential& found() const noexcept { return found_; }

private:
    Credential found_;
};

void find_bearer(Finder& finder, const ngx_http_request_t& r)
{
    constexpr std::string_view scheme = "bearer";
    if (r.headers_in.authorization == nullptr) {
        return;
    }
    const auto value = glue::view(r.headers_in.authorization->value);
    if (!equals_ignoring_case(value.substr(0, scheme.size()), scheme) ||
        (value.size() > scheme.size() && !is_ows(value[scheme.size()]))) {
        return;
    }
    auto token = value.substr(scheme.size());
    while (!token.empty() && is_ows(token.front())) {
        token.remove_prefix(1);
    }
    finder.take(token, true);
}

/// Each cookie of that name in one Cookie field.
void find_cookies(Finder& finder, std::string_view field, std::string_view name)
{
    while (!field.empty()) {
        const auto end = std::min(field.find(';'), field.size());
        auto pair = field.substr(0, end);
        field.remove_prefix(std::min(end + 1, field.size()));
        pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
        if (pair.size() > name.size() && pair[name.size()] == '=' && pair.starts_with(name)) {
            finder.take(pair.substr(name.size() + 1));
        }
    }
}

constexpr std::string_view cookie_name = "cookie";

void look_into(Finder& finder, const ngx_table_elt_t& field, const AuthConf& conf)
{
    for (const auto& source : *conf.sources) {
        if (source.hash != field.hash) {
            continue;
        }
        const std::string_view name{reinterpret_cast<const char*>(field.lowcase_key),
                                    field.key.len};
        if (source.kind == SourceKind::header && name == source.name) {
            finder.take(glue::view(field.value));
        } else if (source.kind == SourceKind::cookie && name == cookie_name) {
            find_cookies(finder, glue::view(field.value), source.name);
        }
    }
}

void find_in_fields(Finder& finder, const ngx_http_request_t& r, const AuthConf& conf)
{
    for (const auto* part = &r.headers_in.headers.part; part != nullptr; part = part->next) {
        const auto* fields = static_cast<const ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            look_into(finder, fields[i], conf);
        }
    }
}

bool asks_query_for(const AuthConf& conf, std::string_view name) noexcept
{
    return std::any_of(conf.sources->begin(), conf.sources->end(), [&](const auto& source) {
        return source.kind == SourceKind::query && source.name == name;
    });
}

bool has_source(const AuthConf& conf, SourceKind kind) noexcept
{
    return std::any_of(conf.sources->begin(), conf.sources->end(),
                       [&](const auto& source) { return source.kind == kind; });
}

/// Beside a token that was found elsewhere. Where the query is asked for it, it was found there.
bool has_access_token(const ngx_http_request_t& r, const AuthConf& conf) noexcept
{
    constexpr std::string_view name = "access_token";
    return r.args.len != 0 && !asks_query_for(conf, name) &&
           http::find_parameter(glue::view(r.args), name).count !=
               http::QueryParameter::Count::none;
}

}  // namespace

bool is_bearer_token(std::string_view text) noexcept
{
    const auto end = text.find_last_not_of('=');
    return end != std::string_view::npos &&
           std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end) + 1,
                       [](char c) {
                           return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') ||
                                  std::string_view{"-._~+/"}.find(c) != std::string_view::npos;
                       });
}

Credential find_credential(ngx_http_request_t& r, const AuthConf& conf)
{
    Finder finder;
    const bool bearer = has_source(conf, SourceKind::bearer);
    if (bearer) {
        find_bearer(finder, r);
    }
    find_in_fields(finder, r, conf);
    for (const auto& hidden : hidden_credentials(r)) {
        if (asks_query_for(conf, hidden.name)) {
            finder.take(hidden.value);
        }
    }
    if (bearer && finder.found().kind == Credential::Kind::one && has_access_token(r, conf)) {
        return {Credential::Kind::malformed, {}};
    }
    return finder.found();
}

}  // namespace gatehouse::auth_feature
