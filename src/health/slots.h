// Puts into a body what only its sender knows: see Slot.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/health/words.h"

namespace gatehouse::health {

/// Appends the body, with `put(out, Slot)` in place of every slot. REQUIRES: each slot_mark is
/// followed by a character, as in every body of a HealthTable.
template <class Put>
void append_filled(std::string& out, std::string_view body, const Put& put)
{
    for (auto at = body.find(slot_mark); at != std::string_view::npos; at = body.find(slot_mark)) {
        out.append(body.substr(0, at));
        put(out, static_cast<Slot>(body[at + 1]));
        body.remove_prefix(at + 2);
    }
    out.append(body);
}

/// Seconds with six decimals.
void append_seconds(std::string& out, std::uint64_t microseconds);

}  // namespace gatehouse::health
