#include "src/upstream/table.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace gatehouse::upstream {

namespace {

bool is_control(char c) noexcept
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

Text append(std::string& texts, std::string_view text)
{
    const Text ref{static_cast<std::uint32_t>(texts.size()),
                   static_cast<std::uint32_t>(text.size())};
    texts += text;
    return ref;
}

std::vector<PeerRow> rows_of(const std::vector<PeerSpec>& peers, std::string& texts)
{
    std::vector<PeerRow> rows;
    for (const auto& peer : peers) {
        auto reason = peer.reason;
        std::replace_if(reason.begin(), reason.end(), is_control, ' ');
        rows.push_back({append(texts, peer.upstream), append(texts, peer.peer),
                        append(texts, reason), static_cast<std::uint16_t>(peer.state),
                        std::uint16_t{peer.recovered}, 0, peer.since_ms, peer.checked_at_ms,
                        peer.duration_us});
    }
    return rows;
}

}  // namespace

Result<UpstreamsTable> UpstreamsTable::open(std::span<const std::byte> bytes)
{
    if (bytes.size() < sizeof(UpstreamsHeader)) {
        return Error{"upstreams table: shorter than its header"};
    }
    const auto& header = *reinterpret_cast<const UpstreamsHeader*>(bytes.data());
    if (header.magic != magic) {
        return Error{"upstreams table: wrong magic"};
    }
    if (header.version != version) {
        return Error{"upstreams table: version " + std::to_string(header.version) + ", expected " +
                     std::to_string(version)};
    }
    const auto rows_size = std::uint64_t{header.peer_count} * sizeof(PeerRow);
    if (header.header_size != sizeof header || header.total_size > bytes.size() ||
        header.total_size != sizeof header + rows_size + header.text_size) {
        return Error{"upstreams table: its size does not match its bytes"};
    }
    UpstreamsTable table;
    const auto* at = bytes.data() + sizeof header;
    table.rows_ = {reinterpret_cast<const PeerRow*>(at), header.peer_count};
    table.text_ = {reinterpret_cast<const char*>(at + rows_size), header.text_size};
    if (!std::all_of(table.rows_.begin(), table.rows_.end(),
                     [&](const PeerRow& row) { return table.is_sound(row); })) {
        return Error{"upstreams table: a row is none, or its text is out of bounds"};
    }
    return table;
}

bool UpstreamsTable::is_sound(Text ref) const noexcept
{
    return std::uint64_t{ref.offset} + ref.length <= text_.size() &&
           std::none_of(text_.begin() + ref.offset, text_.begin() + ref.offset + ref.length,
                        is_control);
}

bool UpstreamsTable::is_sound(const PeerRow& row) const noexcept
{
    return row.state < state_names.size() && row.recovered <= 1 && is_sound(row.upstream) &&
           is_sound(row.peer) && is_sound(row.reason);
}

Peer UpstreamsTable::peer(std::uint32_t number) const noexcept
{
    const auto& row = rows_[number];
    return {
        text(row.upstream), text(row.peer), text(row.reason),  static_cast<PeerState>(row.state),
        row.recovered == 1, row.since_ms,   row.checked_at_ms, row.duration_us};
}

Result<SealedMemory> build_table(const std::vector<PeerSpec>& peers)
{
    std::string texts;
    const auto rows = rows_of(peers, texts);
    if (texts.size() > std::numeric_limits<std::uint32_t>::max()) {
        return Error{"upstreams table: more than 4 GiB of text"};
    }
    UpstreamsHeader header{magic,
                           version,
                           sizeof header,
                           sizeof header + rows.size() * sizeof(PeerRow) + texts.size(),
                           static_cast<std::uint32_t>(rows.size()),
                           static_cast<std::uint32_t>(texts.size())};
    return SealedMemory::create("gatehouse-upstreams", header.total_size,
                                [&](std::span<std::byte> out) -> Result<void> {
                                    auto* at = out.data();
                                    const auto put = [&](std::span<const std::byte> part) {
                                        at = std::copy(part.begin(), part.end(), at);
                                    };
                                    put(std::as_bytes(std::span{&header, 1}));
                                    put(std::as_bytes(std::span{rows}));
                                    put(std::as_bytes(std::span{texts}));
                                    return {};
                                });
}

}  // namespace gatehouse::upstream
