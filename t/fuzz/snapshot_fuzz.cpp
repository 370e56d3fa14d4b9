// Fuzzes the reader of a snapshot: whatever the bytes are, what it hands out lies inside them.
#include <cstdlib>

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

/// Reads every byte and holds every string to what may stand in a header.
void use_as_header(std::string_view text)
{
    for (const char c : text) {
        require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    }
}

void use(const SnapshotView& view, std::span<const std::byte> bytes)
{
    require(view.total_size() <= bytes.size());
    require(!view.name().empty() && view.path().starts_with('/'));
    for (const auto text :
         {view.name(), view.path(), view.cache_control(), view.last_modified(), view.require()}) {
        use_as_header(text);
    }
    require(!view.formats().empty());
    const auto* begin = reinterpret_cast<const char*>(bytes.data());
    for (std::size_t slot = 0; slot < representation_slots; ++slot) {
        const auto format = static_cast<Format>(slot / encoding_count);
        const auto encoding = static_cast<Encoding>(slot % encoding_count);
        if (!view.encodings(format).contains(encoding)) {
            continue;
        }
        const auto found = view.representation(format, encoding);
        use_as_header(found.content_type);
        use_as_header(found.etag);
        require(found.body.data() == begin + found.body_offset);
        require(found.body_offset + found.body.size() <= view.total_size());
    }
    (void)view.checksum_matches();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    test::Bytes bytes{std::as_bytes(std::span{data, size})};
    if (const auto view = SnapshotView::open(bytes.span())) {
        use(*view, bytes.span());
    }
    return 0;
}

/// Begins with a sound snapshot, which no random bytes would ever come to.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned)
{
    if (size < snapshot_strings_offset) {
        const auto memory = build_snapshot(test::small_spec());
        if (memory && memory->bytes().size() <= room) {
            size = memory->bytes().size();
            std::memcpy(data, memory->bytes().data(), size);
        }
    }
    return LLVMFuzzerMutate(data, size, room);
}
