#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/problem.h"

#include <sys/random.h>

#include <array>
#include <cstring>
#include <new>
#include <span>
#include <stdexcept>
#include <string>

#include "ngx_module/glue/header.h"
#include "ngx_module/glue/pool.h"
#include "src/base/siphash.h"
#include "src/http/accept.h"
#include "src/http/problem.h"

namespace gatehouse::glue {

namespace {

bool has_error_page(const ngx_http_request_t& r, ngx_uint_t status) noexcept
{
    const auto* core =
        static_cast<const ngx_http_core_loc_conf_t*>(r.loc_conf[ngx_http_core_module.ctx_index]);
    if (r.error_page || core->error_pages == nullptr || r.uri_changes == 0) {
        return false;
    }
    const std::span pages{static_cast<const ngx_http_err_page_t*>(core->error_pages->elts),
                          core->error_pages->nelts};
    for (const auto& page : pages) {
        if (page.status == static_cast<ngx_int_t>(status)) {
            return true;
        }
    }
    return false;
}

constexpr std::string_view request_id_name = "request_id";

/// Of $request_id, in the configuration read last.
ngx_int_t request_id_index = NGX_ERROR;

/// Without a master, a request may belong to the configuration before, with other indices.
bool knows_request_id(const ngx_http_request_t& r) noexcept
{
    const auto* core =
        static_cast<const ngx_http_core_main_conf_t*>(r.main_conf[ngx_http_core_module.ctx_index]);
    const auto index = static_cast<ngx_uint_t>(request_id_index);
    const auto* variables = static_cast<const ngx_http_variable_t*>(core->variables.elts);
    return request_id_index >= 0 && index < core->variables.nelts &&
           view(variables[index].name) == request_id_name;
}

/// Never the same twice: a counter, under a random key of this process. Throws if there is no
/// randomness.
Hash128 unique_number()
{
    static const SipKey key = [] {
        SipKey random;
        if (::getrandom(&random, sizeof random, 0) != static_cast<ssize_t>(sizeof random)) {
            throw std::runtime_error{"getrandom failed"};
        }
        return random;
    }();
    static std::uint64_t counter = 0;
    ++counter;
    return siphash13(key, {reinterpret_cast<const char*>(&counter), sizeof counter});
}

/// The two digits of every byte.
constexpr auto hex_pairs = [] {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<char, 512> pairs{};
    for (std::size_t i = 0; i < 256; ++i) {
        pairs[2 * i] = digits[i >> 4];
        pairs[2 * i + 1] = digits[i & 15];
    }
    return pairs;
}();

void write_hex(u_char* out, const Hash128& number) noexcept
{
    for (const auto half : {number.low, number.high}) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            std::memcpy(out, &hex_pairs[2 * (half >> shift & 0xff)], 2);
            out += 2;
        }
    }
}

std::string_view path_as_written(const ngx_http_request_t& r) noexcept
{
    const auto uri = view(r.unparsed_uri);
    return uri.substr(0, uri.find('?'));
}

/// `body` must live as long as the request.
ngx_int_t send(ngx_http_request_t& r, ngx_uint_t status, std::string_view type,
               std::string_view body)
{
    r.headers_out.status = status;
    r.err_status = 0;
    r.headers_out.content_length_n = static_cast<off_t>(body.size());
    r.headers_out.content_type = lend(type);
    r.headers_out.content_type_len = type.substr(0, type.find(';')).size();
    r.headers_out.content_type_lowcase = nullptr;

    auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r.pool));
    if (buffer == nullptr) {
        throw std::bad_alloc{};
    }
    buffer->pos = lend(body).data;
    buffer->last = buffer->pos + body.size();
    buffer->memory = 1;
    buffer->last_buf = 1;
    buffer->last_in_chain = 1;

    const ngx_int_t sent = ngx_http_send_header(&r);
    if (sent == NGX_ERROR || sent > NGX_OK || r.header_only) {
        return sent;
    }
    ngx_chain_t chain{buffer, nullptr};
    return ngx_http_output_filter(&r, &chain);
}

/// The view is good until the next call.
std::string_view text_of(ngx_http_request_t& r, const Refusal& refusal, bool html)
{
    static std::string text;  // keeps its memory from one refusal to the next
    text.clear();
    const auto instance = path_as_written(r);
    const auto id = request_id(r);
    if (!html && refusal.ready != nullptr) {
        refusal.ready->append(text, instance, id);
        return text;
    }
    http::Problem problem;
    problem.type = refusal.type;
    problem.status = static_cast<int>(refusal.status);
    problem.detail = refusal.detail;
    problem.instance = instance;
    problem.request_id = id;
    problem.extra = refusal.extra;
    text = html ? http::problem_html(problem) : http::problem_json(problem);
    return text;
}

}  // namespace

ngx_int_t prepare_refusals(ngx_conf_t& cf) noexcept
{
    ngx_str_t name = lend(request_id_name);
    request_id_index = ngx_http_get_variable_index(&cf, &name);
    return request_id_index == NGX_ERROR ? NGX_ERROR : NGX_OK;
}

void set_request_id(ngx_http_request_t& r, std::string_view id) noexcept
{
    if (!knows_request_id(r)) {
        return;
    }
    auto& value = r.variables[request_id_index];
    const auto text = lend(id);
    value.data = text.data;
    value.len = static_cast<unsigned>(text.len);
    value.valid = 1;
    value.not_found = 0;
    value.no_cacheable = 0;
}

std::string_view request_id(ngx_http_request_t& r)
{
    if (!knows_request_id(r)) {
        return {};
    }
    const auto& value = r.variables[request_id_index];
    if (!value.valid) {
        const auto number = unique_number();
        const auto text = Pool{r.pool}.make_array<u_char>(2 * sizeof number);
        write_hex(text.data(), number);
        set_request_id(r, {reinterpret_cast<const char*>(text.data()), text.size()});
    }
    return {reinterpret_cast<const char*>(value.data), value.len};
}

ngx_int_t refuse_request(ngx_http_request_t& r, const Refusal& refusal)
{
    // 444 closes the connection without an answer, as everywhere in nginx.
    if (&r != r.main || refusal.status == NGX_HTTP_CLOSE || has_error_page(r, refusal.status)) {
        return static_cast<ngx_int_t>(refusal.status);
    }
    const bool html = http::prefers_html(accept(r));
    const auto body = Pool{r.pool}.copy(text_of(r, refusal, html));
    push_cache_control(r, "no-store");

    // As nginx does for its own errors: no "100 Continue" for a body nobody wants.
    r.expect_tested = 1;
    if (ngx_http_discard_request_body(&r) != NGX_OK) {
        r.keepalive = 0;
    }
    const auto type = html ? http::problem_html_type : http::problem_json_type;
    ngx_http_finalize_request(&r, send(r, refusal.status, type, body));
    return NGX_DONE;
}

}  // namespace gatehouse::glue
