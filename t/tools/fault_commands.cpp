// What a sidecar must never do.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "t/tools/publisher.h"

namespace gatehouse::publisher {

Result<std::string> Publisher::refuse(const Words& words)
{
    const auto text = word(words, 0);
    workers_.send({.type = link::Type::refused, .payload = text});
    workers_.close_all();
    return std::string{};
}

Result<std::string> Publisher::type(const Words& words)
{
    workers_.send({.type = static_cast<link::Type>(std::atoi(word(words, 0).c_str()))});
    return std::string{};
}

Result<std::string> Publisher::garbage(const Words&)
{
    workers_.send_raw("this is no message of the link, however long it may be");
    return std::string{};
}

Result<std::string> Publisher::version(const Words&)
{
    link::Header header{link::magic, 99, 21, 0, 0, 0, 0};
    std::string packet(sizeof header, '\0');
    std::memcpy(packet.data(), &header, sizeof header);
    workers_.send_raw(packet);
    return std::string{};
}

/// The bytes of a held card, but in a memfd that can still be written to.
Result<std::string> Publisher::unsealed(const Words& words)
{
    const auto found = cards_.find(word(words, 0));
    if (found == cards_.end()) {
        return Error{"no such card"};
    }
    const auto bytes = found->second.published->bytes();
    const UniqueFd fd{::memfd_create("unsealed", MFD_CLOEXEC)};
    if (::write(fd.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
        return Error{"write failed"};
    }
    workers_.send({.type = link::Type::publish,
                   .generation = found->second.generation(),
                   .at_ms = now_ms(),
                   .payload = found->first,
                   .fd = fd.get()});
    return std::string{};
}

/// Sealed, and no snapshot.
Result<std::string> Publisher::nonsense(const Words& words)
{
    auto memory = SealedMemory::create("nonsense", 8192, [](std::span<std::byte> out) {
        std::memset(out.data(), 0x5a, out.size());
        return Result<void>{};
    });
    if (!memory) {
        return memory.error();
    }
    workers_.send({.type = link::Type::publish,
                   .generation = generation_,
                   .at_ms = now_ms(),
                   .payload = word(words, 0),
                   .fd = memory->fd()});
    return std::string{};
}

/// A publish without a descriptor.
Result<std::string> Publisher::bare(const Words& words)
{
    workers_.send(
        {.type = link::Type::publish, .generation = generation_, .payload = word(words, 0)});
    return std::string{};
}

}  // namespace gatehouse::publisher
