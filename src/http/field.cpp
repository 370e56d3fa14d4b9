#include "src/http/field.h"

namespace gatehouse::http {
namespace {

/// Where `separator` stands outside of a quoted string, or the end.
std::size_t find_unquoted(std::string_view text, char separator) noexcept
{
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            quoted = !quoted;
        } else if (c == separator && !quoted) {
            return i;
        } else if (c == '\\' && quoted) {
            ++i;
        }
    }
    return text.size();
}

/// Takes what stands before the separator off the front of `rest`.
std::string_view take(std::string_view& rest, char separator) noexcept
{
    const std::size_t end = find_unquoted(rest, separator);
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(end < rest.size() ? end + 1 : end);
    return trim_ows(part);
}

}  // namespace

std::optional<Weight> parse_weight(std::string_view text) noexcept
{
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') ||
        (text.size() > 1 && text[1] != '.')) {
        return std::nullopt;
    }
    unsigned weight = text[0] == '1' ? max_weight : 0;
    unsigned place = 100;
    for (std::size_t i = 2; i < text.size(); ++i, place /= 10) {
        if (!is_digit(text[i])) {
            return std::nullopt;
        }
        weight += static_cast<unsigned>(text[i] - '0') * place;
    }
    if (weight > max_weight) {
        return std::nullopt;
    }
    return static_cast<Weight>(weight);
}

std::string_view WeightedList::front_of(std::string_view field) noexcept
{
    const std::size_t comma = field.rfind(',', max_list_bytes);
    return comma == std::string_view::npos ? std::string_view{} : field.substr(0, comma);
}

bool WeightedList::take_parameters(WeightedMember& member) noexcept
{
    std::string_view parameters = take(rest_, ',');
    bool weighted = false;
    while (!parameters.empty()) {
        const std::string_view parameter = take(parameters, ';');
        if (parameter.empty()) {
            continue;
        }
        const std::string_view name = parameter.substr(0, parameter.find('='));
        if (name.size() == parameter.size() || name.empty() || is_ows(name.back())) {
            return false;
        }
        if (!equals_ignoring_case(name, "q")) {
            member.has_parameters = true;
            continue;
        }
        const auto weight = parse_weight(parameter.substr(2));
        if (!weight || weighted) {
            return false;
        }
        member.weight = *weight;
        weighted = true;
    }
    return !member.name.empty();
}

}  // namespace gatehouse::http
