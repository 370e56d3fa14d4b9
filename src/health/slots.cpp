#include "src/health/slots.h"

#include <charconv>

#include "src/base/iso_time.h"

namespace gatehouse::health {

void append_seconds(std::string& out, std::uint64_t microseconds)
{
    constexpr std::uint64_t us_per_second = 1'000'000;
    char text[24];
    const auto end = std::to_chars(text, text + sizeof text, microseconds / us_per_second).ptr;
    out.append(text, static_cast<std::size_t>(end - text));
    out += '.';
    append_padded(out, microseconds % us_per_second, 6);
}

}  // namespace gatehouse::health
