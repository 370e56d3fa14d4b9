// Fuzzes what workers and the sidecar tell each other of upstreams: whatever the bytes of the table
// are, what is handed out lies inside them and has no control characters; a list of checks that is
// taken is written as it was read.
#include <cstdlib>
#include <cstring>
#include <string>

#include "src/board/test_cards.h"
#include "src/upstream/config.h"
#include "src/upstream/table.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t room);

namespace {

using namespace gatehouse;
using namespace gatehouse::upstream;

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

void use(const UpstreamsTable& table)
{
    for (std::uint32_t number = 0; number < table.peers(); ++number) {
        const auto peer = table.peer(number);
        require(peer.state <= PeerState::down);
        for (const auto text : {peer.upstream, peer.peer, peer.reason}) {
            for (const char c : text) {
                require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
            }
        }
    }
}

void use(const std::vector<CheckedUpstream>& upstreams)
{
    const auto text = config_text(upstreams);
    const auto again = parse_config(text);
    require(again && config_text(*again) == text);
}

const SealedMemory& sound_table()
{
    static const auto table =
        build_table({{"app", "127.0.0.1:8001", "", PeerState::up, true, 1, 2, 3},
                     {"app", "unix:/run/a.sock", "too slow", PeerState::down, false, 4, 5, 6}});
    require(static_cast<bool>(table));
    return *table;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto input = std::as_bytes(std::span{data, size});
    board::test::Bytes bytes{input};
    if (const auto table = UpstreamsTable::open(bytes.span())) {
        use(*table);
    }
    if (const auto config = parse_config({reinterpret_cast<const char*>(data), size})) {
        use(*config);
    }
    return 0;
}

/// Begins with a sound table, which no random bytes would ever come to.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t room, unsigned)
{
    const auto sound = sound_table().bytes();
    if (size > 0 && size < sizeof(UpstreamsHeader) && data[0] % 2 == 0 && sound.size() <= room) {
        size = sound.size();
        std::memcpy(data, sound.data(), size);
    }
    return LLVMFuzzerMutate(data, size, room);
}
