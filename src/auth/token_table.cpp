#include "src/auth/token_table.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "src/auth/networks.h"
#include "src/base/checksum.h"

namespace gatehouse::auth {

namespace {

/// Bytes of an image with these counts. They are 32 bits each, so the sum does not overflow.
std::uint64_t size_without_text(const TokenTableHeader& header) noexcept
{
    return sizeof header + std::uint64_t{header.record_count} * sizeof(TokenRecord) +
           std::uint64_t{header.index_capacity} * sizeof(std::uint64_t);
}

bool counts_are_sound(const TokenTableHeader& header, std::size_t available) noexcept
{
    const auto fixed = size_without_text(header);
    return header.header_size == sizeof header && header.index_capacity > header.record_count &&
           header.longest_probe <= header.index_capacity && header.total_size <= available &&
           fixed <= header.total_size && header.text_size == header.total_size - fixed;
}

constexpr std::uint64_t every_byte(unsigned char value) noexcept
{
    return 0x0101'0101'0101'0101U * value;
}

/// Whether one of eight characters is a control character. (A character after one that is may be
/// taken for one as well; one that stands alone never.)
constexpr bool has_control(std::uint64_t eight) noexcept
{
    constexpr auto high = every_byte(0x80);
    const auto below_space = (eight - every_byte(0x20)) & ~eight & high;
    const auto off_delete = eight ^ every_byte(0x7f);
    return (below_space | ((off_delete - every_byte(1)) & ~off_delete & high)) != 0;
}

bool is_printable(std::string_view text) noexcept
{
    while (!text.empty()) {
        auto eight = every_byte(' ');
        const auto size = std::min(text.size(), sizeof eight);
        std::memcpy(&eight, text.data(), size);
        if (has_control(eight)) {
            return false;
        }
        text.remove_prefix(size);
    }
    return true;
}

/// A text that would lie outside the image comes as a null pointer; no other does.
bool is_sound(std::string_view text) noexcept
{
    return text.data() != nullptr && is_printable(text);
}

}  // namespace

// --- one token ---

std::string_view TokenView::text(std::uint32_t offset) const noexcept
{
    std::uint16_t length = 0;
    if (text_.size() < sizeof length || offset > text_.size() - sizeof length) {
        return {};
    }
    std::memcpy(&length, text_.data() + offset, sizeof length);
    const auto rest = text_.subspan(offset + sizeof length);
    if (length > rest.size()) {
        return {};
    }
    return {reinterpret_cast<const char*>(rest.data()), length};
}

bool TokenView::sound() const noexcept
{
    const auto texts = {id(), user(), scopes(), plan()};
    return std::all_of(texts.begin(), texts.end(), is_sound) && networks().data() != nullptr &&
           networks().size() % network_entry_size == 0;
}

bool TokenView::name_is_sound() const noexcept
{
    return is_sound(name());
}

// --- the table ---

std::uint64_t token_table_checksum(std::span<const std::byte> bytes) noexcept
{
    return checksum_without(bytes, offsetof(TokenTableHeader, checksum));
}

Result<TokenTable> TokenTable::open(std::span<const std::byte> bytes)
{
    if (bytes.size() < sizeof(TokenTableHeader)) {
        return Error{"token table: shorter than its header"};
    }
    TokenTable table;
    table.data_ = bytes.data();
    const auto& header = table.header();
    if (header.magic != token_table_magic) {
        return Error{"token table: wrong magic"};
    }
    if (header.version != token_table_version) {
        return Error{"token table: version " + std::to_string(header.version) + ", expected " +
                     std::to_string(token_table_version)};
    }
    if (!counts_are_sound(header, bytes.size())) {
        return Error{"token table: its size does not match its bytes"};
    }
    const auto* records = bytes.data() + sizeof header;
    const auto* index = records + std::size_t{header.record_count} * sizeof(TokenRecord);
    table.records_ = reinterpret_cast<const TokenRecord*>(records);
    table.index_ = reinterpret_cast<const std::uint64_t*>(index);
    table.text_ = bytes.subspan(header.total_size - header.text_size, header.text_size);
    return table;
}

bool TokenTable::checksum_matches() const noexcept
{
    return token_table_checksum({data_, header().total_size}) == header().checksum;
}

TokenTable::Found TokenTable::find(std::uint64_t key) const noexcept
{
    const auto hash = mixed(key);
    const auto capacity = header().index_capacity;
    const auto count = header().record_count;
    Found found;
    auto at = scaled(hash, capacity);
    for (auto left = header().longest_probe; left > 0; --left) {
        const auto slot = index_[at];
        if (slot == 0) {
            break;
        }
        // A number out of bounds cannot be but in damaged bytes.
        const auto number = static_cast<std::uint32_t>(slot) - 1;
        if (slot >> 32 == (hash & 0xffff'ffff) && number < count && records_[number].key == key) {
            if (found.first != nullptr) {
                found.second = &records_[number];
                break;
            }
            found.first = &records_[number];
        }
        at = at + 1 == capacity ? 0 : at + 1;
    }
    return found;
}

void TokenTable::prefetch_slot(std::uint64_t key) const noexcept
{
    __builtin_prefetch(&index_[scaled(mixed(key), header().index_capacity)]);
}

void TokenTable::prefetch_record(std::uint64_t key) const noexcept
{
    const auto hash = mixed(key);
    const auto capacity = header().index_capacity;
    auto at = scaled(hash, capacity);
    for (auto left = header().longest_probe; left > 0 && index_[at] != 0; --left) {
        if (index_[at] >> 32 == (hash & 0xffff'ffff)) {
            const auto number = static_cast<std::uint32_t>(index_[at]) - 1;
            if (number < header().record_count) {
                __builtin_prefetch(&records_[number]);
                __builtin_prefetch(&records_[number].flags);
            }
            return;
        }
        at = at + 1 == capacity ? 0 : at + 1;
    }
    __builtin_prefetch(stand_in(key));
}

const TokenRecord* TokenTable::stand_in(std::uint64_t key) const noexcept
{
    const auto count = header().record_count;
    return count == 0 ? nullptr : &records_[scaled(mixed(key), count)];
}

}  // namespace gatehouse::auth
