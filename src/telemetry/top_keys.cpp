#include "src/telemetry/top_keys.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "src/base/crash_point.h"

namespace gatehouse::telemetry {

namespace {

constexpr int most_tries = 16;

std::string label_text(const Word (&words)[label_words])
{
    LabelWords copy;
    for (unsigned i = 0; i < label_words; ++i) {
        copy[i] = words[i].load(std::memory_order_acquire);
    }
    char bytes[longest_label];
    std::memcpy(bytes, copy.data(), sizeof bytes);
    return {bytes, ::strnlen(bytes, sizeof bytes)};
}

std::vector<TopKey> copy_entries(const TopKeys& sketch)
{
    std::vector<TopKey> keys;
    for (unsigned i = 0; i < top_entries; ++i) {
        TopKey key{sketch.hashes[i].load(std::memory_order_acquire),
                   sketch.counts[i].load(std::memory_order_acquire),
                   sketch.errors[i].load(std::memory_order_acquire), label_text(sketch.labels[i])};
        if (key.count != 0) {
            keys.push_back(std::move(key));
        }
    }
    return keys;
}

}  // namespace

Place find_place(const TopKeys& sketch, std::uint64_t hash) noexcept
{
    for (unsigned i = 0; i < top_entries; ++i) {
        if (sketch.hashes[i].load(std::memory_order_relaxed) == hash &&
            sketch.counts[i].load(std::memory_order_relaxed) != 0) {
            return {i, true};
        }
    }
    unsigned lowest = 0;
    for (unsigned i = 1; i < top_entries; ++i) {
        if (sketch.counts[i].load(std::memory_order_relaxed) <
            sketch.counts[lowest].load(std::memory_order_relaxed)) {
            lowest = i;
        }
    }
    return {lowest, false};
}

LabelWords label_as_words(std::string_view label) noexcept
{
    LabelWords words{};
    std::memcpy(words.data(), label.data(), std::min(label.size(), longest_label));
    return words;
}

void begin_change(TopKeys& sketch) noexcept
{
    const auto version = sketch.version.load(std::memory_order_relaxed);
    if (version % 2 == 1) {  // a writer before this one died here
        for (auto& count : sketch.counts) {
            count.store(0, std::memory_order_release);
        }
        return;
    }
    sketch.version.store(version + 1, std::memory_order_relaxed);
}

void end_change(TopKeys& sketch) noexcept
{
    sketch.version.store(sketch.version.load(std::memory_order_relaxed) + 1,
                         std::memory_order_release);
}

void replace_key(TopKeys& sketch, unsigned index, std::uint64_t hash,
                 const LabelWords& label) noexcept
{
    begin_change(sketch);
    crash_point();
    const auto count = sketch.counts[index].load(std::memory_order_relaxed);
    // Release: who sees one of these sees the odd version before them.
    sketch.hashes[index].store(hash, std::memory_order_release);
    crash_point();
    sketch.errors[index].store(count, std::memory_order_release);
    sketch.counts[index].store(count + 1, std::memory_order_release);
    crash_point();
    for (unsigned i = 0; i < label_words; ++i) {
        sketch.labels[index][i].store(label[i], std::memory_order_release);
    }
    end_change(sketch);
}

std::optional<std::vector<TopKey>> read_keys(const TopKeys& sketch)
{
    for (int i = 0; i < most_tries; ++i) {
        const auto before = sketch.version.load(std::memory_order_acquire);
        if (before % 2 == 1) {
            continue;
        }
        auto keys = copy_entries(sketch);
        if (sketch.version.load(std::memory_order_relaxed) == before) {
            return keys;
        }
    }
    return std::nullopt;
}

std::vector<TopKey> merge_keys(const std::vector<std::vector<TopKey>>& sketches, std::size_t most)
{
    std::unordered_map<std::uint64_t, TopKey> by_hash;
    for (const auto& sketch : sketches) {
        for (const auto& key : sketch) {
            auto& sum =
                by_hash.try_emplace(key.hash, TopKey{key.hash, 0, 0, key.label}).first->second;
            sum.count += key.count;
            sum.error += key.error;
        }
    }
    std::vector<TopKey> keys;
    keys.reserve(by_hash.size());
    for (auto& [hash, key] : by_hash) {
        keys.push_back(std::move(key));
    }
    std::sort(keys.begin(), keys.end(), [](const TopKey& a, const TopKey& b) {
        return a.count != b.count ? a.count > b.count : a.hash < b.hash;
    });
    keys.resize(std::min(keys.size(), most));
    return keys;
}

}  // namespace gatehouse::telemetry
