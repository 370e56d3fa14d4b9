#include "src/base/iso_time.h"

#include <chrono>

namespace gatehouse {

void append_padded(std::string& out, std::uint64_t number, unsigned digits)
{
    char text[8];
    for (auto at = digits; at-- > 0; number /= 10) {
        text[at] = static_cast<char>('0' + number % 10);
    }
    out.append(text, digits);
}

void append_iso_time(std::string& out, std::int64_t unix_us)
{
    using namespace std::chrono;
    const sys_time<microseconds> time{microseconds{unix_us}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    const auto part = [&](auto number, unsigned digits, const char* after) {
        append_padded(out, static_cast<std::uint64_t>(number), digits);
        out += after;
    };
    part(static_cast<int>(date.year()), 4, "-");
    part(static_cast<unsigned>(date.month()), 2, "-");
    part(static_cast<unsigned>(date.day()), 2, "T");
    part(clock.hours().count(), 2, ":");
    part(clock.minutes().count(), 2, ":");
    part(clock.seconds().count(), 2, ".");
    part(clock.subseconds().count(), 6, "");
}

}  // namespace gatehouse
