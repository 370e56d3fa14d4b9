#include "src/base/http_date.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "src/base/ascii.h"

namespace gatehouse {
namespace {

using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> day_names{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
constexpr std::size_t day_abbreviation_size = 3;

constexpr UnixSeconds first_time =
    sys_seconds{sys_days{std::chrono::year(0) / 1 / 1}}.time_since_epoch().count();
constexpr UnixSeconds last_time =
    sys_seconds{sys_days{std::chrono::year(10000) / 1 / 1}}.time_since_epoch().count() - 1;

/// Takes fixed parts off the front of a text; the first mismatch makes it fail for good.
class Scanner {
public:
    explicit Scanner(std::string_view text) noexcept : rest_(text) {}

    void literal(std::string_view expected) noexcept
    {
        if (!rest_.starts_with(expected)) {
            fail();
            return;
        }
        rest_.remove_prefix(expected.size());
    }

    int digits(std::size_t count) noexcept
    {
        if (rest_.size() < count) {
            return fail();
        }
        int value = 0;
        for (const char c : rest_.substr(0, count)) {
            if (!is_digit(c)) {
                return fail();
            }
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }

    /// asctime's day: two digits, or a space and one.
    int padded_day() noexcept
    {
        if (rest_.starts_with(' ')) {
            rest_.remove_prefix(1);
            return digits(1);
        }
        return digits(2);
    }

    /// The index of the name that comes next, of which only `size` letters are written.
    int name(std::span<const std::string_view> names,
             std::size_t size = std::string_view::npos) noexcept
    {
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string_view written = names[i].substr(0, size);
            if (rest_.starts_with(written)) {
                rest_.remove_prefix(written.size());
                return static_cast<int>(i);
            }
        }
        return fail();
    }

    int month() noexcept { return name(month_names) + 1; }
    void day_name() noexcept { name(day_names); }
    void day_abbreviation() noexcept { name(day_names, day_abbreviation_size); }

    bool done() const noexcept { return !failed_ && rest_.empty(); }

private:
    int fail() noexcept
    {
        failed_ = true;
        rest_ = {};
        return 0;
    }

    std::string_view rest_;
    bool failed_ = false;
};

struct Fields {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
};

void read_time(Scanner& scan, Fields& fields) noexcept
{
    fields.hour = scan.digits(2);
    scan.literal(":");
    fields.minute = scan.digits(2);
    scan.literal(":");
    fields.second = scan.digits(2);
}

bool read_imf_fixdate(Scanner scan, Fields& fields) noexcept
{
    scan.day_abbreviation();
    scan.literal(", ");
    fields.day = scan.digits(2);
    scan.literal(" ");
    fields.month = scan.month();
    scan.literal(" ");
    fields.year = scan.digits(4);
    scan.literal(" ");
    read_time(scan, fields);
    scan.literal(" GMT");
    return scan.done();
}

bool read_rfc850_date(Scanner scan, Fields& fields) noexcept
{
    scan.day_name();
    scan.literal(", ");
    fields.day = scan.digits(2);
    scan.literal("-");
    fields.month = scan.month();
    scan.literal("-");
    fields.year = scan.digits(2);
    scan.literal(" ");
    read_time(scan, fields);
    scan.literal(" GMT");
    return scan.done();
}

bool read_asctime_date(Scanner scan, Fields& fields) noexcept
{
    scan.day_abbreviation();
    scan.literal(" ");
    fields.month = scan.month();
    scan.literal(" ");
    fields.day = scan.padded_day();
    scan.literal(" ");
    read_time(scan, fields);
    scan.literal(" ");
    fields.year = scan.digits(4);
    return scan.done();
}

std::optional<UnixSeconds> to_unix(const Fields& fields) noexcept
{
    const year_month_day date = std::chrono::year(fields.year) / fields.month / fields.day;
    if (!date.ok() || fields.hour > 23 || fields.minute > 59 || fields.second > 60) {
        return std::nullopt;
    }
    const seconds time_of_day{fields.hour * 3600 + fields.minute * 60 + fields.second};
    return (sys_seconds{sys_days{date}} + time_of_day).time_since_epoch().count();
}

/// Gives a two-digit year its century. REQUIRES: `now` is between `first_time` and `last_time`.
std::optional<UnixSeconds> to_unix_with_century(Fields fields, UnixSeconds now) noexcept
{
    const sys_seconds instant{seconds(now)};
    const sys_days midnight = floor<std::chrono::days>(instant);
    // From a 29 February, sys_days makes 1 March of the day that is not there 50 years on.
    const year_month_day limit_date = year_month_day(midnight) + std::chrono::years(50);
    const sys_seconds limit = sys_days{limit_date} + (instant - midnight);

    const int limit_year = static_cast<int>(limit_date.year());
    fields.year += limit_year - limit_year % 100;
    const auto time = to_unix(fields);
    if (fields.year > limit_year || (time && *time > limit.time_since_epoch().count())) {
        fields.year -= 100;
        return to_unix(fields);
    }
    return time;
}

void put_digits(char* out, int value, int count) noexcept
{
    for (int i = count - 1; i >= 0; --i, value /= 10) {
        out[i] = static_cast<char>('0' + value % 10);
    }
}

}  // namespace

std::optional<UnixSeconds> parse_http_date(std::string_view text, UnixSeconds now) noexcept
{
    constexpr std::size_t asctime_size = 24;
    text = trim_ows(text);
    Fields fields;
    if (text.size() == http_date_size) {
        return read_imf_fixdate(Scanner(text), fields) ? to_unix(fields) : std::nullopt;
    }
    if (text.size() == asctime_size) {
        return read_asctime_date(Scanner(text), fields) ? to_unix(fields) : std::nullopt;
    }
    if (!read_rfc850_date(Scanner(text), fields)) {
        return std::nullopt;
    }
    return to_unix_with_century(fields, std::clamp(now, first_time, last_time));
}

std::string_view format_http_date(UnixSeconds time, std::span<char, http_date_size> out) noexcept
{
    const sys_seconds instant{seconds(std::clamp(time, first_time, last_time))};
    const sys_days midnight = floor<std::chrono::days>(instant);
    const year_month_day date(midnight);
    const std::chrono::hh_mm_ss clock(instant - midnight);

    constexpr std::string_view shape = "ddd, DD mmm YYYY hh:mm:ss GMT";
    static_assert(shape.size() == http_date_size);
    char* const p = out.data();
    shape.copy(p, shape.size());
    day_names[std::chrono::weekday(midnight).c_encoding()].copy(p, day_abbreviation_size);
    put_digits(p + 5, static_cast<int>(static_cast<unsigned>(date.day())), 2);
    month_names[static_cast<unsigned>(date.month()) - 1].copy(p + 8, 3);
    put_digits(p + 12, static_cast<int>(date.year()), 4);
    put_digits(p + 17, static_cast<int>(clock.hours().count()), 2);
    put_digits(p + 20, static_cast<int>(clock.minutes().count()), 2);
    put_digits(p + 23, static_cast<int>(clock.seconds().count()), 2);
    return {p, http_date_size};
}

}  // namespace gatehouse
