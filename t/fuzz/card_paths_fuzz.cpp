// Fuzzes the reader of the paths of cards: whatever the bytes are, a search ends, and what is
// handed out lies inside them.
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "src/board/card_paths.h"
#include "src/board/test_cards.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t room);

namespace {

using namespace gatehouse;
using namespace gatehouse::board;

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

/// Reads every byte.
void use(std::string_view text)
{
    for (const char c : text) {
        require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    }
}

void use(const CardPaths& paths)
{
    for (std::uint32_t row = 0; row < paths.size(); ++row) {
        const auto card = paths[row];
        for (const auto text : {card.card, card.pattern, card.query, card.require}) {
            use(text);
        }
        require(!card.card.empty() && card.pattern.starts_with('/'));
        const auto found = paths.match(card.pattern);
        require(found == no_row || found < paths.size());
    }
    for (const std::string_view path :
         {"/", "/a/b", "/a/7/c", "/x//y/z", "/long-segment/long-segment"}) {
        const auto found = paths.match(path);
        require(found == no_row || found < paths.size());
    }
    (void)paths.match(std::string(longest_matched_path, '/'));
    (void)paths.checksum_matches();
}

const SealedMemory& sound_table()
{
    static const auto table = build_card_paths({{"one", "/a/{x}", {"from", "to"}, "read"},
                                                {"two", "/a/{x}/c", {}, ""},
                                                {"three", "/{x}/b", {"q"}, "", 0},
                                                {"four", "/long-segment/{y}", {}, "write"},
                                                {"five", "/", {}, ""}});
    require(static_cast<bool>(table));
    return *table;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    test::Bytes bytes{std::as_bytes(std::span{data, size})};
    if (const auto paths = CardPaths::open(bytes.span())) {
        use(*paths);
    }
    return 0;
}

/// Begins with a sound table, which no random bytes would ever come to.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned)
{
    const auto sound = sound_table().bytes();
    if (size < sizeof(CardPathsHeader) && sound.size() <= room) {
        size = sound.size();
        std::memcpy(data, sound.data(), size);
    }
    return LLVMFuzzerMutate(data, size, room);
}
