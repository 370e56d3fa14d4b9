#include "src/base/utf8.h"

namespace gatehouse {
namespace {

/// What a lead byte asks for: the length, and the bounds of the second byte.
struct Lead {
    std::size_t size = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
};

Lead lead_of(unsigned char byte) noexcept
{
    if (byte >= 0xC2 && byte <= 0xDF) {
        return {2};
    }
    if (byte >= 0xE0 && byte <= 0xEF) {
        if (byte == 0xE0) {
            return {3, 0xA0, 0xBF};
        }
        return byte == 0xED ? Lead{3, 0x80, 0x9F} : Lead{3};
    }
    if (byte >= 0xF0 && byte <= 0xF4) {
        if (byte == 0xF0) {
            return {4, 0x90, 0xBF};
        }
        return byte == 0xF4 ? Lead{4, 0x80, 0x8F} : Lead{4};
    }
    return {};
}

}  // namespace

Utf8Step utf8_step(std::string_view text) noexcept
{
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x80) {
        return {1, true};
    }
    const Lead lead = lead_of(byte(0));
    if (lead.size == 0) {
        return {1, false};
    }
    for (std::size_t i = 1; i < lead.size; ++i) {
        const unsigned char low = i == 1 ? lead.low : 0x80;
        const unsigned char high = i == 1 ? lead.high : 0xBF;
        if (i == text.size() || byte(i) < low || byte(i) > high) {
            return {i, false};
        }
    }
    return {lead.size, true};
}

}  // namespace gatehouse
