#include "src/auth/ecdsa_signature.h"

#include <cstring>

namespace gatehouse::auth {

namespace {

constexpr unsigned char integer_tag = 0x02;
constexpr unsigned char sequence_tag = 0x30;
constexpr unsigned char one_length_byte = 0x81;

/// Appends a non-negative INTEGER: as short as it can be, with a zero in front where the first bit
/// would make it negative.
unsigned char* put_integer(unsigned char* out, std::string_view number) noexcept
{
    while (number.size() > 1 && number.front() == 0) {
        number.remove_prefix(1);
    }
    const bool high = (static_cast<unsigned char>(number.front()) & 0x80) != 0;
    *out++ = integer_tag;
    *out++ = static_cast<unsigned char>(number.size() + (high ? 1 : 0));
    if (high) {
        *out++ = 0;
    }
    std::memcpy(out, number.data(), number.size());
    return out + number.size();
}

}  // namespace

DerSignature der_signature(std::string_view raw) noexcept
{
    std::array<unsigned char, 2 * max_ecdsa_coordinate + 6> integers;
    unsigned char* end = put_integer(integers.data(), raw.substr(0, raw.size() / 2));
    end = put_integer(end, raw.substr(raw.size() / 2));
    const auto size = static_cast<std::size_t>(end - integers.data());

    DerSignature der;
    unsigned char* out = der.bytes.data();
    *out++ = sequence_tag;
    if (size > 0x7F) {
        *out++ = one_length_byte;
    }
    *out++ = static_cast<unsigned char>(size);
    std::memcpy(out, integers.data(), size);
    der.size = static_cast<std::size_t>(out - der.bytes.data()) + size;
    return der;
}

}  // namespace gatehouse::auth
