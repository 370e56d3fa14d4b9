#include "ngx_module/glue/ngx.h"

#include <arpa/inet.h>

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "ngx_module/explain/answer_filter.h"
#include "ngx_module/explain/permission.h"
#include "ngx_module/explain/request.h"
#include "ngx_module/glue/explain.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/text.h"
#include "src/base/ascii.h"

namespace gatehouse::explain_feature {

namespace {

/// The value of the field; nothing if it is not there, or more than once.
std::optional<std::string_view> find_permission(const ngx_http_request_t& r)
{
    std::optional<std::string_view> found;
    for (const auto* part = &r.headers_in.headers.part; part != nullptr; part = part->next) {
        const auto* fields = static_cast<const ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (!equals_ignoring_case(glue::view(fields[i].key), "gate-explain")) {
                continue;
            }
            if (found) {
                return std::nullopt;
            }
            found = glue::view(fields[i].value);
        }
    }
    return found;
}

/// The address that a request had when it came, put back at its end: the connection outlives it.
struct ClientBefore {
    explicit ClientBefore(ngx_connection_t& of) noexcept
        : connection(of), sockaddr(of.sockaddr), socklen(of.socklen), text(of.addr_text)
    {
    }
    ClientBefore(const ClientBefore&) = delete;
    ClientBefore& operator=(const ClientBefore&) = delete;
    ~ClientBefore()
    {
        connection.sockaddr = sockaddr;
        connection.socklen = socklen;
        connection.addr_text = text;
    }

    ngx_connection_t& connection;
    ::sockaddr* sockaddr;
    socklen_t socklen;
    ngx_str_t text;
};

/// As realip does it, and before it.
void come_from(ngx_http_request_t& r, const std::string& address)
{
    glue::Pool pool{r.pool};
    auto& connection = *r.connection;
    auto& place = pool.make_array<sockaddr_in6>(1)[0];
    auto* v4 = reinterpret_cast<sockaddr_in*>(&place);
    pool.make<ClientBefore>(connection);
    if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        connection.socklen = sizeof(sockaddr_in);
    } else {
        (void)::inet_pton(AF_INET6, address.c_str(), &place.sin6_addr);
        place.sin6_family = AF_INET6;
        connection.socklen = sizeof(sockaddr_in6);
    }
    connection.sockaddr = reinterpret_cast<sockaddr*>(&place);
    connection.addr_text = glue::lend(pool.copy(address));
}

ngx_uint_t method_bits(std::string_view name) noexcept
{
    constexpr std::array<std::pair<std::string_view, ngx_uint_t>, 14> known{{
        {"GET", NGX_HTTP_GET},
        {"HEAD", NGX_HTTP_HEAD},
        {"POST", NGX_HTTP_POST},
        {"PUT", NGX_HTTP_PUT},
        {"DELETE", NGX_HTTP_DELETE},
        {"PATCH", NGX_HTTP_PATCH},
        {"OPTIONS", NGX_HTTP_OPTIONS},
        {"MKCOL", NGX_HTTP_MKCOL},
        {"COPY", NGX_HTTP_COPY},
        {"MOVE", NGX_HTTP_MOVE},
        {"PROPFIND", NGX_HTTP_PROPFIND},
        {"PROPPATCH", NGX_HTTP_PROPPATCH},
        {"LOCK", NGX_HTTP_LOCK},
        {"UNLOCK", NGX_HTTP_UNLOCK},
    }};
    for (const auto& [word, bits] : known) {
        if (word == name) {
            return bits;
        }
    }
    return NGX_HTTP_UNKNOWN;
}

/// What nginx has read of the request line is read again, of the line that is asked about.
ngx_int_t become(ngx_http_request_t& r, const auth::ExplainPermission& asked)
{
    const auto target = glue::lend(glue::Pool{r.pool}.copy(asked.target));
    r.method = method_bits(asked.method);
    r.method_name = glue::lend(asked.method);
    r.uri_start = target.data;
    r.uri_end = target.data + target.len;
    r.args_start = nullptr;
    r.uri_ext = nullptr;
    r.args = {};
    r.exten = {};
    r.complex_uri = r.quoted_uri = r.plus_in_uri = r.empty_path_in_uri = 0;
    if (ngx_http_parse_uri(&r) != NGX_OK) {
        return NGX_HTTP_BAD_REQUEST;
    }
    // It has answered the request where it returns an error.
    return ngx_http_process_request_uri(&r) == NGX_OK ? NGX_DECLINED : NGX_DONE;
}

}  // namespace

ngx_int_t begin(ngx_http_request_t& r)
{
    const auto field = find_permission(r);
    auto permission = field ? redeem(*field) : std::nullopt;
    if (!permission || &r != r.main || r.internal) {
        return NGX_DECLINED;
    }
    auto& explained = glue::Pool{r.pool}.make<Explained>(std::move(*permission));
    explained.wire_method = r.method;
    explained.wire_method_name = r.method_name;
    put_answer_filters();
    glue::mark_explained(r);
    if (!explained.permission.from.empty()) {
        come_from(r, explained.permission.from);
    }
    return become(r, explained.permission);
}

}  // namespace gatehouse::explain_feature
