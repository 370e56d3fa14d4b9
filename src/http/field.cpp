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

bool read_parameters(std::string_view rest, WeightedMember& member) noexcept
{
    bool weighted = false;
    while (!rest.empty()) {
        const std::string_view parameter = take(rest, ';');
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
    return true;
}

bool read_member(std::string_view text, WeightedMember& member) noexcept
{
    const std::size_t semicolon = text.find(';');
    member = WeightedMember{};
    if (semicolon == std::string_view::npos) {
        member.name = text;
        return !text.empty();
    }
    member.name = trim_ows(text.substr(0, semicolon));
    return !member.name.empty() && read_parameters(text.substr(semicolon + 1), member);
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

WeightedList::WeightedList(std::string_view field) noexcept : rest_(field)
{
    if (field.size() > max_list_bytes) {
        const std::size_t comma = field.rfind(',', max_list_bytes);
        rest_ = comma == std::string_view::npos ? std::string_view{} : field.substr(0, comma);
    }
}

bool WeightedList::next(WeightedMember& member) noexcept
{
    while (!rest_.empty()) {
        if (read_member(take(rest_, ','), member)) {
            return true;
        }
    }
    return false;
}

}  // namespace gatehouse::http
