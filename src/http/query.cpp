#include "src/http/query.h"

#include <array>

#include "src/http/hex.h"

namespace gatehouse::http {
namespace {

/// Takes one decoded byte off the front of `raw`, or yields -1. REQUIRES: `raw` is not empty.
int take_decoded(std::string_view& raw) noexcept
{
    const char c = raw.front();
    if (c != '%') {
        raw.remove_prefix(1);
        return c == '+' ? ' ' : static_cast<unsigned char>(c);
    }
    if (raw.size() < 3) {
        return -1;
    }
    const int high = hex_digit(raw[1]);
    const int low = hex_digit(raw[2]);
    raw.remove_prefix(3);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

bool decodes_to(std::string_view raw, std::string_view text) noexcept
{
    if (raw.size() < text.size()) {
        return false;
    }
    for (const char c : text) {
        if (raw.empty() || take_decoded(raw) != static_cast<unsigned char>(c)) {
            return false;
        }
    }
    return raw.empty();
}

}  // namespace

QueryParameter find_parameter(std::string_view query, std::string_view name) noexcept
{
    QueryParameter found;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(pair.size() < query.size() ? pair.size() + 1 : pair.size());
        const std::string_view raw_name = pair.substr(0, pair.find('='));
        if (!decodes_to(raw_name, name)) {
            continue;
        }
        if (found.count == QueryParameter::Count::one) {
            found.count = QueryParameter::Count::several;
            return found;
        }
        found.count = QueryParameter::Count::one;
        if (raw_name.size() < pair.size()) {
            found.raw_value = pair.substr(raw_name.size() + 1);
        }
    }
    return found;
}

std::optional<std::string_view> percent_decode(std::string_view raw, std::span<char> out) noexcept
{
    std::size_t size = 0;
    while (!raw.empty()) {
        const int byte = take_decoded(raw);
        if (byte < 0 || size == out.size()) {
            return std::nullopt;
        }
        out[size++] = static_cast<char>(byte);
    }
    return std::string_view(out.data(), size);
}

FormatQuery find_format(std::string_view query) noexcept
{
    using Count = QueryParameter::Count;
    const QueryParameter parameter = find_parameter(query, "format");
    if (parameter.count == Count::none) {
        return {};
    }
    if (parameter.count == Count::several) {
        return {FormatQuery::Kind::duplicate};
    }
    std::array<char, 16> buffer;
    const auto name = percent_decode(parameter.raw_value, buffer);
    const auto format = name ? format_named(*name) : std::nullopt;
    if (!format) {
        return {FormatQuery::Kind::unknown};
    }
    return {FormatQuery::Kind::named, *format};
}

}  // namespace gatehouse::http
