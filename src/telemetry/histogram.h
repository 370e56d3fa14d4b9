// How long requests took: buckets whose bounds are fixed.
#pragma once

#include <cstdint>

#include "src/telemetry/layout.h"

namespace gatehouse::telemetry {

/// Adds to a word that has one writer. No lock prefix: nobody else writes it, and a reader sees the
/// value before or after.
inline void add(Word& word, std::uint64_t amount) noexcept
{
    word.store(word.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

/// The bucket of a duration: the first whose bound is not below it.
inline unsigned bucket_of(std::uint64_t duration_ns) noexcept
{
    unsigned bucket = 0;
    // Most requests at a proxy are short: from the bottom up is the short way.
    while (bucket < bucket_count - 1 && duration_ns > bucket_bounds_ns[bucket]) {
        ++bucket;
    }
    return bucket;
}

inline void observe(Histogram& histogram, std::uint64_t duration_ns) noexcept
{
    constexpr auto relaxed = std::memory_order_relaxed;
    add(histogram.buckets[bucket_of(duration_ns)], 1);
    add(histogram.sum_ns, duration_ns);
    // 0 less 1 is more than anything: a histogram without a least takes the first.
    if (duration_ns - 1 < histogram.min_ns.load(relaxed) - 1) {
        histogram.min_ns.store(duration_ns, relaxed);
    }
    if (duration_ns > histogram.max_ns.load(relaxed)) {
        histogram.max_ns.store(duration_ns, relaxed);
    }
}

}  // namespace gatehouse::telemetry
