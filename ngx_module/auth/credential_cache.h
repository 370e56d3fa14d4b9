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

/// Entry can be made of nothing, has a member `text`, and is shared by the requests that use it: it
/// does not change from put() on.
template <class Entry>
class CredentialCache {
public:
    /// Where a credential of some text and variant is, if it is here. Its hash is random to others:
    /// nobody can aim at a place.
    struct Place {
        std::uint64_t hash = 0;
        std::size_t slot = 0;
    };

    /// `slots`: how many credentials at most, a power of two.
    explicit CredentialCache(std::size_t slots) : slots_(slots)
    {
        if (::getrandom(&key_, sizeof key_, 0) != static_cast<ssize_t>(sizeof key_)) {
            throw std::runtime_error{"getrandom failed"};
        }
    }

    /// By the end of a credential, which is where a JWT has its signature and a token its secret.
    Place place_of(std::string_view text, std::uint64_t variant) const noexcept
    {
        constexpr std::size_t hashed = 32;
        const auto end = text.substr(text.size() - std::min(text.size(), hashed));
        const auto hash = siphash13_64(key_, end) ^ variant;
        return {hash, hash & (slots_.size() - 1)};
    }

    /// The one of this text, compared whole and in constant time; nullptr: not known.
    const std::shared_ptr<const Entry>* find(const Place& place, std::string_view text) const
    {
        const auto& slot = slots_[place.slot];
        const bool here = slot.entry != nullptr && slot.hash == place.hash &&
                          equal_in_constant_time(slot.entry->text, text);
        return here ? &slot.entry : nullptr;
    }

    /// To be filled in for put(): the one that has the place now, where no request uses it, so that
    /// its memory serves again; else a new one.
    std::shared_ptr<Entry> make_room(const Place& place)
    {
        auto held = std::exchange(slots_[place.slot].entry, nullptr);
        // put() took it as one that may be changed.
        return held.use_count() == 1 ? std::const_pointer_cast<Entry>(std::move(held))
                                     : std::make_shared<Entry>();
    }

    /// In place of whatever has its place.
    void put(const Place& place, std::shared_ptr<Entry> entry)
    {
        slots_[place.slot] = {place.hash, std::move(entry)};
    }

    /// Those of before a change, which would keep alive what they are made of.
    void clear() noexcept
    {
        for (auto& slot : slots_) {
            slot.entry = nullptr;
        }
    }

private:
    struct Slot {
        std::uint64_t hash = 0;
        std::shared_ptr<const Entry> entry;
    };

    SipKey key_;
    std::vector<Slot> slots_;
};

/// Of each kind of credential: some MB where they have their usual sizes.
inline constexpr std::size_t remembered_credentials = 4096;

}  // namespace gatehouse::auth_feature
