#include "sidecar/caches/digest.h"

#define XXH_INLINE_ALL
#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

#include "src/base/unique_fd.h"

namespace gatehouse::caches {

namespace {

constexpr std::size_t read_bytes = 1 << 20;

struct FreeState {
    void operator()(XXH3_state_t* state) const noexcept { XXH3_freeState(state); }
};
using State = std::unique_ptr<XXH3_state_t, FreeState>;

std::string hex(const XXH128_hash_t& hash)
{
    constexpr const char* digits = "0123456789abcdef";
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, hash);
    std::string out;
    for (const unsigned char byte : bytes.digest) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

Result<void> add_file(XXH3_state_t* state, const std::string& path, std::span<char> buffer)
{
    const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    ssize_t got = fd ? 0 : -1;
    while (fd && (got = ::read(fd.get(), buffer.data(), buffer.size())) > 0) {
        XXH3_128bits_update(state, buffer.data(), static_cast<std::size_t>(got));
    }
    return got == 0 ? Result<void>{} : Error{path + ": " + std::generic_category().message(errno)};
}

}  // namespace

std::string digest_of(std::string_view bytes)
{
    return hex(XXH3_128bits(bytes.data(), bytes.size()));
}

Result<std::string> digest_of_files(std::span<const std::string> paths)
{
    const State state{XXH3_createState()};
    XXH3_128bits_reset(state.get());
    std::vector<char> buffer(read_bytes);
    for (const std::string& path : paths) {
        if (auto added = add_file(state.get(), path, buffer); !added) {
            return added.error();
        }
    }
    return hex(XXH3_128bits_digest(state.get()));
}

}  // namespace gatehouse::caches
