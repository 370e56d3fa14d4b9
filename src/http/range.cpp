#include "src/http/range.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "src/http/field.h"

namespace gatehouse::http {
namespace {

using Kind = RangeResult::Kind;

constexpr std::uint64_t max_position = std::numeric_limits<std::uint64_t>::max();

/// Digits only; what does not fit is `max_position`. REQUIRES: `text` is not empty.
bool read_position(std::string_view text, std::uint64_t& position) noexcept
{
    if (!std::all_of(text.begin(), text.end(), is_digit)) {
        return false;
    }
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), position);
    if (parsed.ec == std::errc::result_out_of_range) {
        position = max_position;
    }
    return true;
}

RangeResult select_suffix(std::string_view digits, std::uint64_t size) noexcept
{
    std::uint64_t length = 0;
    if (digits.empty() || !read_position(digits, length)) {
        return {};
    }
    if (length == 0) {
        return {Kind::unsatisfiable};
    }
    if (size == 0) {
        return {};
    }
    return {Kind::partial, size - std::min(length, size), size - 1};
}

RangeResult select_interval(std::string_view first_digits, std::string_view last_digits,
                            std::uint64_t size) noexcept
{
    std::uint64_t first = 0;
    std::uint64_t last = max_position;
    if (!read_position(first_digits, first) ||
        (!last_digits.empty() && !read_position(last_digits, last)) || last < first) {
        return {};
    }
    if (first >= size) {
        return {Kind::unsatisfiable};
    }
    return {Kind::partial, first, std::min(last, size - 1)};
}

/// REQUIRES: what is written fits into `out`.
class Writer {
public:
    explicit Writer(std::span<char> out) noexcept
        : begin_(out.data()), next_(begin_), end_(begin_ + out.size())
    {
    }

    void text(std::string_view text) noexcept { next_ += text.copy(next_, text.size()); }

    void number(std::uint64_t value) noexcept { next_ = std::to_chars(next_, end_, value).ptr; }

    std::string_view written() const noexcept { return {begin_, next_}; }

private:
    char* begin_;
    char* next_;
    char* end_;
};

}  // namespace

RangeResult select_range(std::string_view range, std::uint64_t size) noexcept
{
    constexpr std::string_view unit = "bytes=";
    range = trim_ows(range);
    if (!equals_ignoring_case(range.substr(0, unit.size()), unit)) {
        return {};
    }
    range.remove_prefix(unit.size());
    const std::size_t dash = range.find('-');
    if (dash == std::string_view::npos) {
        return {};
    }
    const std::string_view last = range.substr(dash + 1);
    return dash == 0 ? select_suffix(last, size)
                     : select_interval(range.substr(0, dash), last, size);
}

bool if_range_holds(std::string_view if_range, const Validators& current, UnixSeconds now) noexcept
{
    if_range = trim_ows(if_range);
    if (if_range.starts_with('"') || if_range.starts_with("W/")) {
        return if_range == current.etag;
    }
    const auto date = parse_http_date(if_range, now);
    return date && *date == current.last_modified && now > current.last_modified;
}

std::string_view format_content_range(const RangeResult& range, std::uint64_t size,
                                      std::span<char, content_range_capacity> out) noexcept
{
    Writer writer(out);
    writer.text("bytes ");
    if (range.kind == Kind::unsatisfiable) {
        writer.text("*");
    } else {
        writer.number(range.first);
        writer.text("-");
        writer.number(range.last);
    }
    writer.text("/");
    writer.number(size);
    return writer.written();
}

}  // namespace gatehouse::http
