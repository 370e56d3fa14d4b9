#include "sidecar/base/time_text.h"

#include <cstdio>
#include <ctime>

namespace gatehouse::sidecar {

namespace {

std::tm broken_down(std::int64_t unix_ms)
{
    const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return parts;
}

}  // namespace

std::string utc_text(std::int64_t unix_ms)
{
    const auto parts = broken_down(unix_ms);
    char day_and_time[32];
    const auto size = std::strftime(day_and_time, sizeof day_and_time, "%Y-%m-%dT%H:%M:%S", &parts);
    char milliseconds[8];
    std::snprintf(milliseconds, sizeof milliseconds, ".%03dZ", static_cast<int>(unix_ms % 1000));
    return std::string{day_and_time, size} + milliseconds;
}

std::string utc_clock(std::int64_t unix_ms)
{
    const auto parts = broken_down(unix_ms);
    char text[16];
    return {text, std::strftime(text, sizeof text, "%H:%M:%S", &parts)};
}

}  // namespace gatehouse::sidecar
