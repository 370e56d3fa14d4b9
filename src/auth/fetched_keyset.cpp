#include "src/auth/fetched_keyset.h"

#include <charconv>

namespace gatehouse::auth {

std::string fetched_keyset_bytes(std::int64_t fetched_at_s, std::string_view json)
{
    return std::to_string(fetched_at_s).append("\n").append(json);
}

FetchedKeyset read_fetched_keyset(std::string_view bytes) noexcept
{
    FetchedKeyset set;
    const auto line_end = bytes.find('\n');
    if (line_end == std::string_view::npos) {
        return {};
    }
    const auto [end, error] =
        std::from_chars(bytes.data(), bytes.data() + line_end, set.fetched_at_s);
    if (error != std::errc{} || end != bytes.data() + line_end || set.fetched_at_s < 0) {
        return {};
    }
    set.json = bytes.substr(line_end + 1);
    return set;
}

}  // namespace gatehouse::auth
