#include "ngx_module/glue/ngx.h"

#include "ngx_module/board/refusals.h"

#include <algorithm>
#include <string>

#include "ngx_module/glue/header.h"
#include "ngx_module/glue/pool.h"
#include "ngx_module/glue/problem.h"
#include "src/http/range.h"

namespace gatehouse::board_feature {

namespace {

std::string list_formats(FormatSet available)
{
    std::string list;
    for (std::size_t i = 0; i < format_count; ++i) {
        if (available.contains(static_cast<Format>(i))) {
            list.append(list.empty() ? "" : ", ").append(format_names[i]);
        }
    }
    return list;
}

std::string_view what_is_wrong(FormatError error) noexcept
{
    switch (error) {
    case FormatError::unknown: return "The query asks for a format that does not exist.";
    case FormatError::duplicate: return "The query asks for a format more than once.";
    case FormatError::absent: return "This answer does not exist in that format.";
    }
    return {};
}

}  // namespace

ngx_int_t refuse_method(ngx_http_request_t& r)
{
    glue::push_header(r, "Allow", "GET, HEAD");
    return glue::refuse_request(r, {NGX_HTTP_NOT_ALLOWED, "Only GET and HEAD are answered here."});
}

ngx_int_t refuse_format(ngx_http_request_t& r, FormatError error, FormatSet available)
{
    const auto detail =
        std::string{what_is_wrong(error)} + " Available: " + list_formats(available) + ".";
    return glue::refuse_request(r, {NGX_HTTP_BAD_REQUEST, detail});
}

ngx_int_t refuse_gone(ngx_http_request_t& r, const board::SnapshotView& card)
{
    // New data are due within max_age of the source's return; nobody should poll faster than that,
    // nor give up on a daily card for a day.
    const auto seconds = std::clamp<std::uint64_t>(card.max_age_ms() / 1000, 1, 60);
    glue::push_header(r, "Retry-After", glue::Pool{r.pool}.copy(std::to_string(seconds)));
    return glue::refuse_request(
        r, {NGX_HTTP_SERVICE_UNAVAILABLE, "The data behind this answer are too old to be served."});
}

ngx_int_t refuse_precondition(ngx_http_request_t& r)
{
    return glue::refuse_request(
        r, {NGX_HTTP_PRECONDITION_FAILED, "The answer is not the one the request asks for."});
}

ngx_int_t refuse_range(ngx_http_request_t& r, std::uint64_t size)
{
    const http::RangeResult none{.kind = http::RangeResult::Kind::unsatisfiable};
    char text[http::content_range_capacity];
    const auto field = glue::Pool{r.pool}.copy(http::format_content_range(none, size, text));
    r.headers_out.content_range = &glue::push_header(r, "Content-Range", field);
    return glue::refuse_request(
        r, {NGX_HTTP_RANGE_NOT_SATISFIABLE, "The range lies outside of the answer."});
}

}  // namespace gatehouse::board_feature
