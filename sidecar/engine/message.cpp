#include "sidecar/engine/message.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace gatehouse::engine {
namespace {

constexpr std::size_t longest = 600;

std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) {
        text.remove_prefix(1);
    }
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) {
        text.remove_suffix(1);
    }
    return text;
}

std::vector<std::string_view> lines_of(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(trimmed(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// `Binder Error: x` as `x`. DuckDB puts several such words before some messages.
std::string_view without_kind(std::string_view text) noexcept
{
    constexpr std::string_view mark = " Error: ";
    for (;;) {
        const auto at = text.find(mark);
        const bool words = at < 24 && std::all_of(text.begin(), text.begin() + static_cast<long>(at), [](char c) {
            return std::isalpha(static_cast<unsigned char>(c)) || c == ' ' || c == '-';
        });
        if (!words) {
            return text;
        }
        text.remove_prefix(at + mark.size());
    }
}

std::string_view after(std::string_view line, std::string_view prefix) noexcept
{
    return line.starts_with(prefix) ? line.substr(prefix.size()) : std::string_view{};
}

bool ends_the_matter(std::string_view line) noexcept
{
    for (const std::string_view start :
         {"LINE ", "Possible ", "* ", "The search space", "This type was", "Column "}) {
        if (line.starts_with(start)) {
            return true;
        }
    }
    return false;
}

void add(std::string& sentence, std::string_view text)
{
    text = text.substr(0, text.find("  Try "));
    while (text.ends_with('!') || text.ends_with('.')) {
        text.remove_suffix(1);
    }
    if (!text.empty()) {
        sentence.append(sentence.empty() ? "" : "; ").append(text);
    }
}

/// What stands anywhere in the message after `key`, up to the end of its line.
std::string_view value_of(const std::vector<std::string_view>& lines, std::string_view key) noexcept
{
    for (const std::string_view line : lines) {
        if (const auto value = after(line, key); !value.empty()) {
            return value;
        }
    }
    return {};
}

std::string with_place(const std::vector<std::string_view>& lines, std::string sentence)
{
    const std::string_view row = value_of(lines, "CSV Error on Line: ");
    const std::string_view file = value_of(lines, "file = ");
    if (!row.empty()) {
        sentence.insert(0, "line " + std::string(row) + ": ");
    }
    if (!file.empty()) {
        sentence.insert(0, std::string(file) + ": ");
    }
    const std::string_view query = value_of(lines, "LINE ");
    if (row.empty() && !query.empty()) {
        sentence.append(" (line ").append(query.substr(0, query.find(':'))).append(" of the SQL)");
    }
    return sentence;
}

/// At most `longest` bytes, never half a UTF-8 character, no control characters.
std::string bounded(std::string text)
{
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
    if (text.size() <= longest) {
        return text;
    }
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
        --end;
    }
    return text.substr(0, end) + "…";
}

}  // namespace

std::string one_line(std::string_view message)
{
    const std::vector<std::string_view> lines = lines_of(without_kind(message));
    std::string sentence;
    for (const std::string_view line : lines) {
        if (line.starts_with("CSV Error on Line: ") || line.starts_with("Original Line: ")) {
            continue;
        }
        if (ends_the_matter(line)) {
            break;
        }
        add(sentence, line);
    }
    return bounded(with_place(lines, std::move(sentence)));
}

std::string_view missing_table(std::string_view message) noexcept
{
    constexpr std::string_view before = "Table with name ";
    const auto start = message.find(before);
    const auto end = message.find(" does not exist", start);
    if (start == message.npos || end == message.npos) {
        return {};
    }
    return message.substr(start + before.size(), end - start - before.size());
}

}  // namespace gatehouse::engine
