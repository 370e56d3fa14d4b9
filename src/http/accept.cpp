#include "src/http/accept.h"

#include <algorithm>
#include <array>
#include <span>

#include "src/http/field.h"

namespace gatehouse::http {
namespace {

/// How closely a media range meets a type, and with which weight.
struct Rating {
    enum Specificity : std::uint8_t { none, any, same_type, exact };

    Specificity specificity = none;
    Weight weight = 0;
};

Rating::Specificity match(std::string_view range, std::string_view media_type) noexcept
{
    if (range == "*/*") {
        return Rating::any;
    }
    if (range.ends_with("/*")) {
        const std::size_t slash = range.size() - 1;  // its length with the slash
        return equals_ignoring_case(range.substr(0, slash), media_type.substr(0, slash))
                   ? Rating::same_type
                   : Rating::none;
    }
    return equals_ignoring_case(range, media_type) ? Rating::exact : Rating::none;
}

/// Raises `ratings[i]` for `media_types[i]`.
void rate(std::string_view accept, std::span<const std::string_view> media_types,
          std::span<Rating> ratings) noexcept
{
    WeightedList list(accept);
    for (WeightedMember member; list.next(member);) {
        for (std::size_t i = 0; i < media_types.size(); ++i) {
            const auto specificity = match(member.name, media_types[i]);
            Rating& rating = ratings[i];
            if (specificity == Rating::none || specificity < rating.specificity) {
                continue;
            }
            if (specificity > rating.specificity || member.weight > rating.weight) {
                rating = {specificity, member.weight};
            }
        }
    }
}

constexpr std::array<std::string_view, 6> format_types{
    "application/json",   "application/vnd.gatehouse.columns+json",
    "text/csv",           "application/x-ndjson",
    "application/ndjson", "application/jsonl",
};
constexpr std::array<Format, format_types.size()> format_of_type{
    Format::json, Format::columns, Format::csv, Format::ndjson, Format::ndjson, Format::ndjson,
};

Format first_of(FormatSet available) noexcept
{
    for (const Format format : {Format::json, Format::columns, Format::csv, Format::ndjson}) {
        if (available.contains(format)) {
            return format;
        }
    }
    return Format::json;
}

}  // namespace

Format choose_format(std::string_view accept, FormatSet available) noexcept
{
    Format best = first_of(available);
    if (accept.empty() || accept == "*/*") {
        return best;
    }
    std::array<Rating, format_types.size()> ratings{};
    rate(accept, format_types, ratings);
    Weight best_weight = 0;
    for (std::size_t i = 0; i < ratings.size(); ++i) {
        if (ratings[i].weight > best_weight && available.contains(format_of_type[i])) {
            best = format_of_type[i];
            best_weight = ratings[i].weight;
        }
    }
    return best;
}

bool prefers_html(std::string_view accept) noexcept
{
    constexpr std::array<std::string_view, 3> types{"text/html", "application/problem+json",
                                                    "application/json"};
    std::array<Rating, types.size()> ratings{};
    rate(accept, types, ratings);
    return ratings[0].weight > std::max(ratings[1].weight, ratings[2].weight);
}

}  // namespace gatehouse::http
