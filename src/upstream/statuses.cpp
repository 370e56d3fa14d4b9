#include "src/upstream/statuses.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace gatehouse::upstream {

namespace {

constexpr const char* expected = "it must be statuses such as \"200-399\" or \"200,204,401\"";

std::optional<std::uint16_t> status_of(std::string_view text) noexcept
{
    std::uint16_t status = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && text.size() == 3 && status >= 100 && status < 600 ? std::optional{status}
                                                                      : std::nullopt;
}

}  // namespace

Result<Statuses> Statuses::parse(std::string_view text)
{
    Statuses statuses;
    statuses.text_ = text;
    for (bool more = true; more;) {
        const auto comma = text.find(',');
        const auto word = text.substr(0, comma);
        const auto dash = word.find('-');
        const auto first = status_of(word.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : status_of(word.substr(dash + 1));
        if (!first || !last || *first > *last) {
            return Error{expected};
        }
        statuses.ranges_.push_back({*first, *last});
        more = comma != std::string_view::npos;
        text.remove_prefix(more ? comma + 1 : text.size());
    }
    return statuses;
}

bool Statuses::contains(long status) const noexcept
{
    return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
        return status >= range.first && status <= range.last;
    });
}

}  // namespace gatehouse::upstream
