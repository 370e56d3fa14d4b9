#include "src/base/iso_time.h"

#include <chrono>

namespace gatehouse {

namespace {

void put_padded(char* to, std::uint64_t number, unsigned digits) noexcept
{
    for (auto at = digits; at-- > 0; number /= 10) {
        to[at] = static_cast<char>('0' + number % 10);
    }
}

}  // namespace

void append_padded(std::string& out, std::uint64_t number, unsigned digits)
{
    char text[8];
    put_padded(text, number, digits);
    out.append(text, digits);
}

void append_iso_time(std::string& out, std::int64_t unix_us)
{
    using namespace std::chrono;
    const sys_time<microseconds> time{microseconds{unix_us}};
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    char text[] = "YYYY-MM-DDThh:mm:ss.uuuuuu";
    const auto part = [&](std::size_t at, auto number, unsigned digits) {
        put_padded(text + at, static_cast<std::uint64_t>(number), digits);
    };
    part(0, static_cast<int>(date.year()), 4);
    part(5, static_cast<unsigned>(date.month()), 2);
    part(8, static_cast<unsigned>(date.day()), 2);
    part(11, clock.hours().count(), 2);
    part(14, clock.minutes().count(), 2);
    part(17, clock.seconds().count(), 2);
    part(20, clock.subseconds().count(), 6);
    out.append(text, sizeof text - 1);
}

}  // namespace gatehouse
