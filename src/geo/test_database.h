// Databases for tests: what libmaxminddb reads, written by hand after the format's specification.
#pragma once

#include <arpa/inet.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::geo {

// --- values, as bytes ---

inline std::string control(unsigned type, std::size_t size)
{
    std::string bytes(1, static_cast<char>((type < 8 ? type << 5 : 0) | (size < 29 ? size : 29)));
    if (type >= 8) {
        bytes += static_cast<char>(type - 7);
    }
    if (size >= 29) {  // up to 284
        bytes += static_cast<char>(size - 29);
    }
    return bytes;
}

inline std::string text_value(const std::string& text)
{
    return control(2, text.size()) + text;
}

inline std::string number_value(unsigned type, std::uint64_t number)
{
    std::string digits;
    for (; number != 0; number >>= 8) {
        digits.insert(digits.begin(), static_cast<char>(number & 0xff));
    }
    return control(type, digits.size()) + digits;
}

inline std::string u16_value(unsigned number)
{
    return number_value(5, number);
}
inline std::string u32_value(std::uint32_t number)
{
    return number_value(6, number);
}
inline std::string u64_value(std::uint64_t number)
{
    return number_value(9, number);
}

inline std::string map_value(const std::vector<std::pair<std::string, std::string>>& pairs)
{
    auto bytes = control(7, pairs.size());
    for (const auto& [key, value] : pairs) {
        bytes += text_value(key) + value;
    }
    return bytes;
}

/// To an offset below 2048 of the data section.
inline std::string pointer_value(unsigned offset)
{
    return {static_cast<char>(0x20 | offset >> 8), static_cast<char>(offset & 0xff)};
}

/// A record as MaxMind's databases of countries have it.
inline std::string country_record(const std::string& code)
{
    return map_value({{"country", map_value({{"iso_code", text_value(code)}})}});
}

// --- the whole ---

class TestDatabase {
public:
    unsigned ip_version = 6;
    unsigned record_size = 24;
    std::map<std::string, std::string> metadata;  ///< members that replace what would be there

    /// "192.0.2.0/24" with that value.
    void add(const std::string& network, const std::string& value)
    {
        add_offset(network, data.size());
        data += value;
    }

    /// With the value that stands at an offset of the data section.
    void add_offset(const std::string& network, std::size_t offset)
    {
        const auto slash = network.find('/');
        const auto bits = bits_of(network.substr(0, slash),
                                  static_cast<unsigned>(std::stoul(network.substr(slash + 1))));
        std::size_t node = 0;
        for (std::size_t i = 0; i + 1 < bits.size(); ++i) {
            auto next = nodes[node][bits[i]];
            if (next < 0) {
                next = static_cast<std::int64_t>(nodes.size());
                nodes[node][bits[i]] = next;
                nodes.push_back({-1, -1});
            }
            node = static_cast<std::size_t>(next);
        }
        nodes[node][bits.back()] = data_base + static_cast<std::int64_t>(offset);
    }

    std::string bytes() const
    {
        std::string all;
        for (const auto& node : nodes) {
            append_node(all, record(node[0]), record(node[1]));
        }
        return all + std::string(16, '\0') + data + "\xAB\xCD\xEFMaxMind.com" + metadata_bytes();
    }

    std::string data;

    /// Records by node: -1 for nothing, the number of a node, or data_base and an offset.
    std::vector<std::array<std::int64_t, 2>> nodes{{-1, -1}};
    static constexpr std::int64_t data_base = std::int64_t{1} << 40;

private:
    std::vector<unsigned> bits_of(const std::string& address, unsigned length) const
    {
        std::array<std::uint8_t, 16> bytes{};
        const bool v4 = address.find(':') == address.npos;
        (void)inet_pton(v4 ? AF_INET : AF_INET6, address.c_str(),
                        bytes.data() + (v4 && ip_version == 6 ? 12 : 0));
        std::vector<unsigned> bits(length + (v4 && ip_version == 6 ? 96 : 0));
        for (std::size_t i = 0; i < bits.size(); ++i) {
            bits[i] = bytes[i / 8] >> (7 - i % 8) & 1;
        }
        return bits;
    }

    std::uint32_t record(std::int64_t value) const
    {
        const auto count = static_cast<std::int64_t>(nodes.size());
        return static_cast<std::uint32_t>(value < 0           ? count
                                          : value < data_base ? value
                                                              : count + 16 + value - data_base);
    }

    void append_node(std::string& out, std::uint32_t left, std::uint32_t right) const
    {
        const auto put = [&](std::uint32_t value, unsigned bytes) {
            for (unsigned i = bytes; i-- > 0;) {
                out += static_cast<char>(value >> 8 * i & 0xff);
            }
        };
        const auto whole = record_size / 8;
        put(left & (record_size == 28 ? 0xff'ffff : ~0U), whole);
        if (record_size == 28) {
            put(left >> 24 << 4 | right >> 24, 1);
        }
        put(right & (record_size == 28 ? 0xff'ffff : ~0U), whole);
    }

    std::string metadata_bytes() const
    {
        std::map<std::string, std::string> all{
            {"node_count", u32_value(static_cast<std::uint32_t>(nodes.size()))},
            {"record_size", u16_value(record_size)},
            {"ip_version", u16_value(ip_version)},
            {"binary_format_major_version", u16_value(2)},
            {"binary_format_minor_version", u16_value(0)},
            {"build_epoch", u64_value(1'700'000'000)},
            {"database_type", text_value("Test")},
            {"description", map_value({})},
            {"languages", control(11, 1) + text_value("en")},
        };
        for (const auto& [name, value] : metadata) {
            all[name] = value;
        }
        return map_value({all.begin(), all.end()});
    }
};

inline std::span<const std::byte> as_bytes(const std::string& text)
{
    return std::as_bytes(std::span{text});
}

}  // namespace gatehouse::geo
