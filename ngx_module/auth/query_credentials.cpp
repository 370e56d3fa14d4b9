#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/query_credentials.h"

#include <algorithm>
#include <array>

#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"
#include "src/http/query.h"

namespace gatehouse::auth_feature {

namespace {

using Names = std::vector<std::string_view>;

struct HiddenCredentials {
    std::vector<HiddenCredential> all;
};

HiddenCredentials* find_hidden(const ngx_http_request_t& r) noexcept
{
    return glue::Pool{r.main->pool}.find<HiddenCredentials>();
}

/// Calls with the name and the raw value of each argument that has one of these names.
template <class Visit>
void for_each_credential(std::string_view query, const Names& names, const Visit& visit)
{
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos) {
            continue;
        }
        std::array<char, 256> buffer;
        const auto name = http::percent_decode(pair.substr(0, equals), buffer);
        const auto found = name ? std::find(names.begin(), names.end(), *name) : names.end();
        if (found != names.end()) {
            visit(*found, pair.substr(equals + 1));
        }
    }
}

void mask(std::string_view query, const Names& names)
{
    for_each_credential(query, names, [](std::string_view, std::string_view value) {
        std::fill_n(glue::lend(value).data, value.size(), u_char{'*'});
    });
}

/// The query of a URI or a request line: it ends at a blank or with the text.
std::string_view query_of(const ngx_str_t& text) noexcept
{
    const auto whole = glue::view(text);
    const auto mark = whole.find('?');
    if (mark == std::string_view::npos) {
        return {};
    }
    const auto query = whole.substr(mark + 1);
    return query.substr(0, query.find(' '));
}

std::string_view decoded(ngx_http_request_t& r, std::string_view raw)
{
    const auto room = glue::Pool{r.pool}.make_array<char>(std::max<std::size_t>(raw.size(), 1));
    return http::percent_decode(raw, room).value_or(std::string_view{});
}

/// Those that the location asks for, and that no location before an internal redirect has taken:
/// what has been hidden is asterisks by now.
Names names_to_hide(const AuthConf& conf, const HiddenCredentials* hidden)
{
    Names names;
    for (const auto& source : *conf.sources) {
        const bool is_hidden =
            hidden != nullptr &&
            std::any_of(hidden->all.begin(), hidden->all.end(),
                        [&](const auto& credential) { return credential.name == source.name; });
        if (source.kind == SourceKind::query && !is_hidden) {
            names.emplace_back(source.name);
        }
    }
    return names;
}

}  // namespace

void hide_query_credentials(ngx_http_request_t& r, const AuthConf& conf)
{
    if (r.args.len == 0 || !conf.asks_query()) {
        return;
    }
    auto* hidden = find_hidden(r);
    const auto names = names_to_hide(conf, hidden);
    std::vector<HiddenCredential> found;
    for_each_credential(glue::view(r.args), names,
                        [&](std::string_view name, std::string_view raw) {
                            found.push_back({name, decoded(r, raw)});
                        });
    if (found.empty()) {
        return;
    }
    // After an internal redirect the query may be a text of the configuration; the other two are
    // the request's own, and may share their memory with each other, as the version of HTTP has it.
    r.args = glue::lend(glue::Pool{r.pool}.copy(glue::view(r.args)));
    mask(glue::view(r.args), names);
    mask(query_of(r.unparsed_uri), names);
    mask(query_of(r.request_line), names);
    if (hidden == nullptr) {
        hidden = &glue::Pool{r.pool}.make<HiddenCredentials>();
    }
    hidden->all.insert(hidden->all.end(), found.begin(), found.end());
}

std::span<const HiddenCredential> hidden_credentials(const ngx_http_request_t& r) noexcept
{
    const auto* hidden = find_hidden(r);
    return hidden == nullptr ? std::span<const HiddenCredential>{} : hidden->all;
}

void hide_from_request_line(ngx_http_request_t& r, const std::vector<std::string>& names)
{
    const auto query = query_of(r.request_line);
    if (query.empty()) {
        return;
    }
    const Names views{names.begin(), names.end()};
    bool found = false;
    for_each_credential(query, views, [&](std::string_view, std::string_view) { found = true; });
    if (found) {
        r.request_line = glue::lend(glue::Pool{r.pool}.copy(glue::view(r.request_line)));
        mask(query_of(r.request_line), views);
    }
}

}  // namespace gatehouse::auth_feature
