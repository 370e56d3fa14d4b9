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

/// A media range: how specific it is, and what a type must be, or for `type/*` begin with.
struct MediaRange {
    Rating::Specificity specificity;
    std::string_view text;

    bool includes(std::string_view media_type) const noexcept
    {
        if (specificity == Rating::same_type) {
            media_type = media_type.substr(0, text.size());
        }
        return specificity == Rating::any || equals_ignoring_case(text, media_type);
    }
};

MediaRange read_range(std::string_view name) noexcept
{
    if (name == "*/*") {
        return {Rating::any, {}};
    }
    if (name.ends_with("/*")) {
        return {Rating::same_type, name.substr(0, name.size() - 1)};
    }
    return {Rating::exact, name};
}

/// Raises `ratings[i]` for `media_types[i]`.
void rate(std::string_view accept, std::span<const std::string_view> media_types,
          std::span<Rating> ratings) noexcept
{
    WeightedList list(accept);
    for (WeightedMember member; list.next(member);) {
        const MediaRange range = read_range(member.name);
        for (std::size_t i = 0; i < media_types.size(); ++i) {
            Rating& rating = ratings[i];
            const bool raises =
                range.specificity > rating.specificity ||
                (range.specificity == rating.specificity && member.weight > rating.weight);
            if (raises && range.includes(media_types[i])) {
                rating = {range.specificity, member.weight};
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

std::size_t choose_type(std::string_view accept, std::span<const std::string_view> types) noexcept
{
    std::array<Rating, 8> ratings{};
    rate(accept, types, ratings);
    const auto best = std::max_element(
        ratings.begin(), ratings.begin() + static_cast<std::ptrdiff_t>(types.size()),
        [](const Rating& a, const Rating& b) { return a.weight < b.weight; });
    return static_cast<std::size_t>(best - ratings.begin());
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
