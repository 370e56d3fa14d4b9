// The reader of a snapshot: what was built comes back, and no byte of a damaged one leads astray.
#include "src/board/snapshot.h"

#include <gtest/gtest.h>

#include "src/board/test_cards.h"

namespace gatehouse::board {
namespace {

using test::Bytes;
using test::small_spec;

Bytes small_snapshot()
{
    const auto memory = build_snapshot(small_spec());
    EXPECT_TRUE(memory) << memory.error().message;
    return Bytes{memory->bytes()};
}

constexpr std::size_t entry_offset(Format format, Encoding encoding)
{
    const auto slot =
        static_cast<std::size_t>(format) * encoding_count + static_cast<std::size_t>(encoding);
    return sizeof(SnapshotHeader) + slot * sizeof(RepresentationEntry);
}

constexpr std::size_t json_entry = entry_offset(Format::json, Encoding::identity);

/// Where the references to strings of a small snapshot stand.
constexpr std::size_t string_refs[] = {
    offsetof(SnapshotHeader, name),
    offsetof(SnapshotHeader, path),
    offsetof(SnapshotHeader, cache_control),
    offsetof(SnapshotHeader, last_modified),
    offsetof(SnapshotHeader, require),
    json_entry + offsetof(RepresentationEntry, content_type),
    json_entry + offsetof(RepresentationEntry, etag),
};

TEST(Snapshot, HandsOutWhatItWasBuiltFrom)
{
    const auto spec = small_spec();
    const auto memory = build_snapshot(spec);
    ASSERT_TRUE(memory);
    const auto view = SnapshotView::open(memory->bytes());
    ASSERT_TRUE(view);
    EXPECT_EQ(view->name(), spec.name);
    EXPECT_EQ(view->path(), spec.path);
    EXPECT_EQ(view->cache_control(), spec.cache_control);
    EXPECT_EQ(view->require(), spec.require);
    EXPECT_EQ(view->generation(), 7u);
    EXPECT_EQ(view->computed_at_ms(), 1'700'000'000'123);
    EXPECT_EQ(view->last_modified_s(), 1'700'000'000);
    EXPECT_EQ(view->last_modified(), "Tue, 14 Nov 2023 22:13:20 GMT");  // date -u -d @1700000000
    EXPECT_EQ(view->max_age_ms(), 60'000u);
    EXPECT_EQ(view->stale_ms(), 3'600'000);
    EXPECT_EQ(view->total_size(), memory->bytes().size());
    EXPECT_TRUE(view->checksum_matches());
}

TEST(Snapshot, HandsOutEveryRepresentation)
{
    const auto spec = small_spec();
    const auto memory = build_snapshot(spec);
    ASSERT_TRUE(memory);
    const auto view = SnapshotView::open(memory->bytes());
    ASSERT_TRUE(view);
    EXPECT_EQ(view->formats().bits(), 0b0101);
    EXPECT_EQ(view->encodings(Format::json).bits(), 0b0011);
    EXPECT_EQ(view->encodings(Format::csv).bits(), 0b0001);
    EXPECT_TRUE(view->encodings(Format::ndjson).empty());
    for (const auto& body : spec.bodies) {
        const auto found = view->representation(body.format, body.encoding);
        EXPECT_EQ(found.body, body.bytes);
        EXPECT_EQ(found.content_type, body.content_type);
        EXPECT_EQ(found.etag, etag_of(body.bytes));
        EXPECT_EQ(found.body_offset % 64, 0u);
    }
}

TEST(Snapshot, LargeBodiesBeginOnAPage)
{
    const std::string large(64 << 10, 'x');
    auto spec = small_spec();
    spec.bodies.push_back({Format::ndjson, Encoding::identity, "application/x-ndjson", large});
    const auto memory = build_snapshot(spec);
    ASSERT_TRUE(memory);
    const auto view = SnapshotView::open(memory->bytes());
    ASSERT_TRUE(view);
    const auto found = view->representation(Format::ndjson, Encoding::identity);
    EXPECT_EQ(found.body_offset % 4096, 0u);
    EXPECT_EQ(found.body, large);
}

TEST(Snapshot, AnEmptyBodyIsABody)
{
    auto spec = small_spec();
    spec.bodies = {{Format::csv, Encoding::identity, "text/csv", ""}};
    const auto memory = build_snapshot(spec);
    ASSERT_TRUE(memory);
    const auto view = SnapshotView::open(memory->bytes());
    ASSERT_TRUE(view);
    EXPECT_EQ(view->representation(Format::csv, Encoding::identity).body, "");
    EXPECT_EQ(view->formats().bits(), 0b0100);
}

TEST(Snapshot, BytesBeyondItsSizeAreIgnored)
{
    const auto memory = build_snapshot(small_spec());
    ASSERT_TRUE(memory);
    std::vector<std::byte> longer(memory->bytes().begin(), memory->bytes().end());
    longer.resize(longer.size() + 100, std::byte{0xff});
    Bytes bytes{longer};
    const auto view = SnapshotView::open(bytes.span());
    ASSERT_TRUE(view);
    EXPECT_TRUE(view->checksum_matches());
}

TEST(Snapshot, TruncatedAtEveryLengthIsRefused)
{
    auto bytes = small_snapshot();
    for (std::size_t size = 0; size < bytes.span().size(); ++size) {
        // A copy of that size: a sanitizer sees a read past its end.
        Bytes part{bytes.span().first(size)};
        EXPECT_FALSE(SnapshotView::open(part.span())) << size;
    }
}

TEST(Snapshot, RefusesAnotherMagicVersionAndSize)
{
    const auto refused = [](std::size_t offset, auto value) {
        auto bytes = small_snapshot();
        bytes.put(offset, value);
        const auto view = SnapshotView::open(bytes.span());
        return view ? std::string{} : view.error().message;
    };
    const auto size = small_snapshot().span().size();
    EXPECT_EQ(refused(offsetof(SnapshotHeader, magic), ~snapshot_magic), "snapshot: wrong magic");
    EXPECT_EQ(refused(offsetof(SnapshotHeader, version), snapshot_version + 1),
              "snapshot: version 2, expected 1");
    EXPECT_NE(refused(offsetof(SnapshotHeader, header_size), 161u), "");
    EXPECT_NE(refused(offsetof(SnapshotHeader, total_size), std::uint64_t{size + 1}), "");
    EXPECT_NE(refused(offsetof(SnapshotHeader, total_size), ~std::uint64_t{0}), "");
    EXPECT_NE(refused(offsetof(SnapshotHeader, total_size), std::uint64_t{927}), "");
}

TEST(Snapshot, RefusesStringsOutOfBounds)
{
    const auto total = static_cast<std::uint32_t>(small_snapshot().span().size());
    constexpr std::uint32_t strings = snapshot_strings_offset;
    const StringRef bad[] = {
        {total, 1}, {total - 1, 2},   {strings, total},         {~0u, ~0u},    {~0u, 1},
        {0, 1},     {strings - 1, 4}, {strings, ~0u - strings}, {total + 1, 0}};
    for (const auto at : string_refs) {
        for (const auto ref : bad) {
            auto bytes = small_snapshot();
            bytes.put(at, ref);
            const bool absent = at == string_refs[6] && ref.length == 0;  // then json is not there
            EXPECT_FALSE(SnapshotView::open(bytes.span()) && !absent)
                << "reference at " << at << ": " << ref.offset << "+" << ref.length;
        }
    }
}

TEST(Snapshot, RefusesControlCharactersInEveryString)
{
    for (const auto at : string_refs) {
        for (const char bad : {'\0', '\n', '\r', '\t', '\x1b', '\x7f'}) {
            auto bytes = small_snapshot();
            StringRef ref;
            std::memcpy(&ref, bytes.data() + at, sizeof ref);
            bytes.put(ref.offset + ref.length - 1, bad);
            EXPECT_FALSE(SnapshotView::open(bytes.span())) << at << " " << int{bad};
        }
    }
}

TEST(Snapshot, RefusesBodiesOutOfBounds)
{
    const auto total = std::uint64_t{small_snapshot().span().size()};
    const std::uint64_t bad[][2] = {{total, 1}, {total + 1, 0}, {~0ull, 2},   {0, 8},
                                    {927, 1},   {928, total},   {928, ~0ull}, {total - 1, 2}};
    for (const auto& [offset, size] : bad) {
        auto bytes = small_snapshot();
        bytes.put(json_entry + offsetof(RepresentationEntry, body_offset), offset);
        bytes.put(json_entry + offsetof(RepresentationEntry, body_size), size);
        EXPECT_FALSE(SnapshotView::open(bytes.span())) << offset << "+" << size;
    }
}

TEST(Snapshot, RefusesAFormatWithoutItsIdentityForm)
{
    auto bytes = small_snapshot();
    bytes.put(json_entry + offsetof(RepresentationEntry, etag), StringRef{0, 0});
    EXPECT_FALSE(SnapshotView::open(bytes.span()));
}

TEST(Snapshot, BuilderRefusesWhatItsReaderRefuses)
{
    const auto refuses = [](auto change) {
        auto spec = small_spec();
        change(spec);
        return !build_snapshot(spec);
    };
    EXPECT_TRUE(refuses([](auto& spec) { spec.name = ""; }));
    EXPECT_TRUE(refuses([](auto& spec) { spec.name = "a\r\nX: y"; }));
    EXPECT_TRUE(refuses([](auto& spec) { spec.path = "no/slash"; }));
    EXPECT_TRUE(refuses([](auto& spec) { spec.path = ""; }));
    EXPECT_TRUE(refuses([](auto& spec) { spec.path = {"/a\0b", 4}; }));
    EXPECT_TRUE(refuses([](auto& spec) { spec.cache_control = "public\nSet-Cookie: a=b"; }));
    EXPECT_TRUE(refuses([](auto& spec) { spec.bodies[0].content_type = "text/\x01"; }));
    EXPECT_TRUE(refuses([](auto& spec) { spec.bodies.clear(); }));
    EXPECT_TRUE(refuses([](auto& spec) { spec.bodies.erase(spec.bodies.begin()); }));
}

/// Touches every byte a server would: with a sanitizer, one out of bounds is an error.
std::size_t bytes_handed_out(const SnapshotView& view)
{
    std::size_t sum = 0;
    const auto touch = [&](std::string_view text) {
        for (const char c : text) {
            sum += static_cast<unsigned char>(c) + 1u;
        }
    };
    touch(view.name());
    touch(view.path());
    touch(view.cache_control());
    touch(view.last_modified());
    touch(view.require());
    for (std::size_t slot = 0; slot < representation_slots; ++slot) {
        const auto format = static_cast<Format>(slot / encoding_count);
        const auto encoding = static_cast<Encoding>(slot % encoding_count);
        if (view.encodings(format).contains(encoding)) {
            const auto found = view.representation(format, encoding);
            touch(found.content_type);
            touch(found.etag);
            touch(found.body);
        }
    }
    return sum;
}

TEST(Snapshot, EveryFlippedBitIsRefusedOrStaysInBoundsAndBreaksTheChecksum)
{
    auto bytes = small_snapshot();
    const auto size = bytes.span().size();
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
        bytes.flip(bit);
        if (const auto view = SnapshotView::open(bytes.span())) {
            EXPECT_FALSE(view->checksum_matches()) << "bit " << bit;
            EXPECT_GT(bytes_handed_out(*view), 0u);
            EXPECT_LE(view->total_size(), size);
        }
        bytes.flip(bit);
    }
    EXPECT_TRUE(SnapshotView::open(bytes.span()));
}

}  // namespace
}  // namespace gatehouse::board
