// How a key stands under one window, without a request being charged for the question.
//
// Thread safety: plain values.
#pragma once

#include <cstdint>

#include "src/limit/window.h"

namespace gatehouse::limit {

struct Standing {
    std::uint64_t used = 0;       ///< of window.amount; what is begun counts whole
    std::uint64_t remaining = 0;  ///< requests that would pass now, one after the other
    Ticks reset = 0;              ///< until all of `amount` are there again
    Ticks retry = 0;              ///< until a request can pass; 0: one would pass now

    bool limited() const noexcept { return retry > 0; }
};

/// `word` and `previous` as charge() takes them, of any value.
Standing standing(const Window& window, std::uint64_t word, std::uint64_t previous,
                  Now now) noexcept;

}  // namespace gatehouse::limit
