#include "src/http/path.h"

#include "src/base/utf8.h"
#include "src/http/hex.h"

namespace gatehouse::http {
namespace {

std::optional<std::string> decoded(std::string_view raw)
{
    std::string out;
    out.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != '%') {
            out += raw[i];
            continue;
        }
        const int high = i + 2 < raw.size() ? hex_digit(raw[i + 1]) : -1;
        const int low = high < 0 ? -1 : hex_digit(raw[i + 2]);
        if (low < 0 || (high | low) == 0) {
            return std::nullopt;
        }
        out += static_cast<char>(high << 4 | low);
        i += 2;
    }
    return out;
}

bool is_utf8(std::string_view text) noexcept
{
    while (!text.empty()) {
        const auto step = utf8_step(text);
        if (!step.valid) {
            return false;
        }
        text.remove_prefix(step.size);
    }
    return true;
}

/// Appends a segment to a path that ends in a slash, or follows `.` and `..`. False above the root.
bool append_segment(std::string& path, std::string_view segment, bool last)
{
    if (segment == "..") {
        if (path.size() == 1) {
            return false;
        }
        path.erase(path.rfind('/', path.size() - 2) + 1);
    } else if (!segment.empty() && segment != ".") {
        path += segment;
        if (!last) {
            path += '/';
        }
    }
    return true;
}

}  // namespace

std::optional<std::string> normal_path(std::string_view raw)
{
    if (!raw.starts_with('/') || raw.find('#') != raw.npos) {
        return std::nullopt;
    }
    const auto whole = decoded(raw);
    if (!whole || !is_utf8(*whole)) {
        return std::nullopt;
    }
    std::string path = "/";
    for (std::size_t begin = 1, end = 0; end != whole->npos; begin = end + 1) {
        end = whole->find('/', begin);
        const auto segment = std::string_view{*whole}.substr(begin, end - begin);
        if (!append_segment(path, segment, end == whole->npos)) {
            return std::nullopt;
        }
    }
    return path;
}

}  // namespace gatehouse::http
