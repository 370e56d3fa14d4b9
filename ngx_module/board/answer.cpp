#include "ngx_module/glue/ngx.h"

#include "ngx_module/board/answer.h"

#include <array>

#include "ngx_module/board/compute.h"
#include "ngx_module/board/conf.h"
#include "ngx_module/board/miss.h"
#include "ngx_module/board/module.h"
#include "ngx_module/board/refusals.h"
#include "ngx_module/board/require.h"
#include "ngx_module/board/serve.h"
#include "ngx_module/board/variants.h"
#include "ngx_module/glue/clock.h"
#include "ngx_module/glue/conf.h"
#include "ngx_module/glue/identity.h"
#include "ngx_module/glue/sidecar_state.h"
#include "ngx_module/glue/telemetry.h"
#include "ngx_module/glue/text.h"
#include "ngx_module/glue/worker_board.h"

namespace gatehouse::board_feature {

namespace {

/// Closed: what guards a card must not fail into the location's other content.
ngx_int_t refuse(ngx_http_request_t& r)
{
    return glue::handler<refuse_caller, NGX_HTTP_INTERNAL_SERVER_ERROR>(&r);
}

/// What the board has under a request's key.
struct Variant {
    const board::Entry* entry = nullptr;
    QueryFormat in_query = QueryFormat::unknown;
};

Variant find_variant(const ngx_http_request_t& r)
{
    char buffer[board::longest_variant_key];
    const auto outcome = board::variant_key(glue::view(r.uri), glue::view(r.args), buffer);
    return {outcome ? glue::worker_board().find_variant(outcome.key) : nullptr,
            outcome.without_format ? QueryFormat::none : QueryFormat::unknown};
}

/// Whether the variant is one of the card that its caller may have. A snapshot that asks for more
/// than the card does is of a configuration that is no more: as good as none.
bool is_good_for(const ngx_http_request_t& r, std::uint32_t row, const board::Entry& variant)
{
    const auto scopes = variant.published->view().require();
    return is_of_row(variant, glue::view(r.uri), row) && (scopes.empty() || is_admitted(r, scopes));
}

/// Past its max_age, while there is somebody to compute it anew.
bool is_outdated(const ngx_http_request_t& r, const BoardConf& conf, const board::CardPath& card,
                 const board::Entry& entry) noexcept
{
    const auto age_ms = static_cast<std::uint64_t>(entry.age_ms(glue::now_ms()));
    return age_ms > entry.published->view().max_age_ms() && card.on_demand() &&
           glue::sidecar_is_up() && can_be_computed(r, conf);
}

ngx_int_t answer_variant(ngx_http_request_t& r, const BoardConf& conf, std::uint32_t row,
                         const Variant& variant)
{
    const auto card = card_paths()[row];
    if (!card.require.empty() && !is_admitted(r, card.require)) {
        return refuse(r);
    }
    if (!is_read(r)) {
        return refuse_method(r);
    }
    const auto* entry = variant.entry;
    const bool there = entry != nullptr && is_good_for(r, row, *entry);
    const bool outdated = there && is_outdated(r, conf, card, *entry);
    if (there && !outdated) {
        note_hit(r);
        note_served(*entry);
        return serve(r, conf, *entry, variant.in_query);
    }
    note_miss(r, outdated ? Miss::stale_variant : Miss::variant);
    if (!is_in_named_location(r)) {
        glue::count_card(card_index(row), glue::CardResult::miss);
    }
    if (card.on_demand()) {
        mark_for_compute(r, conf);
    }
    return NGX_DECLINED;
}

/// Of a path on which there is no card. A variant that is on the board knows its row: so its key is
/// looked for first, unless that would be long work for what may be no variant at all.
ngx_int_t answer_by_pattern(ngx_http_request_t& r, const BoardConf& conf, std::string_view path)
{
    constexpr std::size_t usual_query = 256;
    const bool key_first = r.args.len <= usual_query && glue::worker_board().variants() != 0;
    Variant variant = key_first ? find_variant(r) : Variant{};
    const auto row =
        variant.entry != nullptr ? row_of(*variant.entry, path) : card_paths().match(path);
    if (row == board::no_row) {
        note_miss(r, Miss::path);
        return NGX_DECLINED;
    }
    if (!key_first) {
        variant = find_variant(r);
    }
    return answer_variant(r, conf, row, variant);
}

/// The row of a card on the board that takes options, where the request has any beside `format`;
/// no_row otherwise.
std::uint32_t options_row(const ngx_http_request_t& r, std::string_view path,
                          const board::Entry& card)
{
    if (r.args.len == 0) {
        return board::no_row;
    }
    const auto row = row_of(card, path);
    if (row == board::no_row) {
        return board::no_row;
    }
    std::array<char, board::longest_variant_key> buffer;
    const auto key = board::variant_key(path, glue::view(r.args), buffer);
    return !key || key.key.find('?') != key.key.npos ? row : board::no_row;
}

}  // namespace

ngx_int_t answer(ngx_http_request_t& r)
{
    const auto& conf = glue::location_conf<BoardConf>(r, ngx_http_gatehouse_board_module);
    if (!conf.enabled) {
        return NGX_DECLINED;
    }
    const auto path = glue::view(r.uri);
    const auto* entry = glue::worker_board().find(path);
    if (entry == nullptr) {
        return answer_by_pattern(r, conf, path);
    }
    if (const auto row = options_row(r, path, *entry); row != board::no_row) {
        return answer_variant(r, conf, row, find_variant(r));
    }
    note_hit(r);
    const auto scopes = entry->published->view().require();
    if (!scopes.empty() && !is_admitted(r, scopes)) {
        return refuse(r);
    }
    return serve(r, conf, *entry);
}

namespace {

bool may_have(const ngx_http_request_t& r, std::string_view scopes, glue::TraceStep& step)
{
    if (scopes.empty()) {
        return true;
    }
    step.facts.member("requires", scopes);
    if (is_admitted(r, scopes)) {
        return true;
    }
    const bool known = glue::identity_of(r) != nullptr;
    step.refuse(known ? NGX_HTTP_FORBIDDEN : NGX_HTTP_UNAUTHORIZED,
                known ? "insufficient_scope" : "no_credentials");
    return false;
}

/// As answer_variant().
void explain_variant(ngx_http_request_t& r, const BoardConf& conf, std::uint32_t row,
                     glue::TraceStep& step)
{
    const auto card = card_paths()[row];
    step.facts.member("card", card.card);
    if (!may_have(r, card.require, step)) {
        return;
    }
    if (!is_read(r)) {
        return step.refuse(NGX_HTTP_NOT_ALLOWED, "only GET and HEAD");
    }
    const auto* entry = find_variant(r).entry;
    const bool there = entry != nullptr && is_good_for(r, row, *entry);
    const bool outdated = there && is_outdated(r, conf, card, *entry);
    if (there && !outdated) {
        return explain_serving(r, conf, *entry, step);
    }
    const bool computed = card.on_demand() && can_be_computed(r, conf);
    step.reason = outdated ? "the variant is stale" : "the variant is not on the board";
    step.reason += computed ? ": it would be computed" : ": nobody computes it here";
}

}  // namespace

void explain_answer(ngx_http_request_t& r, glue::Trace& trace)
{
    const auto& conf = glue::location_conf<BoardConf>(r, ngx_http_gatehouse_board_module);
    auto& step = trace.add("card");
    if (!conf.enabled) {
        return;
    }
    const auto path = glue::view(r.uri);
    const auto* entry = glue::worker_board().find(path);
    if (entry == nullptr) {
        if (const auto row = card_paths().match(path); row != board::no_row) {
            return explain_variant(r, conf, row, step);
        }
        step.reason = "no card has this path";
        return;
    }
    const auto& card = entry->published->view();
    step.facts.member("card", card.name());
    if (may_have(r, card.require(), step)) {
        explain_serving(r, conf, *entry, step);
    }
}

}  // namespace gatehouse::board_feature
