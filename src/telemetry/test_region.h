// For tests: a region with a reader, and names that must have found room.
#pragma once

#include <gtest/gtest.h>

#include "src/telemetry/histogram.h"
#include "src/telemetry/reader.h"
#include "src/telemetry/region.h"

namespace gatehouse::telemetry {

class RegionTest : public ::testing::Test {
protected:
    static constexpr std::int64_t start_ms = 1'700'000'000'000;

    RegionTest() : region(make()) {}

    static Region make()
    {
        auto made = Region::create(3, start_ms);
        EXPECT_TRUE(made);
        return std::move(*made);
    }

    Reader reader() const
    {
        auto opened = Reader::open(region.bytes());
        EXPECT_TRUE(opened);
        return *opened;
    }

    std::uint16_t series(Family family, std::uint16_t a, std::uint16_t b = 0, std::uint16_t c = 0)
    {
        const auto index = region.add_series({family, a, b, c});
        EXPECT_TRUE(index);
        return index.value_or(0);
    }

    /// Of the first series of the family; -1: there is none.
    std::int64_t total(SeriesKey key) const
    {
        for (const auto& total : reader().totals()) {
            if (total.key == key) {
                return static_cast<std::int64_t>(total.value);
            }
        }
        return -1;
    }

    Region region;
};

}  // namespace gatehouse::telemetry
