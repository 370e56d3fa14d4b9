#include "src/auth/token_table_builder.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "src/auth/api_token.h"
#include "src/auth/base62.h"
#include "src/auth/networks.h"

namespace gatehouse::auth {

namespace {

/// Two thirds full: a look-up visits three slots on average that finds nothing, all in one or two
/// cache lines.
std::uint64_t capacity_for(std::size_t records) noexcept
{
    return records + records / 2 + 1;
}

/// The index, and how many slots the longest look-up visits: up to an empty one.
struct Index {
    std::vector<std::uint64_t> slots;
    std::uint32_t longest_probe = 0;
};

/// The slots from a home to the first empty one, that one left out.
template <class Visit>
std::uint32_t walk(const Index& index, std::uint32_t home, const Visit& visit)
{
    std::uint32_t at = home;
    std::uint32_t steps = 0;
    for (; index.slots[at] != 0; ++steps) {
        visit(index.slots[at]);
        at = at + 1 == index.slots.size() ? 0 : at + 1;
    }
    return steps;
}

bool place(Index& index, const std::vector<TokenRecord>& records, std::uint32_t number)
{
    const auto key = records[number].key;
    const auto hash = mixed(key);
    const auto capacity = static_cast<std::uint32_t>(index.slots.size());
    const auto home = scaled(hash, capacity);
    int same = 0;
    const auto steps = walk(index, home, [&](std::uint64_t slot) {
        same += records[static_cast<std::uint32_t>(slot) - 1].key == key ? 1 : 0;
    });
    index.slots[(std::uint64_t{home} + steps) % capacity] = index_slot(hash, number);
    index.longest_probe = std::max(index.longest_probe, steps + 1);
    return same < 2;
}

Result<Index> index_of(const std::vector<TokenRecord>& records)
{
    Index index;
    index.slots.resize(capacity_for(records.size()));
    for (std::uint32_t number = 0; number < records.size(); ++number) {
        if (!place(index, records, number)) {
            return Error{"token table: more than two records of token " +
                         std::string{records[number].id, sizeof records[number].id}};
        }
    }
    return index;
}

std::uint32_t foreign_among(const std::vector<TokenRecord>& records) noexcept
{
    return static_cast<std::uint32_t>(std::count_if(
        records.begin(), records.end(),
        [](const TokenRecord& record) { return (record.flags & token_foreign) != 0; }));
}

/// Copies the sections one after the other.
class Writer {
public:
    explicit Writer(std::span<std::byte> out) noexcept : out_(out) {}

    void put(const void* bytes, std::size_t size) noexcept
    {
        if (size > 0) {
            std::memcpy(out_.data() + at_, bytes, size);
            at_ += size;
        }
    }

private:
    std::span<std::byte> out_;
    std::size_t at_ = 0;
};

}  // namespace

Result<std::uint32_t> TokenTableBuilder::intern(std::string_view text)
{
    if (text.empty()) {
        return std::uint32_t{0};
    }
    if (const auto found = offsets_.find(std::string{text}); found != offsets_.end()) {
        return found->second;
    }
    const auto length = static_cast<std::uint16_t>(text.size());
    if (text.size() > std::numeric_limits<std::uint16_t>::max() ||
        text_.size() > std::numeric_limits<std::uint32_t>::max() - text.size() - sizeof length) {
        return Error{"token table: too much text"};
    }
    const auto offset = static_cast<std::uint32_t>(text_.size());
    text_.append(reinterpret_cast<const char*>(&length), sizeof length);
    text_.append(text);
    offsets_.emplace(text, offset);
    return offset;
}

Result<TokenRecord> TokenTableBuilder::record_of(const TokenSpec& token)
{
    if (token.id.size() != token_id_size || !is_base62(token.id)) {
        return Error{"token table: \"" + std::string{token.id} + "\" is no id of a token"};
    }
    TokenRecord record{};
    record.key = token.foreign ? token_key(token.digest) : token_key(token.id);
    record.digest = token.digest;
    record.not_before_s = token.not_before_s;
    record.expires_s = token.expires_s;
    std::memcpy(record.id, token.id.data(), sizeof record.id);
    record.flags = (token.revoked ? token_revoked : 0) | (token.foreign ? token_foreign : 0);
    const std::pair<std::string_view, std::uint32_t*> texts[] = {
        {token.user, &record.user},         {token.name, &record.name},
        {token.scopes, &record.scopes},     {token.plan, &record.plan},
        {token.networks, &record.networks},
    };
    for (const auto& [text, field] : texts) {
        const auto offset = intern(text);
        if (!offset) {
            return offset.error();
        }
        *field = *offset;
    }
    return record;
}

Result<void> TokenTableBuilder::add(const TokenSpec& token)
{
    const auto record = record_of(token);
    if (!record) {
        return record.error();
    }
    const std::span<const char> text{text_};
    const TokenView view{*record, std::as_bytes(text)};
    if (!view.sound() || !view.name_is_sound()) {
        return Error{"token table: a text of token " + std::string{token.id} +
                     " has control characters, or its networks are no entries"};
    }
    records_.push_back(*record);
    return {};
}

Result<void> TokenTableBuilder::remove(const TokenSpec& token)
{
    TokenSpec key;
    key.id = token.id;
    key.digest = token.digest;
    key.foreign = token.foreign;
    auto record = record_of(key);
    if (!record) {
        return record.error();
    }
    record->flags |= token_removed;
    records_.push_back(*record);
    return {};
}

Result<SealedMemory> TokenTableBuilder::build(std::uint64_t revision,
                                              std::uint64_t base_checksum) const
{
    if (capacity_for(records_.size()) > std::numeric_limits<std::uint32_t>::max()) {
        return Error{"token table: too many tokens"};
    }
    const auto index = index_of(records_);
    if (!index) {
        return index.error();
    }
    TokenTableHeader header{};
    header.magic = token_table_magic;
    header.version = token_table_version;
    header.header_size = sizeof header;
    header.revision = revision;
    header.base_checksum = base_checksum;
    header.record_count = static_cast<std::uint32_t>(records_.size());
    header.foreign_count = foreign_among(records_);
    header.index_capacity = static_cast<std::uint32_t>(index->slots.size());
    header.longest_probe = index->longest_probe;
    header.text_size = text_.size();
    const auto records_size = records_.size() * sizeof(TokenRecord);
    const auto index_size = index->slots.size() * sizeof(std::uint64_t);
    header.total_size = sizeof header + records_size + index_size + text_.size();
    return SealedMemory::create("gatehouse-tokens", header.total_size,
                                [&](std::span<std::byte> out) -> Result<void> {
                                    Writer writer{out};
                                    writer.put(&header, sizeof header);
                                    writer.put(records_.data(), records_size);
                                    writer.put(index->slots.data(), index_size);
                                    writer.put(text_.data(), text_.size());
                                    header.checksum = token_table_checksum(out);
                                    std::memcpy(out.data(), &header, sizeof header);
                                    return {};
                                });
}

}  // namespace gatehouse::auth
