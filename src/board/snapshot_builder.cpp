// Lays a snapshot out: build_snapshot of snapshot.h.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cstring>

#include "src/base/http_date.h"
#include "src/board/checksum.h"
#include "src/board/snapshot.h"

namespace gatehouse::board {

namespace {

constexpr std::size_t body_alignment = 64;
constexpr std::size_t page_alignment = 4096;
constexpr std::size_t page_aligned_from = 64 << 10;

constexpr std::size_t aligned(std::size_t offset, std::size_t alignment) noexcept
{
    return (offset + alignment - 1) / alignment * alignment;
}

std::size_t slot_of(const SnapshotSpec::Body& body) noexcept
{
    return static_cast<std::size_t>(body.format) * encoding_count +
           static_cast<std::size_t>(body.encoding);
}

/// Where everything will lie, before a byte is written.
class Layout {
public:
    explicit Layout(const SnapshotSpec& spec) : spec_(spec)
    {
        header_.magic = snapshot_magic;
        header_.version = snapshot_version;
        header_.header_size = sizeof(SnapshotHeader);
        header_.generation = spec.generation;
        header_.computed_at_ms = spec.computed_at_ms;
        header_.last_modified_s = spec.last_modified_s;
        header_.max_age_ms = spec.max_age_ms;
        header_.stale_ms = spec.stale_ms;
        header_.name = add(spec.name);
        header_.path = add(spec.path);
        header_.cache_control = add(spec.cache_control);
        char date[http_date_size];
        header_.last_modified = add(format_http_date(spec.last_modified_s, date));
        header_.require = add(spec.require);
        header_.link = add(spec.link);
        for (const auto& body : spec.bodies) {
            auto& entry = entries_[slot_of(body)];
            entry.content_type = add(body.content_type);
            entry.etag = add(etag_of(body.bytes));
        }
        place_bodies();
    }

    std::size_t size() const noexcept { return header_.total_size; }

    /// REQUIRES: out is zeroed and holds size() bytes.
    void write(std::span<std::byte> out) noexcept
    {
        std::memcpy(out.data(), &header_, sizeof header_);
        std::memcpy(out.data() + sizeof header_, entries_.data(), sizeof entries_);
        std::memcpy(out.data() + snapshot_strings_offset, strings_.data(), strings_.size());
        for (const auto& body : spec_.bodies) {
            if (!body.bytes.empty()) {
                std::memcpy(out.data() + entries_[slot_of(body)].body_offset, body.bytes.data(),
                            body.bytes.size());
            }
        }
        header_.checksum = checksum_of(out);
        std::memcpy(out.data(), &header_, sizeof header_);
    }

private:
    StringRef add(std::string_view text)
    {
        const StringRef ref{static_cast<std::uint32_t>(snapshot_strings_offset + strings_.size()),
                            static_cast<std::uint32_t>(text.size())};
        strings_ += text;
        return ref;
    }

    void place_bodies()
    {
        std::size_t end = snapshot_strings_offset + strings_.size();
        for (const auto& body : spec_.bodies) {
            auto& entry = entries_[slot_of(body)];
            entry.body_offset = aligned(
                end, body.bytes.size() >= page_aligned_from ? page_alignment : body_alignment);
            entry.body_size = body.bytes.size();
            end = entry.body_offset + entry.body_size;
        }
        header_.total_size = end;
    }

    const SnapshotSpec& spec_;
    SnapshotHeader header_{};
    std::array<RepresentationEntry, representation_slots> entries_{};
    std::string strings_;
};

}  // namespace

Result<SealedMemory> build_snapshot(const SnapshotSpec& spec)
{
    Layout layout{spec};
    auto memory = SealedMemory::create("gatehouse-card", layout.size(),
                                       [&](std::span<std::byte> out) -> Result<void> {
                                           layout.write(out);
                                           return {};
                                       });
    if (!memory) {
        return memory.error();
    }
    // What is published has passed the reader's own checks: a bad name or path stops here.
    if (auto view = SnapshotView::open(memory->bytes()); !view) {
        return view.error();
    }
    return memory;
}

std::vector<std::byte> build_unsealed(const SnapshotSpec& spec)
{
    Layout layout{spec};
    std::vector<std::byte> bytes(layout.size());
    layout.write(bytes);
    return bytes;
}

std::string etag_of(std::string_view body)
{
    constexpr std::string_view digits = "0123456789abcdef";
    const std::uint64_t hash = XXH3_64bits(body.data(), body.size());
    std::string tag(18, '"');
    for (int i = 0; i < 16; ++i) {
        tag[static_cast<std::size_t>(1 + i)] = digits[(hash >> (60 - 4 * i)) & 15];
    }
    return tag;
}

}  // namespace gatehouse::board
