#include "src/http/conditional.h"

namespace gatehouse::http {
namespace {

bool changed_since(std::string_view date, const Validators& current, UnixSeconds now) noexcept
{
    const auto time = parse_http_date(date, now);
    return time && current.last_modified > *time;
}

bool unchanged_since(std::string_view date, const Validators& current, UnixSeconds now) noexcept
{
    const auto time = parse_http_date(date, now);
    return time && current.last_modified <= *time;
}

bool fails(const Preconditions& conditions, const Validators& current, UnixSeconds now) noexcept
{
    if (conditions.if_match) {
        return !matches_etag_list(*conditions.if_match, current.etag, Comparison::strong);
    }
    return conditions.if_unmodified_since &&
           changed_since(*conditions.if_unmodified_since, current, now);
}

bool client_has_it(const Preconditions& conditions, const Validators& current,
                   UnixSeconds now) noexcept
{
    if (conditions.if_none_match) {
        return matches_etag_list(*conditions.if_none_match, current.etag, Comparison::weak);
    }
    return conditions.if_modified_since &&
           unchanged_since(*conditions.if_modified_since, current, now);
}

}  // namespace

Verdict evaluate(const Preconditions& conditions, const Validators& current,
                 UnixSeconds now) noexcept
{
    if (!conditions.any()) {
        return Verdict::proceed;
    }
    if (fails(conditions, current, now)) {
        return Verdict::precondition_failed;
    }
    return client_has_it(conditions, current, now) ? Verdict::not_modified : Verdict::proceed;
}

}  // namespace gatehouse::http
