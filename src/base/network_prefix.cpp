#include "src/base/network_prefix.h"

#include <arpa/inet.h>

#include <algorithm>

namespace gatehouse {

namespace {

constexpr std::array<std::uint8_t, 12> v4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

void clear_from(std::span<std::uint8_t> bytes, unsigned bit) noexcept
{
    for (std::size_t i = bit / 8; i < bytes.size(); ++i) {
        const unsigned kept = i == bit / 8 ? bit % 8 : 0;
        bytes[i] &= static_cast<std::uint8_t>(0xff00 >> kept);
    }
}

}  // namespace

NetworkPrefix::NetworkPrefix(std::span<const std::uint8_t> address, PrefixLengths lengths) noexcept
{
    if (address.size() == 16 && std::equal(v4_mapped.begin(), v4_mapped.end(), address.begin())) {
        address = address.subspan(v4_mapped.size());
    }
    std::copy(address.begin(), address.end(), bytes_.begin());
    size_ = static_cast<std::uint8_t>(address.size());
    length_ = static_cast<std::uint8_t>(size_ == 4 ? lengths.v4 : lengths.v6);
    clear_from({bytes_.data(), size_}, length_);
}

std::string NetworkPrefix::text() const
{
    char text[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(size_ == 4 ? AF_INET : AF_INET6, bytes_.data(), text, sizeof text);
    std::string result = text;
    if (length_ < size_ * 8U) {
        result += '/' + std::to_string(length_);
    }
    return result;
}

}  // namespace gatehouse
