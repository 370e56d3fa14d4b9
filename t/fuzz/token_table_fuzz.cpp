// Fuzzes the reader of a token table: whatever the bytes are, a look-up ends, what it hands out
// lies inside them, and no token is good that is not sound.
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "src/auth/api_token.h"
#include "src/auth/networks.h"
#include "src/auth/token_table_builder.h"
#include "src/auth/token_tables.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t room);

namespace {

using namespace gatehouse;
using namespace gatehouse::auth;

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

Sha256& sha256()
{
    static auto hash = Sha256::create();
    require(static_cast<bool>(hash));
    return *hash;
}

std::vector<std::string> make_tokens()
{
    std::vector<std::string> tokens{"abcdef1234567890"};
    for (std::uint8_t seed = 0; seed < 4; ++seed) {
        const std::vector<std::uint8_t> random(random_for_secret, seed);
        // The last two are the two secrets of one token.
        const std::string id = "0000000" + std::to_string(seed < 3 ? seed : 2);
        tokens.push_back(*make_api_token(id, random));
    }
    return tokens;
}

const std::vector<std::string>& tokens()
{
    static const auto made = make_tokens();
    return made;
}

SealedMemory make_table()
{
    TokenTableBuilder builder;
    const auto network = *parse_network("192.0.2.0/24");
    for (const auto& token : tokens()) {
        TokenSpec spec;
        spec.foreign = shape_of(token) == TokenShape::foreign;
        spec.id = spec.foreign ? "9999999F" : id_of(token);
        spec.digest = *sha256()(token);
        spec.user = "ada";
        spec.scopes = "read write";
        spec.networks = network;
        require(static_cast<bool>(builder.add(spec)));
    }
    auto built = builder.build(1, 0);
    require(static_cast<bool>(built));
    return std::move(*built);
}

/// Reads every byte.
void use(std::string_view text, std::span<const std::byte> bytes)
{
    const auto* begin = reinterpret_cast<const char*>(bytes.data());
    require(text.data() >= begin && text.data() + text.size() <= begin + bytes.size());
    volatile char last = 0;
    for (const char c : text) {
        last = c;
    }
    (void)last;
}

void use(const TokenView& token, std::span<const std::byte> bytes)
{
    for (const auto text :
         {token.id(), token.user(), token.name(), token.scopes(), token.plan(), token.networks()}) {
        use(text, bytes);
    }
    for (const char c : token.user()) {
        require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    }
}

void ask(const TokenTables& tables, std::span<const std::byte> bytes)
{
    constexpr std::uint8_t inside[] = {192, 0, 2, 1};
    for (const auto& token : tokens()) {
        const auto verdict = tables.verify(sha256(), token, {1, inside});
        require(!verdict.accepted() || verdict.token);
        if (verdict.token) {
            use(*verdict.token, bytes);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    // On the heap and aligned, so that what lies outside is seen.
    std::vector<std::uint64_t> words((size + 7) / 8);
    std::memcpy(words.data(), data, size);
    const std::span bytes{reinterpret_cast<const std::byte*>(words.data()), size};
    const auto table = TokenTable::open(bytes);
    if (!table) {
        return 0;
    }
    (void)table->checksum_matches();
    TokenTables as_base;
    as_base.set_base(*table);
    ask(as_base, bytes);

    static const auto sound = make_table();
    static const auto base = *TokenTable::open(sound.bytes());
    TokenTables as_changes;
    as_changes.set_base(base);
    if (as_changes.set_changes(*table)) {
        for (const auto& token : tokens()) {
            (void)as_changes.verify(sha256(), token, {1, {}});
        }
    }
    return 0;
}

/// Begins with a sound table, which no random bytes would ever come to.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned)
{
    static const auto sound = make_table();
    if (size < sizeof(TokenTableHeader) && sound.bytes().size() <= room) {
        size = sound.bytes().size();
        std::memcpy(data, sound.bytes().data(), size);
    }
    size = LLVMFuzzerMutate(data, size, room);
    // Most changes of the size would only ever meet the check of it.
    if (size >= sizeof(TokenTableHeader)) {
        TokenTableHeader header;
        std::memcpy(&header, data, sizeof header);
        const auto fixed = sizeof header +
                           std::uint64_t{header.record_count} * sizeof(TokenRecord) +
                           std::uint64_t{header.index_capacity} * sizeof(std::uint64_t);
        if (fixed <= size) {
            header.total_size = size;
            header.text_size = size - fixed;
            std::memcpy(data, &header, sizeof header);
        }
    }
    return size;
}
