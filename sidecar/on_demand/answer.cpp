#include "sidecar/on_demand/answer.h"

#include <algorithm>
#include <optional>

#include "sidecar/base/invalid_params.h"
#include "src/http/accept.h"
#include "src/http/accept_encoding.h"
#include "src/http/cache_control.h"
#include "src/http/cache_status.h"
#include "src/http/conditional.h"
#include "src/http/query.h"

namespace gatehouse::on_demand {

namespace {

using api::Field;
using api::Request;
using api::Response;

/// Fields of requests that conditions read; absent ones have no value.
std::optional<std::string_view> value_of(const Request& request, std::string_view lower)
{
    for (const auto& [name, value] : request.fields) {
        if (equals_ignoring_case(name, lower)) {
            return value;
        }
    }
    return std::nullopt;
}

http::Preconditions preconditions(const Request& request)
{
    return {value_of(request, "if-match"), value_of(request, "if-unmodified-since"),
            value_of(request, "if-none-match"), value_of(request, "if-modified-since")};
}

std::string cache_status(const Reply& reply)
{
    const std::string stored = reply.kept ? "; stored" : "";
    switch (reply.how) {
    case Reply::How::computed: return std::string{http::cache_status_miss} + stored;
    case Reply::How::joined: return std::string{http::cache_status_miss} + "; collapsed" + stored;
    default: break;
    }
    char text[http::cache_status_capacity];
    return std::string{http::format_cache_status_hit(
        reply.how == Reply::How::stale ? std::min<std::int64_t>(reply.ttl_ms / 1000, -1)
                                       : reply.ttl_ms / 1000,
        text)};
}

struct Chosen {
    Format format = Format::json;
    bool by_accept = false;
    std::string refusal;
};

Chosen choose_format(const Request& request, FormatSet available)
{
    const auto query = http::find_format(request.query);
    switch (query.kind) {
    case http::FormatQuery::Kind::absent: {
        const bool several = (available.bits() & (available.bits() - 1)) != 0;
        const auto accept = several ? request.field("accept") : std::string_view{};
        return {http::choose_format(accept, available), several, {}};
    }
    case http::FormatQuery::Kind::duplicate: return {.refusal = "must be there once"};
    case http::FormatQuery::Kind::unknown: return {.refusal = "is not known"};
    case http::FormatQuery::Kind::named: break;
    }
    return available.contains(query.format) ? Chosen{query.format, false, {}}
                                            : Chosen{.refusal = "is none of this answer's formats"};
}

/// The fields that a 304 has too.
std::vector<Field> common_fields(const Request& request, const Reply& reply,
                                 const board::Representation& body, const Chosen& chosen,
                                 std::int64_t now_unix_ms)
{
    const auto& card = reply.snapshot->view();
    const bool for_all = card.require().empty() && !request.caller;
    std::vector<Field> fields{
        {"ETag", std::string{body.etag}},
        {"Cache-Control", for_all ? std::string{card.cache_control()}
                                  : http::private_cache_control(card.cache_control())},
        {"Vary", chosen.by_accept ? "Accept-Encoding, Accept" : "Accept-Encoding"},
        {"Cache-Status", cache_status(reply)}};
    if (!card.link().empty()) {
        fields.emplace_back("Link", card.link());
    }
    if (const auto age_s = (now_unix_ms - reply.verified_at_ms) / 1000; age_s > 0) {
        fields.emplace_back("Age", std::to_string(age_s));
    }
    return fields;
}

Response snapshot_answer(const Request& request, const Reply& reply, std::int64_t now_unix_ms)
{
    const auto& card = reply.snapshot->view();
    const auto chosen = choose_format(request, card.formats());
    if (!chosen.refusal.empty()) {
        return refuse(request, {{"format", chosen.refusal}});
    }
    const auto encoding =
        http::choose_encoding(request.field("accept-encoding"), card.encodings(chosen.format));
    const auto body = card.representation(chosen.format, encoding);
    const http::Validators current{body.etag, card.last_modified_s()};
    const auto conditions = preconditions(request);
    const auto verdict = conditions.any() ? http::evaluate(conditions, current, now_unix_ms / 1000)
                                          : http::Verdict::proceed;
    if (verdict == http::Verdict::precondition_failed) {
        return api::problem(request, 412, "The answer is not the one the request asks for.");
    }
    Response response;
    response.fields = common_fields(request, reply, body, chosen, now_unix_ms);
    if (verdict == http::Verdict::not_modified) {
        response.status = 304;
        return response;
    }
    response.fields.emplace_back("Content-Type", body.content_type);
    response.fields.emplace_back("Last-Modified", card.last_modified());
    if (encoding != Encoding::identity) {
        response.fields.emplace_back("Content-Encoding", name_of(encoding));
    }
    response.body = {reply.snapshot, body.body};
    return response;
}

/// What is wrong with our data is for our log; a client is told when to come again.
Response failure_answer(const Request& request, const Failure& failure)
{
    if (!failure.invalid.empty()) {
        return refuse(request, failure.invalid);
    }
    const bool ours = failure.status >= 500;
    auto response =
        api::problem(request, ours ? 503 : failure.status,
                     ours ? "The data behind this answer cannot be read now." : failure.detail);
    if (ours || failure.status == 429) {
        response.fields.emplace_back("Retry-After", "1");
    }
    return response;
}

}  // namespace

Response answer_to(const Request& request, const Reply& reply, std::int64_t now_unix_ms)
{
    return reply.snapshot ? snapshot_answer(request, reply, now_unix_ms)
                          : failure_answer(request, reply.failure);
}

Response refuse(const Request& request, const std::vector<InvalidParam>& invalid)
{
    std::vector<Field> names_and_reasons;
    for (const InvalidParam& each : invalid) {
        names_and_reasons.emplace_back(each.name, each.reason);
    }
    return api::invalid_params(request, names_and_reasons);
}

}  // namespace gatehouse::on_demand
