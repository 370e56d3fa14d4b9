#include "src/board/snapshot.h"

#include "src/base/checksum.h"
#include "src/board/checksum.h"

#include <algorithm>
#include <cstring>

namespace gatehouse::board {

std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept
{
    return checksum_without(bytes, offsetof(SnapshotHeader, checksum));
}

Result<SnapshotView> SnapshotView::open(std::span<const std::byte> bytes)
{
    if (bytes.size() < snapshot_strings_offset) {
        return Error{"snapshot: shorter than its header"};
    }
    SnapshotView view{bytes.data()};
    const auto& header = view.header();
    if (header.magic != snapshot_magic) {
        return Error{"snapshot: wrong magic"};
    }
    if (header.version != snapshot_version) {
        return Error{"snapshot: version " + std::to_string(header.version) + ", expected " +
                     std::to_string(snapshot_version)};
    }
    if (header.header_size != sizeof(SnapshotHeader) ||
        header.total_size < snapshot_strings_offset || header.total_size > bytes.size()) {
        return Error{"snapshot: its size does not match its bytes"};
    }
    if (!view.strings_are_sound()) {
        return Error{"snapshot: a string is out of bounds or has control characters"};
    }
    if (!view.index_representations()) {
        return Error{"snapshot: a representation is out of bounds or lacks its identity form"};
    }
    return view;
}

bool SnapshotView::strings_are_sound() const noexcept
{
    const auto& h = header();
    for (const StringRef ref :
         {h.name, h.path, h.cache_control, h.last_modified, h.require, h.link}) {
        if (!is_header_text(ref)) {
            return false;
        }
    }
    return h.name.length > 0 && path().starts_with('/');
}

bool SnapshotView::is_header_text(StringRef ref) const noexcept
{
    const std::uint64_t end = std::uint64_t{ref.offset} + ref.length;
    if (end > header().total_size || (ref.length > 0 && ref.offset < snapshot_strings_offset)) {
        return false;
    }
    const auto value = text(ref);
    return std::none_of(value.begin(), value.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

bool SnapshotView::index_representations() noexcept
{
    for (std::size_t slot = 0; slot < representation_slots; ++slot) {
        const auto& candidate = entry(slot);
        if (candidate.etag.length == 0) {
            continue;
        }
        if (!representation_is_sound(candidate)) {
            return false;
        }
        formats_.insert(static_cast<Format>(slot / encoding_count));
        encodings_[slot / encoding_count].insert(static_cast<Encoding>(slot % encoding_count));
    }
    const auto lacks_identity = [](EncodingSet set) {
        return !set.empty() && !set.contains(Encoding::identity);
    };
    return !formats_.empty() && std::none_of(encodings_, encodings_ + format_count, lacks_identity);
}

bool SnapshotView::representation_is_sound(const RepresentationEntry& candidate) const noexcept
{
    const auto total = header().total_size;
    return is_header_text(candidate.content_type) && is_header_text(candidate.etag) &&
           candidate.body_offset >= snapshot_strings_offset && candidate.body_offset <= total &&
           candidate.body_size <= total - candidate.body_offset;
}

const RepresentationEntry& SnapshotView::entry(std::size_t slot) const noexcept
{
    const auto* first =
        reinterpret_cast<const RepresentationEntry*>(data_ + sizeof(SnapshotHeader));
    return first[slot];
}

Representation SnapshotView::representation(Format format, Encoding encoding) const noexcept
{
    const auto& found = entry(static_cast<std::size_t>(format) * encoding_count +
                              static_cast<std::size_t>(encoding));
    const auto* body = reinterpret_cast<const char*>(data_) + found.body_offset;
    return {text(found.content_type), text(found.etag), {body, found.body_size}, found.body_offset};
}

bool SnapshotView::checksum_matches() const noexcept
{
    return checksum_of({data_, header().total_size}) == header().checksum;
}

}  // namespace gatehouse::board
