// Credentials that were found good, so that the next request with the same one need not be looked
// into. What makes one end is its user's to check: this only knows the text.
//
// Thread safety: none; one per worker.
#pragma once

#include "ngx_module/glue/ngx.h"

#include <sys/random.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/constant_time.h"
#include "src/base/siphash.h"

namespace gatehouse::auth_feature {

/// Entry has a member `text`, is immutable, and is shared by the requests that use it.
template <class Entry>
class CredentialCache {
public:
    /// `slots`: how many at most, a power of two.
    explicit CredentialCache(std::size_t slots) : slots_(slots)
    {
        if (::getrandom(&key_, sizeof key_, 0) != static_cast<ssize_t>(sizeof key_)) {
            throw std::runtime_error{"getrandom failed"};
        }
    }

    /// The one of this text and variant, compared whole and in constant time; nullptr: not known.
    const std::shared_ptr<const Entry>* find(std::string_view text, std::uint64_t variant) const
    {
        const auto& held = slots_[slot_of(text, variant)];
        return held != nullptr && equal_in_constant_time(held->text, text) ? &held : nullptr;
    }

    /// In place of whatever has its slot.
    void put(std::shared_ptr<const Entry> entry, std::uint64_t variant)
    {
        auto& slot = slots_[slot_of(entry->text, variant)];
        slot = std::move(entry);
    }

    /// Those of before a change, which would keep alive what they are made of.
    void clear() noexcept { std::fill(slots_.begin(), slots_.end(), nullptr); }

private:
    /// By the end of a credential, which is where a JWT has its signature and a token its secret.
    /// The key is random: nobody can aim at a slot.
    std::size_t slot_of(std::string_view text, std::uint64_t variant) const noexcept
    {
        constexpr std::size_t hashed = 32;
        const auto end = text.substr(text.size() - std::min(text.size(), hashed));
        return (siphash13_64(key_, end) ^ variant) & (slots_.size() - 1);
    }

    SipKey key_;
    std::vector<std::shared_ptr<const Entry>> slots_;
};

/// Of each kind of credential: some MB where they have their usual sizes.
inline constexpr std::size_t remembered_credentials = 4096;

}  // namespace gatehouse::auth_feature
