// Fuzzes the reader of the board file: every card it hands out is sound to its last byte.
//
// Checksums would stop almost every input at the door, so the first byte of the input says which of
// them are made good again before the rest is read as the file.
#include <cstdlib>

#include "src/board/archive.h"
#include "src/board/checksum.h"
#include "src/board/test_cards.h"
#include "src/board/test_directory.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t room);

namespace {

using namespace gatehouse;
using namespace gatehouse::board;

enum Repair : unsigned { cards = 1, index = 2, header = 4 };

const test::TestDirectory& directory()
{
    static const test::TestDirectory only;
    return only;
}

template <class T>
T get(const std::string& file, std::size_t at)
{
    T value;
    std::memcpy(&value, file.data() + at, sizeof value);
    return value;
}

template <class T>
void put(std::string& file, std::size_t at, const T& value)
{
    std::memcpy(file.data() + at, &value, sizeof value);
}

std::size_t entries_in(const std::string& file)
{
    const auto room = (file.size() - archive_entries_offset) / sizeof(ArchiveEntry);
    return std::min<std::size_t>(get<ArchiveHeader>(file, 0).entry_count, room);
}

void repair_card(std::string& file, std::size_t at)
{
    auto entry = get<ArchiveEntry>(file, at);
    if (entry.offset > file.size() || entry.size > file.size() - entry.offset ||
        entry.size < sizeof(SnapshotHeader) || entry.offset % 8 != 0) {
        return;
    }
    entry.checksum = checksum_of(
        std::as_bytes(std::span{file.data() + entry.offset, static_cast<std::size_t>(entry.size)}));
    put(file, entry.offset + offsetof(SnapshotHeader, checksum), entry.checksum);
    put(file, at, entry);
}

void repair(std::string& file, unsigned what)
{
    if (file.size() < archive_entries_offset) {
        return;
    }
    const auto count = entries_in(file);
    for (std::size_t i = 0; (what & Repair::cards) != 0 && i < count; ++i) {
        repair_card(file, archive_entries_offset + i * sizeof(ArchiveEntry));
    }
    auto head = get<ArchiveHeader>(file, 0);
    if ((what & Repair::index) != 0) {
        head.index_checksum =
            XXH3_64bits(file.data() + archive_entries_offset, count * sizeof(ArchiveEntry));
    }
    if ((what & Repair::header) != 0) {
        head.total_size = file.size();
        head.header_checksum = header_checksum(head);
    }
    put(file, 0, head);
}

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0) {
        return 0;
    }
    std::string file{reinterpret_cast<const char*>(data + 1), size - 1};
    repair(file, data[0]);
    directory().write("board", file);
    const auto read = read_archive(directory() / "board");
    if (!read) {
        return 0;
    }
    for (const auto& card : read->cards) {
        const auto& view = card.published->view();
        require(view.checksum_matches());
        require(card.published->bytes().size() == view.total_size());
        require(view.path().starts_with('/'));
    }
    // What was accepted can be written and is accepted again.
    require(static_cast<bool>(ArchiveWriter{directory() / "again"}.write(*read)));
    const auto again = read_archive(directory() / "again");
    require(again && again->cards.size() == read->cards.size());
    return 0;
}

/// Begins with a sound file, which no random bytes would ever come to.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned)
{
    if (size <= archive_entries_offset) {
        ArchiveWriter writer{directory() / "seed"};
        (void)writer.write(
            {7, 5, {{test::card("a", "/a", 6), 1, true}, {test::card("b", "/b", 7), 2, false}}});
        const auto seed = '\7' + directory().content("seed");
        if (seed.size() <= room) {
            size = seed.size();
            std::memcpy(data, seed.data(), size);
        }
    }
    return LLVMFuzzerMutate(data, size, room);
}
