#include "sidecar/sources/csv_text.h"

#include <algorithm>
#include <array>

namespace gatehouse::sources {
namespace {

bool has_utf16_mark(std::string_view head) noexcept
{
    return head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff");
}

std::size_t nuls_from(std::string_view head, std::size_t first) noexcept
{
    std::size_t count = 0;
    for (std::size_t i = first; i < head.size(); i += 2) {
        count += head[i] == '\0' ? 1 : 0;
    }
    return count;
}

/// Latin text in UTF-16 has a NUL in every second byte.
bool half_are_nul(std::string_view head) noexcept
{
    const std::size_t even = nuls_from(head, 0);
    const std::size_t odd = nuls_from(head, 1);
    return std::max(even, odd) - std::min(even, odd) > head.size() / 4;
}

}  // namespace

char guess_delimiter(std::string_view text, char quote) noexcept
{
    constexpr std::string_view candidates = ",;\t|";
    std::array<std::size_t, candidates.size()> counts{};
    bool quoted = false;
    for (const char c : text) {
        if (c == '\n' && !quoted) {
            break;
        }
        quoted ^= c == quote;
        if (const auto i = candidates.find(c); i != candidates.npos && !quoted) {
            ++counts[i];
        }
    }
    return candidates[static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) -
                                               counts.begin())];
}

std::optional<std::string> not_text(std::string_view head)
{
    const auto nul = head.find('\0');
    if (has_utf16_mark(head) || half_are_nul(head)) {
        return "is UTF-16; say so with \"encoding\": \"utf-16\"";
    }
    if (nul == head.npos) {
        return std::nullopt;
    }
    const auto line = 1 + std::count(head.begin(), head.begin() + static_cast<long>(nul), '\n');
    return "has a NUL byte in line " + std::to_string(line) +
           ": it is not a text file, or was damaged when it was written";
}

bool is_big_endian_utf16(std::string_view head) noexcept
{
    return head.starts_with("\xfe\xff") ||
           nuls_from(head, 0) > nuls_from(head, 1) + head.size() / 4;
}

bool CsvRecords::next()
{
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) {
        next_line_ += text_[at_++] == '\n' ? 1 : 0;
    }
    if (at_ == text_.size()) {
        return false;
    }
    read_record();
    return true;
}

void CsvRecords::read_record()
{
    const std::size_t first = at_;
    bool quoted = false;
    line_ = next_line_;
    fields_ = 1;
    ended_ = false;
    for (; at_ < text_.size() && !ended_; ++at_) {
        const char c = text_[at_];
        next_line_ += c == '\n' ? 1 : 0;
        if (quoted && c == dialect_.escape && at_ + 1 < text_.size() &&
            text_[at_ + 1] == dialect_.quote) {
            ++at_;
        } else if (c == dialect_.quote) {
            quoted = !quoted;
        } else if (!quoted && c == dialect_.delimiter) {
            ++fields_;
        } else if (!quoted && c == '\n') {
            ended_ = true;
        }
    }
    raw_ = text_.substr(first, at_ - first);
    while (raw_.ends_with('\n') || raw_.ends_with('\r')) {
        raw_.remove_suffix(1);
    }
}

std::vector<std::string> CsvRecords::values() const
{
    std::vector<std::string> values(1);
    bool quoted = false;
    for (std::size_t i = 0; i < raw_.size(); ++i) {
        const char c = raw_[i];
        if (quoted && c == dialect_.escape && i + 1 < raw_.size() &&
            raw_[i + 1] == dialect_.quote) {
            values.back() += raw_[++i];
        } else if (c == dialect_.quote) {
            quoted = !quoted;
        } else if (!quoted && c == dialect_.delimiter) {
            values.emplace_back();
        } else {
            values.back() += c;
        }
    }
    return values;
}

std::string_view without_lines(std::string_view text, std::uint64_t lines) noexcept
{
    for (; lines > 0; --lines) {
        const auto end = text.find('\n');
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return text;
}

std::optional<std::uint64_t> first_longer_line(std::string_view text, std::size_t bytes) noexcept
{
    for (std::uint64_t line = 1; !text.empty(); ++line) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (end > bytes) {
            return line;
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::nullopt;
}

std::optional<Ragged> first_ragged(std::string_view text, Dialect dialect, std::uint64_t skip)
{
    CsvRecords records(without_lines(text, skip), dialect);
    std::size_t expected = 0;
    while (records.next()) {
        if (expected == 0) {
            expected = records.fields();
        } else if (records.fields() != expected && records.ended()) {
            return Ragged{records.line() + skip, records.fields(), expected};
        }
    }
    return std::nullopt;
}

}  // namespace gatehouse::sources
