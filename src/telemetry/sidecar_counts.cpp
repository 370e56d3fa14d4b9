#include "src/telemetry/sidecar_counts.h"

#include <algorithm>
#include <charconv>

namespace gatehouse::telemetry {

namespace {

bool fits_a_line(std::string_view text) noexcept
{
    return text.find_first_of("\t\n") == std::string_view::npos;
}

/// What stands before `end`, which is taken away with it.
std::string_view take(std::string_view& text, char end)
{
    const auto size = std::min(text.find(end), text.size());
    const auto part = text.substr(0, size);
    text.remove_prefix(std::min(size + 1, text.size()));
    return part;
}

}  // namespace

std::string sidecar_counts_text(const SidecarCounts& counts)
{
    std::string text;
    for (const auto& [key, count] : counts) {
        if (fits_a_line(key.first) && fits_a_line(key.second)) {
            text.append(key.first).append("\t").append(key.second).append("\t");
            text.append(std::to_string(count)).append("\n");
        }
    }
    return text;
}

SidecarCounts parse_sidecar_counts(std::string_view text)
{
    SidecarCounts counts;
    while (!text.empty()) {
        auto line = take(text, '\n');
        const auto kind = take(line, '\t');
        const auto name = take(line, '\t');
        std::uint64_t count = 0;
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), count);
        if (error == std::errc{} && end == line.data() + line.size()) {
            counts[{std::string{kind}, std::string{name}}] = count;
        }
    }
    return counts;
}

}  // namespace gatehouse::telemetry
