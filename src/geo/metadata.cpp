#include "src/geo/metadata.h"

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/geo/item.h"
#include "src/geo/values.h"

namespace gatehouse::geo {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint64_t last_epoch = 253'402'300'799;  // 9999-12-31T23:59:59Z

/// A value of a checked map of plain values, pointers followed.
std::optional<Item> find_member(Bytes section, const Item& map, std::string_view name)
{
    const auto plain = [&](std::size_t offset) {
        const auto item = read_item(section, offset);
        return item->type == ItemType::pointer ? *read_item(section, item->target) : *item;
    };
    // What is passed by may hold items itself: it is walked over.
    const auto skip = [&](const auto& self, std::size_t offset) -> std::size_t {
        const auto item = *read_item(section, offset);
        auto end = item.end;
        const auto items = item.type == ItemType::map     ? 2 * std::uint64_t{item.size}
                           : item.type == ItemType::array ? item.size
                                                          : 0;
        for (std::uint64_t i = 0; i < items; ++i) {
            end = self(self, end);
        }
        return end;
    };
    auto offset = map.end;
    for (std::uint32_t i = 0; i < map.size; ++i) {
        const auto value = skip(skip, offset);
        if (text_of(section, plain(offset)) == name) {
            return plain(value);
        }
        offset = skip(skip, value);
    }
    return std::nullopt;
}

Result<std::uint64_t> number_member(Bytes section, const Item& map, const char* name)
{
    const auto item = find_member(section, map, name);
    const bool is_number =
        item && (item->type == ItemType::uint16 || item->type == ItemType::uint32 ||
                 item->type == ItemType::uint64);
    if (!is_number) {
        return Error{std::string{"its metadata have no number \""} + name + "\""};
    }
    return number_of(section, *item);
}

Result<void> check_metadata(const Metadata& metadata, std::uint64_t version, std::uint64_t epoch)
{
    if (version != 2) {
        return Error{"it is of version " + std::to_string(version) +
                     " of the format, known is version 2"};
    }
    if (metadata.ip_version != 4 && metadata.ip_version != 6) {
        return Error{"its metadata name IP version " + std::to_string(metadata.ip_version)};
    }
    const auto bits = metadata.record_bits;
    if (bits != 24 && bits != 28 && bits != 32) {
        return Error{"its metadata name records of " + std::to_string(bits) + " bits"};
    }
    if (metadata.node_count == 0 ||
        metadata.node_count > std::numeric_limits<std::uint32_t>::max()) {
        return Error{"its metadata name a search tree of " + std::to_string(metadata.node_count) +
                     " nodes"};
    }
    if (epoch > last_epoch) {
        return Error{"its metadata name an impossible time of its build"};
    }
    return {};
}

}  // namespace

Result<Metadata> read_metadata(std::span<const std::byte> section)
{
    if (auto checked = Values{section}.check(0); !checked) {
        return Error{"its metadata are damaged: " + checked.error().message};
    }
    const auto map = read_item(section, 0);
    if (map->type != ItemType::map) {
        return Error{"its metadata are no map"};
    }
    const auto type = find_member(section, *map, "database_type");
    if (!type || type->type != ItemType::text) {
        return Error{"its metadata have no text \"database_type\""};
    }
    Metadata metadata;
    std::uint64_t version = 0, epoch = 0;
    const std::pair<const char*, std::uint64_t*> numbers[] = {
        {"node_count", &metadata.node_count},
        {"record_size", &metadata.record_bits},
        {"ip_version", &metadata.ip_version},
        {"binary_format_major_version", &version},
        {"build_epoch", &epoch},
    };
    for (const auto& [name, out] : numbers) {
        const auto number = number_member(section, *map, name);
        if (!number) {
            return number.error();
        }
        *out = *number;
    }
    if (auto checked = check_metadata(metadata, version, epoch); !checked) {
        return checked.error();
    }
    return metadata;
}

}  // namespace gatehouse::geo
