#include "sidecar/engine/message.h"

#include <algorithm>
#include <cctype>
#include <iterator>
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

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text)
{
    Lines lines;
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
        const bool words =
            at < 24 && std::all_of(text.begin(), text.begin() + static_cast<long>(at), [](char c) {
                return std::isalpha(static_cast<unsigned char>(c)) || c == ' ' || c == '-';
            });
        if (!words) {
            return text;
        }
        text.remove_prefix(at + mark.size());
    }
}

/// The rest of the first line that starts so.
std::string_view value_of(const Lines& lines, std::string_view start) noexcept
{
    for (const std::string_view line : lines) {
        if (line.starts_with(start)) {
            return line.substr(start.size());
        }
    }
    return {};
}

bool starts_advice(std::string_view line) noexcept
{
    for (const std::string_view start : {"LINE ", "Possible ", "Candidate functions",
                                         "The search space", "Column ", "  file = ", "file = "}) {
        if (line.starts_with(start)) {
            return true;
        }
    }
    return false;
}

/// What DuckDB says in its own terms, in ours.
std::string_view in_our_terms(std::string_view line) noexcept
{
    struct Phrase {
        std::string_view part, ours;
    };
    static constexpr Phrase phrases[] = {
        {"is not utf-8 encoded", "is not UTF-8; state its \"encoding\", such as \"latin-1\""},
        {"Value with unterminated quote", "a quote is opened and never closed"},
        {"Parallel CSV Reader currently does not support", "a CSV has a line that is too long"},
        {"It was not possible to automatically detect",
         "is not a CSV with this delimiter and quote"},
    };
    for (const Phrase& phrase : phrases) {
        if (line.find(phrase.part) != line.npos) {
            return phrase.ours;
        }
    }
    while (line.ends_with('!') || line.ends_with('.') || line.ends_with(':')) {
        line.remove_suffix(1);
    }
    return line;
}

/// A CSV error quotes the record, which may have any number of lines: what is wrong with it is the
/// last line before the advice.
std::string csv_reason(const Lines& lines)
{
    const auto advice = std::find_if(lines.begin(), lines.end(), starts_advice);
    const auto reason = std::find_if(std::make_reverse_iterator(advice), lines.rend(),
                                     [](std::string_view line) { return !line.empty(); });
    return std::string(reason != lines.rend() ? in_our_terms(*reason) : "cannot be read");
}

std::string reason(const Lines& lines)
{
    std::string sentence;
    for (const std::string_view line : lines) {
        if (starts_advice(line)) {
            break;
        }
        if (!line.empty()) {
            sentence.append(sentence.empty() ? "" : "; ").append(in_our_terms(line));
        }
    }
    return sentence;
}

std::string csv_sentence(const Lines& lines, std::string_view row)
{
    const std::string_view file = value_of(lines, "file = ");
    return std::string(file) + (file.empty() ? "" : ": ") + "line " + std::string(row) + ": " +
           csv_reason(lines);
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
    const Lines lines = lines_of(without_kind(message));
    const std::string_view row = value_of(lines, "CSV Error on Line: ");
    return bounded(row.empty() ? reason(lines) : csv_sentence(lines, row));
}

std::string place_in_sql(std::string_view message)
{
    const Lines lines = lines_of(message);
    const std::string_view query = value_of(lines, "LINE ");
    if (query.empty()) {
        return {};
    }
    return " (line " + std::string(query.substr(0, query.find(':'))) + " of the SQL)";
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
