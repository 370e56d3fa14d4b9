// For tests: tokens made of fixed bytes, and tables of them.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "src/auth/api_token.h"
#include "src/auth/networks.h"
#include "src/auth/token_table_builder.h"
#include "src/auth/token_tables.h"

namespace gatehouse::auth::test {

/// The id "00000007" for 7; secrets differ by `secret`.
inline std::string token_of(unsigned number, std::uint8_t secret = 1)
{
    char id[token_id_size + 1];
    std::snprintf(id, sizeof id, "%08u", number);
    std::vector<std::uint8_t> random(random_for_secret);
    for (std::size_t i = 0; i < random.size(); ++i) {
        random[i] = static_cast<std::uint8_t>(secret * 7 + i);
    }
    auto token = make_api_token(id, random);
    EXPECT_TRUE(token);
    return *token;
}

inline Sha256& sha256()
{
    static auto hash = Sha256::create();
    EXPECT_TRUE(hash);
    return *hash;
}

inline Digest digest_of(std::string_view token)
{
    return sha256()(token).value_or(Digest{});
}

/// A token of our shape that anybody may use for ever.
inline TokenSpec spec_of(const std::string& token)
{
    TokenSpec spec;
    spec.id = id_of(token);
    spec.digest = digest_of(token);
    spec.user = "ada";
    spec.name = "dashboard";
    spec.scopes = "read write";
    spec.plan = "gold";
    return spec;
}

/// A sealed table, and the view of it.
class Image {
public:
    explicit Image(const TokenTableBuilder& builder, std::uint64_t revision = 1,
                   std::uint64_t base_checksum = 0)
        : memory_(seal(builder, revision, base_checksum)), table_(open(memory_))
    {
    }

    const TokenTable& operator*() const noexcept { return table_; }
    const TokenTable* operator->() const noexcept { return &table_; }
    std::span<const std::byte> bytes() const noexcept { return memory_.bytes(); }

private:
    static SealedMemory seal(const TokenTableBuilder& builder, std::uint64_t revision,
                             std::uint64_t base_checksum)
    {
        auto built = builder.build(revision, base_checksum);
        EXPECT_TRUE(built) << built.error().message;
        return std::move(*built);
    }

    static TokenTable open(const SealedMemory& memory)
    {
        auto opened = TokenTable::open(memory.bytes());
        EXPECT_TRUE(opened) << opened.error().message;
        return *opened;
    }

    SealedMemory memory_;
    TokenTable table_;
};

}  // namespace gatehouse::auth::test
