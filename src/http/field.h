// Lexing shared by the list-valued request fields (RFC 9110 §5.6 and §12.4.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::http {

/// Thousandths: a qvalue has at most three decimals (RFC 9110 §12.4.2).
using Weight = std::uint16_t;
inline constexpr Weight max_weight = 1000;

/// What is read of a weighted list. A longer field is cut after its last whole member within.
inline constexpr std::size_t max_list_bytes = 4096;

constexpr bool is_ows(char c) noexcept
{
    return c == ' ' || c == '\t';
}

constexpr std::string_view trim_ows_at_end(std::string_view text) noexcept
{
    while (!text.empty() && is_ows(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

constexpr std::string_view trim_ows(std::string_view text) noexcept
{
    while (!text.empty() && is_ows(text.front())) {
        text.remove_prefix(1);
    }
    return trim_ows_at_end(text);
}

constexpr bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

constexpr char to_lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// ASCII only. REQUIRES: `lower` has no upper-case letter.
constexpr bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept
{
    if (text.size() != lower.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != lower[i] && to_lower(text[i]) != lower[i]) {
            return false;
        }
    }
    return true;
}

/// `0`, `0.5`, `1.000`; nothing for what the grammar does not have (`.5`, `1.1`, `0.1234`).
std::optional<Weight> parse_weight(std::string_view text) noexcept;

/// One member of a field such as Accept or Accept-Encoding.
struct WeightedMember {
    std::string_view name;
    Weight weight = max_weight;
    bool has_parameters = false;  // others than the weight
};

/// Reads `name;param=x;q=0.5, name, …`. Empty and malformed members are left out; commas and
/// semicolons within quoted values do not separate. Linear in the field.
class WeightedList {
public:
    explicit WeightedList(std::string_view field) noexcept
        : rest_(field.size() <= max_list_bytes ? field : front_of(field))
    {
    }

    /// False at the end of the list; `member` is then unspecified.
    bool next(WeightedMember& member) noexcept
    {
        while (skip_separators()) {
            std::size_t end = 0;
            while (end < rest_.size() && rest_[end] != ',' && rest_[end] != ';') {
                ++end;
            }
            member.name = trim_ows_at_end(rest_.substr(0, end));
            member.weight = max_weight;
            member.has_parameters = false;
            rest_.remove_prefix(end);
            if (rest_.empty() || rest_.front() == ',' || take_parameters(member)) {
                return true;
            }
        }
        return false;
    }

private:
    static std::string_view front_of(std::string_view field) noexcept;

    /// False when nothing is left.
    bool skip_separators() noexcept
    {
        while (!rest_.empty() && (rest_.front() == ',' || is_ows(rest_.front()))) {
            rest_.remove_prefix(1);
        }
        return !rest_.empty();
    }

    /// Takes `;param=x;q=0.5` off the front; false when that, or the name, is malformed.
    bool take_parameters(WeightedMember& member) noexcept;

    std::string_view rest_;
};

}  // namespace gatehouse::http
