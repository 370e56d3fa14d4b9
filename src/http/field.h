// Lexing shared by the list-valued request fields (RFC 9110 §5.6 and §12.4.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/ascii.h"

namespace gatehouse::http {

/// Thousandths: a qvalue has at most three decimals (RFC 9110 §12.4.2).
using Weight = std::uint16_t;
inline constexpr Weight max_weight = 1000;

/// What is read of a weighted list. A longer field is cut after its last whole member within.
inline constexpr std::size_t max_list_bytes = 4096;

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
