#include "ngx_module/glue/ngx.h"

#include "ngx_module/auth/query_credentials.h"

#include <algorithm>
#include <array>
#include <vector>

#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"
#include "src/http/query.h"

namespace gatehouse::auth_feature {

namespace {

struct HiddenCredentials {
    std::vector<std::string_view> texts;
};

bool is_credential(std::string_view raw_name, const AuthConf& conf) noexcept
{
    std::array<char, 256> buffer;
    const auto name = http::percent_decode(raw_name, buffer);
    return name && std::any_of(conf.sources->begin(), conf.sources->end(), [&](const auto& source) {
               return source.kind == SourceKind::query && source.name == *name;
           });
}

/// The raw values of credentials in a query.
template <class Visit>
void for_each_credential(std::string_view query, const AuthConf& conf, const Visit& visit)
{
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && is_credential(pair.substr(0, equals), conf)) {
            visit(pair.substr(equals + 1));
        }
    }
}

std::string_view decoded(ngx_http_request_t& r, std::string_view raw)
{
    const auto room = glue::Pool{r.pool}.make_array<char>(std::max<std::size_t>(raw.size(), 1));
    return http::percent_decode(raw, room).value_or(std::string_view{});
}

/// In a URI or a request line: its query ends at a blank or with the text.
void mask_query_of(const ngx_str_t& text, const AuthConf& conf)
{
    const auto whole = glue::view(text);
    const auto start = whole.find('?');
    if (start == std::string_view::npos) {
        return;
    }
    const auto query = whole.substr(start + 1);
    for_each_credential(query.substr(0, query.find(' ')), conf, [](std::string_view value) {
        std::fill_n(glue::lend(value).data, value.size(), u_char{'*'});
    });
}

}  // namespace

void hide_query_credentials(ngx_http_request_t& r, const AuthConf& conf)
{
    // What has been hidden is asterisks by now.
    if (r.args.len == 0 || !conf.asks_query() || !hidden_credentials(r).empty()) {
        return;
    }
    std::vector<std::string_view> texts;
    for_each_credential(glue::view(r.args), conf,
                        [&](std::string_view raw) { texts.push_back(decoded(r, raw)); });
    if (texts.empty()) {
        return;
    }
    // These may be three texts or one, as the version of HTTP has it.
    for_each_credential(glue::view(r.args), conf, [](std::string_view value) {
        std::fill_n(glue::lend(value).data, value.size(), u_char{'*'});
    });
    mask_query_of(r.unparsed_uri, conf);
    mask_query_of(r.request_line, conf);
    glue::Pool{r.pool}.make<HiddenCredentials>(std::move(texts));
}

std::span<const std::string_view> hidden_credentials(const ngx_http_request_t& r) noexcept
{
    const auto* hidden = glue::Pool{r.main->pool}.find<HiddenCredentials>();
    return hidden == nullptr ? std::span<const std::string_view>{} : hidden->texts;
}

}  // namespace gatehouse::auth_feature
