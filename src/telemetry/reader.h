// Reads a telemetry region. Views only: the memory must outlive the reader.
//
// Thread safety: immutable; several readers beside the writers.
// Invariant: whatever the bytes are, and however they change meanwhile, nothing outside them is
// read. Numbers of a damaged region mean nothing; names are any bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "src/base/result.h"
#include "src/telemetry/decision.h"
#include "src/telemetry/layout.h"
#include "src/telemetry/series.h"
#include "src/telemetry/top_keys.h"

namespace gatehouse::telemetry {

struct HistogramTotal {
    std::array<std::uint64_t, bucket_count> buckets{};  ///< not cumulative
    std::uint64_t sum_ns = 0;
    std::uint64_t min_ns = 0;  ///< 0: there was none
    std::uint64_t max_ns = 0;
};

class Reader {
public:
    /// Checks magic, version and size. REQUIRES: `bytes` cannot shrink, and is aligned to a word.
    static Result<Reader> open(std::span<const std::byte> bytes);

    std::int64_t started_at_ms() const noexcept { return header().started_at_ms; }
    std::uint64_t dropped() const noexcept
    {
        return header().dropped.load(std::memory_order_relaxed);
    }

    std::optional<std::string_view> name(NameKind kind, unsigned index) const noexcept;
    unsigned names(NameKind kind) const noexcept;

    /// One series and the sum over all columns.
    struct Total {
        SeriesKey key;
        std::uint64_t value;
    };
    /// All series, ordered by family, a, b, c.
    std::vector<Total> totals() const;

    HistogramTotal histogram(unsigned endpoint) const noexcept;
    std::int64_t gauge(unsigned index) const noexcept;

    /// The refused keys of a zone over all columns, highest count first.
    std::vector<TopKey> top_keys(unsigned limit_zone, std::size_t most) const;

    /// The last `most` decisions of all columns, oldest first.
    std::vector<Decision> decisions(unsigned most) const;

private:
    explicit Reader(std::span<const std::byte> bytes);

    template <class T>
    const T* at(std::size_t offset) const noexcept
    {
        return reinterpret_cast<const T*>(bytes_.data() + offset);
    }
    const RegionHeader& header() const noexcept { return *at<RegionHeader>(0); }

    std::span<const std::byte> bytes_;
    std::vector<const Column*> columns_;  ///< those in use when it was opened
};

}  // namespace gatehouse::telemetry
