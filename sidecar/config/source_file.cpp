#include "sidecar/config/source_file.h"

#include <algorithm>

#include "src/base/utf8.h"

namespace gatehouse::config {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view dot = "\xE2\x80\xA2";
constexpr std::string_view ellipsis = "\xE2\x80\xA6";

// A longer line is shown in part: this many bytes before the token and behind its start.
constexpr std::size_t whole_line = 160;
constexpr std::size_t shown_before = 60;
constexpr std::size_t shown_behind = 100;

bool is_continuation(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// C0 but tab, DEL, and C1 (which UTF-8 spells C2 80 to C2 9F).
bool is_control(std::string_view sequence)
{
    const auto first = static_cast<unsigned char>(sequence[0]);
    if (sequence.size() == 1) {
        return (first < 0x20 && first != '\t') || first == 0x7F;
    }
    return first == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

/// The start of the code point that holds `offset`.
std::size_t align_back(std::string_view text, std::size_t offset)
{
    while (offset > 0 && offset < text.size() && is_continuation(text[offset])) {
        --offset;
    }
    return offset;
}

}  // namespace

unsigned count_code_points(std::string_view text)
{
    return static_cast<unsigned>(
        std::count_if(text.begin(), text.end(), [](char byte) { return !is_continuation(byte); }));
}

std::string printable(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Utf8Step step = utf8_step(text);
        const std::string_view sequence = text.substr(0, step.size);
        out += step.valid && !is_control(sequence) ? sequence : utf8_replacement;
        text.remove_prefix(step.size);
    }
    return out;
}

std::size_t first_broken_utf8(std::string_view text)
{
    std::size_t at = 0;
    while (at < text.size()) {
        const Utf8Step step = utf8_step(text.substr(at));
        if (!step.valid) {
            return at;
        }
        at += step.size;
    }
    return std::string_view::npos;
}

std::string in_quotes(std::string_view text, std::size_t longest)
{
    const std::size_t end = align_back(text, std::min(text.size(), longest));
    std::string out = '"' + printable(text.substr(0, end));
    if (end < text.size()) {
        out += ellipsis;
    }
    return out + '"';
}

SourceFile::SourceFile(std::string path, std::string text)
    : path_(std::move(path)), text_(std::move(text))
{
    if (text_.starts_with(byte_order_mark)) {
        text_.erase(0, byte_order_mark.size());
    }
    line_starts_.push_back(0);
    for (std::size_t i = text_.find('\n'); i != std::string::npos; i = text_.find('\n', i + 1)) {
        line_starts_.push_back(i + 1);
    }
}

std::string_view SourceFile::text(Token token) const
{
    const std::size_t offset = std::min(token.offset, text_.size());
    return text().substr(offset, token.length);
}

std::size_t SourceFile::line_index(std::size_t offset) const
{
    const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    return static_cast<std::size_t>(next - line_starts_.begin()) - 1;
}

std::string_view SourceFile::line(std::size_t index) const
{
    const std::size_t start = line_starts_[index];
    const std::size_t end =
        index + 1 < line_starts_.size() ? line_starts_[index + 1] : text_.size();
    std::string_view out = text().substr(start, end - start);
    while (!out.empty() && (out.back() == '\n' || out.back() == '\r')) {
        out.remove_suffix(1);
    }
    return out;
}

Place SourceFile::place(std::size_t offset) const
{
    offset = std::min(offset, text_.size());
    const std::size_t index = line_index(offset);
    const std::size_t start = line_starts_[index];
    return {static_cast<unsigned>(index + 1),
            count_code_points(text().substr(start, offset - start)) + 1};
}

void SourceFile::hide(Token token)
{
    if (token.length > 2) {
        hidden_.push_back({token.offset + 1, token.length - 2});
    }
}

bool SourceFile::is_hidden(std::size_t offset) const
{
    return std::any_of(hidden_.begin(), hidden_.end(), [&](Token token) {
        return offset >= token.offset && offset < token.offset + token.length;
    });
}

std::size_t SourceFile::offset(Place place) const
{
    std::size_t at = line_starts_[std::min<std::size_t>(place.line, line_starts_.size()) - 1];
    for (unsigned column = 1; column < place.column && at < text_.size(); ++column) {
        at += utf8_step(text().substr(at)).size;
    }
    return at;
}

std::string SourceFile::shown(std::size_t from, std::size_t to) const
{
    const std::string_view part = text().substr(from, to - from);
    if (hidden_.empty()) {
        return printable(part);
    }
    std::string out;
    for (std::size_t at = 0; at < part.size();) {
        const std::size_t length = utf8_step(part.substr(at)).size;
        out += is_hidden(from + at) ? std::string(dot) : printable(part.substr(at, length));
        at += length;
    }
    return out;
}

Excerpt SourceFile::excerpt(Token token) const
{
    const std::size_t offset = std::min(token.offset, text_.size());
    const std::size_t index = line_index(offset);
    const std::string_view whole = line(index);
    const std::size_t at = std::min(offset - line_starts_[index], whole.size());
    const bool in_part = whole.size() > whole_line;
    const std::size_t from =
        in_part && at > shown_before ? align_back(whole, at - shown_before) : 0;
    const std::size_t to =
        in_part ? align_back(whole, std::min(whole.size(), at + shown_behind)) : whole.size();
    const std::size_t token_end = std::clamp(at + token.length, at, to);
    Excerpt out;
    out.text = (from > 0 ? std::string(ellipsis) : "") +
               shown(line_starts_[index] + from, line_starts_[index] + to) +
               (to < whole.size() ? std::string(ellipsis) : "");
    out.mark = count_code_points(printable(whole.substr(from, at - from))) + (from > 0 ? 1 : 0);
    out.length = std::max(1u, count_code_points(printable(whole.substr(at, token_end - at))));
    return out;
}

}  // namespace gatehouse::config
