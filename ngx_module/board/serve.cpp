#include "ngx_module/glue/ngx.h"

#include "ngx_module/board/serve.h"

#include <optional>

#include "ngx_module/board/hit.h"
#include "ngx_module/board/refusals.h"
#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/header.h"
#include "ngx_module/glue/telemetry.h"
#include "ngx_module/glue/text.h"
#include "src/http/accept.h"
#include "src/http/accept_encoding.h"
#include "src/http/conditional.h"
#include "src/http/query.h"

namespace gatehouse::board_feature {

namespace {

struct FormatChoice {
    Format format = Format::json;
    bool by_accept = false;
    std::optional<FormatError> error = std::nullopt;
};

FormatChoice choose_by_accept(const ngx_http_request_t& r, FormatSet available)
{
    const bool several = (available.bits() & (available.bits() - 1)) != 0;
    return {http::choose_format(several ? glue::accept(r) : std::string_view{}, available),
            several};
}

FormatChoice choose_format(const ngx_http_request_t& r, FormatSet available,
                           QueryFormat in_query = QueryFormat::unknown)
{
    if (r.args.len == 0 || in_query == QueryFormat::none) {
        return choose_by_accept(r, available);
    }
    const auto query = http::find_format(glue::view(r.args));
    switch (query.kind) {
    case http::FormatQuery::Kind::absent: return choose_by_accept(r, available);
    case http::FormatQuery::Kind::duplicate: return {.error = FormatError::duplicate};
    case http::FormatQuery::Kind::unknown: return {.error = FormatError::unknown};
    case http::FormatQuery::Kind::named: break;
    }
    if (!available.contains(query.format)) {
        return {.error = FormatError::absent};
    }
    return {.format = query.format};
}

Encoding choose_encoding(const ngx_http_request_t& r, EncodingSet available)
{
    // A subrequest's bytes become a part of another response.
    if (&r != r.main) {
        return Encoding::identity;
    }
    return http::choose_encoding(glue::accept_encoding(r), available);
}

/// Whether the plain answer would be a 200 to the client, so that conditions and ranges apply.
bool is_plain(ngx_http_request_t& r) noexcept
{
    if (r.err_status == NGX_HTTP_OK) {
        r.err_status = 0;  // `error_page CODE =200 URI`, and our own status may be another one
    }
    return &r == r.main && r.err_status == 0;
}

http::Preconditions preconditions(const ngx_http_request_t& r) noexcept
{
    const auto& in = r.headers_in;
    return {glue::value_of(in.if_match), glue::value_of(in.if_unmodified_since),
            glue::value_of(in.if_none_match), glue::value_of(in.if_modified_since)};
}

bool allows_ranges(const ngx_http_request_t& r) noexcept
{
    const auto* core =
        static_cast<const ngx_http_core_loc_conf_t*>(r.loc_conf[ngx_http_core_module.ctx_index]);
    return core->max_ranges != 0 && r.http_version >= NGX_HTTP_VERSION_10;
}

http::RangeResult choose_range(const ngx_http_request_t& r, const http::Validators& current,
                               std::uint64_t size, std::int64_t now_s) noexcept
{
    // RFC 9110 §14.2 defines ranges for GET alone.
    const auto range = glue::value_of(r.headers_in.range);
    if (!range || r.method != NGX_HTTP_GET) {
        return {};
    }
    const auto if_range = glue::value_of(r.headers_in.if_range);
    if (if_range && !http::if_range_holds(*if_range, current, now_s)) {
        return {};
    }
    return http::select_range(*range, size);
}

/// Ends the request with what a sender of the response returned. In this phase nginx takes a plain
/// NGX_OK for "go on".
ngx_int_t finalize(ngx_http_request_t& r, ngx_int_t sent)
{
    ngx_http_finalize_request(&r, sent);
    return NGX_DONE;
}

ngx_int_t send(ngx_http_request_t& r, Hit hit, std::uint16_t card, std::int64_t now_s)
{
    const http::Validators current{hit.representation.etag,
                                   hit.published->view().last_modified_s()};
    const auto size = hit.representation.body.size();
    http::RangeResult range;
    if (is_plain(r)) {
        const auto conditions = preconditions(r);
        switch (conditions.any() ? http::evaluate(conditions, current, now_s)
                                 : http::Verdict::proceed) {
        case http::Verdict::precondition_failed: return refuse_precondition(r);
        case http::Verdict::not_modified:
            glue::count_card(card, glue::CardResult::not_modified);
            return finalize(r, send_not_modified(r, std::move(hit)));
        case http::Verdict::proceed: break;
        }
        hit.ranges = allows_ranges(r);
        if (hit.ranges) {
            range = choose_range(r, current, size, now_s);
        }
    }
    if (range.kind == http::RangeResult::Kind::unsatisfiable) {
        return refuse_range(r, size);
    }
    glue::count_card(card, hit.ttl_s < 0 ? glue::CardResult::stale : glue::CardResult::hit);
    return finalize(r, send_representation(r, std::move(hit), range));
}

std::uint64_t stale_limit_ms(const BoardConf& conf, const board::SnapshotView& card) noexcept
{
    if (conf.stale_ms != NGX_CONF_UNSET_MSEC) {
        return conf.stale_ms;
    }
    return card.stale_ms() >= 0 ? static_cast<std::uint64_t>(card.stale_ms()) : default_stale_ms;
}

/// Rounded down, as a cache must not promise more than there is.
std::int64_t floor_seconds(std::int64_t ms) noexcept
{
    return ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000);
}

}  // namespace

ngx_int_t serve(ngx_http_request_t& r, const BoardConf& conf, const board::Entry& entry,
                QueryFormat in_query)
{
    if (!is_read(r)) {
        return refuse_method(r);
    }
    const auto& card = entry.published->view();
    const auto choice = choose_format(r, card.formats(), in_query);
    if (choice.error) {
        return refuse_format(r, *choice.error, card.formats());
    }
    const std::int64_t now_ms = glue::now_ms();
    const std::int64_t age_ms = entry.age_ms(now_ms);
    if (board::freshness(age_ms, card.max_age_ms(), stale_limit_ms(conf, card)) ==
        board::Freshness::gone) {
        glue::count_card(glue::card_index(entry), glue::CardResult::miss);
        return refuse_gone(r, card);
    }
    // A body that came with GET means nothing here (RFC 9110 §9.3.1).
    if (const ngx_int_t discarded = ngx_http_discard_request_body(&r); discarded != NGX_OK) {
        return discarded;
    }
    const auto encoding = choose_encoding(r, card.encodings(choice.format));
    return send(r,
                Hit{.published = entry.published,
                    .representation = card.representation(choice.format, encoding),
                    .encoding = encoding,
                    .format_by_accept = choice.by_accept,
                    .ranges = false,
                    .age_s = age_ms / 1000,
                    .ttl_s = floor_seconds(static_cast<std::int64_t>(card.max_age_ms()) - age_ms)},
                glue::card_index(entry), now_ms / 1000);
}

namespace {

std::string_view word_of(board::Freshness freshness) noexcept
{
    switch (freshness) {
    case board::Freshness::fresh: return "fresh";
    case board::Freshness::stale: return "stale";
    case board::Freshness::gone: return "gone";
    }
    return {};
}

}  // namespace

void explain_serving(ngx_http_request_t& r, const BoardConf& conf, const board::Entry& entry,
                     glue::TraceStep& step)
{
    const auto& card = entry.published->view();
    if (!is_read(r)) {
        return step.refuse(NGX_HTTP_NOT_ALLOWED, "only GET and HEAD");
    }
    const auto choice = choose_format(r, card.formats());
    if (choice.error) {
        return step.refuse(NGX_HTTP_BAD_REQUEST, "the card does not have that format");
    }
    const std::int64_t now_ms = glue::now_ms();
    const std::int64_t age_ms = entry.age_ms(now_ms);
    const auto freshness = board::freshness(age_ms, card.max_age_ms(), stale_limit_ms(conf, card));
    step.facts.member("format", format_names[static_cast<std::size_t>(choice.format)]);
    step.facts.member("state", word_of(freshness)).member("age_s", age_ms / 1000);
    if (freshness == board::Freshness::gone) {
        return step.refuse(NGX_HTTP_SERVICE_UNAVAILABLE, "the data are too old");
    }
    step.effect = glue::Effect::answers;
    step.status = NGX_HTTP_OK;
    const auto conditions = preconditions(r);
    if (conditions.any()) {
        const auto encoding = choose_encoding(r, card.encodings(choice.format));
        const http::Validators current{card.representation(choice.format, encoding).etag,
                                       card.last_modified_s()};
        switch (http::evaluate(conditions, current, now_ms / 1000)) {
        case http::Verdict::precondition_failed:
            return step.refuse(NGX_HTTP_PRECONDITION_FAILED, "a precondition fails");
        case http::Verdict::not_modified: step.status = NGX_HTTP_NOT_MODIFIED; break;
        case http::Verdict::proceed: break;
        }
    }
}

}  // namespace gatehouse::board_feature
