// Small cards for the unit tests of this folder, and for those of who reads their bytes.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/board/published.h"

namespace gatehouse::board::test {

/// One card with two formats: json in identity and gzip, csv in identity.
inline SnapshotSpec small_spec()
{
    SnapshotSpec spec;
    spec.name = "stats";
    spec.path = "/api/data/stats";
    spec.cache_control = "public, max-age=60";
    spec.require = "read admin";
    spec.generation = 7;
    spec.computed_at_ms = 1'700'000'000'123;
    spec.last_modified_s = 1'700'000'000;
    spec.max_age_ms = 60'000;
    spec.stale_ms = 3'600'000;
    spec.bodies = {
        {Format::json, Encoding::identity, "application/json", R"([{"a":1}])"},
        {Format::json, Encoding::gzip, "application/json", "no gzip, but nobody unpacks it here"},
        {Format::csv, Encoding::identity, "text/csv; charset=utf-8", "a\r\n1\r\n"},
    };
    return spec;
}

/// A card with one json body. Null if it cannot be built.
inline std::shared_ptr<const Published> card(std::string_view name, std::string_view path,
                                             std::uint64_t generation, std::string_view body = "[]")
{
    SnapshotSpec spec;
    spec.name = name;
    spec.path = path;
    spec.generation = generation;
    spec.max_age_ms = 1000;
    spec.bodies = {{Format::json, Encoding::identity, "application/json", body}};
    auto memory = build_snapshot(spec);
    if (!memory) {
        return nullptr;
    }
    auto published = Published::open(std::make_shared<const SealedMemory>(std::move(*memory)));
    return published ? *published : nullptr;
}

/// Bytes a test may change, at an address as aligned as a mapping's needs be.
class Bytes {
public:
    explicit Bytes(std::span<const std::byte> from)
        : words_(from.size() / sizeof(std::uint64_t) + 1), size_(from.size())
    {
        if (!from.empty()) {
            std::memcpy(words_.data(), from.data(), from.size());
        }
    }

    std::byte* data() noexcept { return reinterpret_cast<std::byte*>(words_.data()); }
    std::span<const std::byte> span() noexcept { return {data(), size_}; }

    template <class T>
    void put(std::size_t offset, T value) noexcept
    {
        std::memcpy(data() + offset, &value, sizeof value);
    }

    void flip(std::size_t bit) noexcept
    {
        data()[bit / 8] ^= std::byte{static_cast<unsigned char>(1u << (bit % 8))};
    }

private:
    std::vector<std::uint64_t> words_;
    std::size_t size_;
};

}  // namespace gatehouse::board::test
