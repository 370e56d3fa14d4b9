#include "ctl/table.h"

#include <algorithm>
#include <cstdio>

namespace gatehouse::ctl {

namespace {

/// Columns a text takes on a terminal, near enough: one per code point.
std::size_t width(const std::string& text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

bool is_numeric(const std::string& text)
{
    const auto digits_end = text.find_first_not_of("0123456789.");
    return !text.empty() && digits_end != 0 && std::count(text.begin(), text.end(), '.') <= 1 &&
           (digits_end == text.npos || text[digits_end] == ' ');
}

std::string two_units(std::int64_t large, const char* large_unit, std::int64_t small,
                      const char* small_unit)
{
    auto text = std::to_string(large) + " " + large_unit;
    return small == 0 ? text : text + " " + std::to_string(small) + " " + small_unit;
}

}  // namespace

void Table::add(std::vector<std::string> row)
{
    for (auto& cell : row) {
        std::replace_if(
            cell.begin(), cell.end(),
            [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    }
    rows_.push_back(std::move(row));
}

std::string Table::text() const
{
    const auto columns = rows_.front().size();
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < columns; ++i) {
            std::size_t widest = 0;
            bool numeric = rows_.size() > 1;
            for (const auto& other : rows_) {
                widest = std::max(widest, width(other[i]));
                numeric = numeric && (&other == &rows_.front() || other[i].empty() ||
                                      other[i] == "-" || is_numeric(other[i]));
            }
            const std::string padding(widest - width(row[i]), ' ');
            line += i == 0 ? "" : "  ";
            line += numeric ? padding + row[i] : row[i] + padding;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string human_duration(std::int64_t ms)
{
    const auto seconds = ms / 1000;
    if (ms < 1000) {
        return std::to_string(ms) + " ms";
    }
    if (seconds < 60) {
        return std::to_string(seconds) + " s";
    }
    if (seconds < 3600) {
        return two_units(seconds / 60, "min", seconds % 60, "s");
    }
    if (seconds < 86400) {
        return two_units(seconds / 3600, "h", seconds % 3600 / 60, "min");
    }
    return two_units(seconds / 86400, "d", seconds % 86400 / 3600, "h");
}

std::string human_bytes(std::uint64_t bytes)
{
    constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    auto size = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (size >= 1024 && unit + 1 < std::size(units)) {
        size /= 1024;
        ++unit;
    }
    char text[32];
    std::snprintf(text, sizeof text, unit == 0 || size >= 100 ? "%.0f %s" : "%.1f %s", size,
                  units[unit]);
    return text;
}

}  // namespace gatehouse::ctl
