#include "sidecar/sources/json_depth.h"

#include <array>
#include <cstdint>

#include "sidecar/base/json_rows.h"

namespace gatehouse::sources {
namespace {

/// For each character, whether it is one of these.
class Among {
public:
    constexpr explicit Among(std::string_view characters)
    {
        for (const char c : characters) {
            is_[static_cast<std::uint8_t>(c)] = true;
        }
    }
    const char* first(const char* at, const char* end) const noexcept
    {
        while (at != end && !is_[static_cast<std::uint8_t>(*at)]) {
            ++at;
        }
        return at;
    }

private:
    std::array<bool, 256> is_{};
};

constexpr Among of_structure("\"[]{}"), of_string("\"\\\r\n");

}  // namespace

const char* JsonDepth::behind_string(const char* at, const char* end) noexcept
{
    while ((at = of_string.first(at, end)) != end) {
        const char c = *at++;
        if (c != '\\') {
            in_string_ = false;
            return at;
        }
        escaped_ = at == end;
        at += at != end && *at != '\r' && *at != '\n' ? 1 : 0;
    }
    return end;
}

bool JsonDepth::add(std::string_view piece) noexcept
{
    const char* at = piece.data();
    const char* const end = at + piece.size();
    if (escaped_ && at != end) {
        escaped_ = false;
        at += *at != '\r' && *at != '\n' ? 1 : 0;
    }
    if (in_string_) {
        at = behind_string(at, end);
    }
    while ((at = of_structure.first(at, end)) != end) {
        switch (*at++) {
        case '"':
            in_string_ = true;
            at = behind_string(at, end);
            break;
        case '[':
        case '{':
            if (++depth_ > sidecar::deepest_json) {
                return false;
            }
            break;
        default: depth_ -= depth_ > 0 ? 1 : 0;
        }
    }
    return true;
}

}  // namespace gatehouse::sources
