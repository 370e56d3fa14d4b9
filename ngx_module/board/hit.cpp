#include "ngx_module/glue/ngx.h"

#include "ngx_module/board/hit.h"

#include <charconv>
#include <span>
#include <string_view>

#include "ngx_module/glue/header.h"
#include "ngx_module/glue/identity.h"
#include "ngx_module/glue/pool.h"
#include "src/http/cache_control.h"
#include "src/http/cache_status.h"

namespace gatehouse::board_feature {

namespace {

/// What the response refers to until its last byte is sent: one allocation for all of it.
struct Response {
    explicit Response(Hit&& from) noexcept : hit(std::move(from)) {}

    Hit hit;
    ngx_buf_t buffer{};
    char cache_status[http::cache_status_capacity];
    char age[20];
    char content_range[http::content_range_capacity];
};

ngx_str_t file_name = ngx_string("gatehouse card");

// Filters that rewrite bodies (gzip, charset) leave a response alone that has a content encoding.
// This one says identity to them, and nothing to the client: a field with hash 0 is not sent.
ngx_table_elt_t identity_encoding = [] {
    ngx_table_elt_t field{};
    field.key = ngx_string("Content-Encoding");
    field.value = ngx_string("identity");
    return field;
}();

std::string_view decimal(std::int64_t number, std::span<char> out) noexcept
{
    const auto end = std::to_chars(out.data(), out.data() + out.size(), number);
    return {out.data(), end.ptr};
}

std::string_view vary(const Hit& hit) noexcept
{
    return hit.format_by_accept ? "Accept-Encoding, Accept" : "Accept-Encoding";
}

/// What not everybody may have must not lie in a cache that all share.
std::string_view cache_control(ngx_http_request_t& r, const board::SnapshotView& card)
{
    const auto text = card.cache_control();
    const bool for_all =
        card.require().empty() && !glue::is_guarded(r) && glue::identity_of(r) == nullptr;
    return for_all ? text : glue::Pool{r.pool}.copy(http::private_cache_control(text));
}

/// The fields of a 304, which the 200 and the 206 have too.
void push_common_fields(ngx_http_request_t& r, Response& response)
{
    const auto& hit = response.hit;
    const auto& card = hit.published->view();
    r.headers_out.etag = &glue::push_header(r, "ETag", hit.representation.etag);
    glue::push_cache_control(r, cache_control(r, card));
    glue::push_header(r, "Vary", vary(hit));
    glue::push_header(r, "Cache-Status",
                      http::format_cache_status_hit(hit.ttl_s, response.cache_status));
    if (!card.link().empty()) {
        glue::push_header(r, "Link", card.link());
    }
    if (hit.age_s > 0) {
        glue::push_header(r, "Age", decimal(hit.age_s, response.age));
    }
}

void set_content_type(ngx_http_request_t& r, std::string_view type) noexcept
{
    r.headers_out.content_type = glue::lend(type);
    // Filters that go by type (ssi, sub_filter, addition, charset) look for a type of this length
    // in their lists: they find none, and the bytes stay those that the ETag stands for.
    r.headers_out.content_type_len = 0;
    r.headers_out.content_type_lowcase = r.headers_out.content_type.data;
    r.headers_out.content_type_hash = 0;
}

void set_content_encoding(ngx_http_request_t& r, Encoding encoding)
{
    if (encoding == Encoding::identity) {
        r.headers_out.content_encoding = &identity_encoding;
        return;
    }
    r.headers_out.content_encoding = &glue::push_header(r, "Content-Encoding", name_of(encoding));
#if (NGX_HTTP_GZIP)
    // The client was asked already: the gunzip filter need not.
    r.gzip_tested = 1;
    r.gzip_ok = 1;
#endif
}

void push_last_modified(ngx_http_request_t& r, const board::SnapshotView& card)
{
    r.headers_out.last_modified = &glue::push_header(r, "Last-Modified", card.last_modified());
    r.headers_out.last_modified_time = static_cast<time_t>(card.last_modified_s());
}

void push_range_fields(ngx_http_request_t& r, Response& response, const http::RangeResult& range)
{
    if (range.kind == http::RangeResult::Kind::partial) {
        const auto text = http::format_content_range(range, response.hit.representation.body.size(),
                                                     response.content_range);
        r.headers_out.content_range = &glue::push_header(r, "Content-Range", text);
        r.headers_out.status = NGX_HTTP_PARTIAL_CONTENT;
        return;
    }
    if (response.hit.ranges) {
        r.headers_out.accept_ranges = &glue::push_header(r, "Accept-Ranges", "bytes");
    }
}

/// Memory and file at once: whichever way the connection sends, it copies nothing. nginx prefers
/// the file where it can use sendfile, and filters that must read find the bytes mapped.
void add_file(ngx_http_request_t& r, Response& response, std::uint64_t begin, std::size_t size)
{
    auto* file = static_cast<ngx_file_t*>(ngx_pcalloc(r.pool, sizeof(ngx_file_t)));
    if (file == nullptr) {
        throw std::bad_alloc{};
    }
    const auto& hit = response.hit;
    file->fd = hit.published->fd();
    file->name = file_name;
    file->log = r.connection->log;

    auto& buffer = response.buffer;
    buffer.in_file = 1;
    buffer.file = file;
    buffer.file_pos =
        static_cast<off_t>(hit.published->offset() + hit.representation.body_offset + begin);
    buffer.file_last = buffer.file_pos + static_cast<off_t>(size);
}

bool sends_files(const ngx_http_request_t& r) noexcept
{
    return r.connection->sendfile && !r.main_filter_need_in_memory && &r == r.main;
}

void fill_buffer(ngx_http_request_t& r, Response& response, std::uint64_t begin, std::size_t size)
{
    auto& buffer = response.buffer;
    const auto bytes = glue::lend(response.hit.representation.body.substr(begin, size));
    buffer.pos = buffer.start = bytes.data;
    buffer.last = buffer.end = bytes.data + bytes.len;
    buffer.memory = size != 0;
    buffer.last_buf = &r == r.main;
    buffer.last_in_chain = 1;
    if (size >= board::sendfile_threshold && sends_files(r)) {
        add_file(r, response, begin, size);
    }
}

}  // namespace

ngx_int_t send_not_modified(ngx_http_request_t& r, Hit hit)
{
    auto& response = glue::Pool{r.pool}.make<Response>(std::move(hit));
    r.headers_out.status = NGX_HTTP_NOT_MODIFIED;
    push_common_fields(r, response);
    return ngx_http_send_header(&r);
}

ngx_int_t send_representation(ngx_http_request_t& r, Hit hit, const http::RangeResult& range)
{
    auto& response = glue::Pool{r.pool}.make<Response>(std::move(hit));
    const bool partial = range.kind == http::RangeResult::Kind::partial;
    const std::uint64_t begin = partial ? range.first : 0;
    const std::size_t size = partial ? range.length() : response.hit.representation.body.size();

    // Conditions and ranges are decided by now: nginx's filters for them have no say.
    r.disable_not_modified = 1;
    r.allow_ranges = 0;
    r.headers_out.status = NGX_HTTP_OK;
    r.headers_out.content_length_n = static_cast<off_t>(size);
    set_content_type(r, response.hit.representation.content_type);
    set_content_encoding(r, response.hit.encoding);
    push_common_fields(r, response);
    push_last_modified(r, response.hit.published->view());
    push_range_fields(r, response, range);
    fill_buffer(r, response, begin, size);

    const ngx_int_t sent = ngx_http_send_header(&r);
    if (sent == NGX_ERROR || sent > NGX_OK || r.header_only || (size == 0 && &r != r.main)) {
        return sent;
    }
    ngx_chain_t chain{&response.buffer, nullptr};
    return ngx_http_output_filter(&r, &chain);
}

}  // namespace gatehouse::board_feature
