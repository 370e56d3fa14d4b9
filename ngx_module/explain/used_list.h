// Permissions that were used and are not expired yet, in memory that workers share.
//
// Each entry is one word, 0 or (expires << 32 | the low half of the nonce), written by
// compare-and-swap: nobody waits, and a worker that is killed leaves nothing half done. Two
// permissions whose halves are equal count as one: then the second one has to be asked for again.
//
// Thread safety: all, between processes too.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace gatehouse::explain_feature {

class UsedList {
public:
    static constexpr std::size_t capacity = 256;

    /// True once for each nonce until it expires; false, too, while the list is full, which takes
    /// 256 questions in ten seconds. Times are Unix times in seconds.
    bool take(std::uint64_t nonce, std::uint32_t now_s, std::uint32_t expires_s) noexcept
    {
        const auto word = std::uint64_t{expires_s} << 32 | (nonce & 0xffff'ffff);
        // Whoever comes second sees the first one's word, wherever it lies. Of two at the very same
        // time either sees the other's: both look again behind their own.
        if (count(word) != 0) {
            return false;
        }
        return put(word, now_s) && count(word) == 1;
    }

private:
    std::size_t count(std::uint64_t word) const noexcept
    {
        std::size_t found = 0;
        for (const auto& one : words_) {
            found += one.load() == word ? 1 : 0;
        }
        return found;
    }

    bool put(std::uint64_t word, std::uint32_t now_s) noexcept
    {
        for (auto& one : words_) {
            auto held = one.load();
            if (held >> 32 <= now_s && one.compare_exchange_strong(held, word)) {
                return true;
            }
        }
        return false;
    }

    std::array<std::atomic<std::uint64_t>, capacity> words_{};
    static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
};

}  // namespace gatehouse::explain_feature
