#include "src/telemetry/ring.h"

#include <algorithm>
#include <array>

#include "src/base/crash_point.h"

namespace gatehouse::telemetry {

namespace {

constexpr std::size_t words_used = 5;
using Words = std::array<std::uint64_t, words_used>;

Words pack(const Decision& decision) noexcept
{
    const auto byte = [](auto value) { return static_cast<std::uint64_t>(value); };
    return {static_cast<std::uint64_t>(decision.at_ms),
            byte(decision.stage) | byte(decision.outcome) << 8 | byte(decision.reason) << 16 |
                byte(decision.method) << 24 | byte(decision.endpoint) << 32 |
                byte(decision.zone) << 48,
            decision.key_hash, decision.client[0], decision.client[1]};
}

Decision unpack(const Words& words) noexcept
{
    return {static_cast<std::int64_t>(words[0]),
            static_cast<Stage>(words[1]),
            static_cast<Outcome>(words[1] >> 8),
            static_cast<Reason>(words[1] >> 16),
            static_cast<std::uint8_t>(words[1] >> 24),
            static_cast<std::uint16_t>(words[1] >> 32),
            static_cast<std::uint16_t>(words[1] >> 48),
            words[2],
            {words[3], words[4]}};
}

}  // namespace

void write_decision(Column& column, const Decision& decision) noexcept
{
    const auto number = column.ring_head.load(std::memory_order_relaxed) + 1;
    auto& record = column.ring[(number - 1) % ring_capacity];
    const auto words = pack(decision);
    record.sequence.store(0, std::memory_order_relaxed);
    crash_point();
    for (std::size_t i = 0; i < words_used; ++i) {
        // Release: who sees a new word sees that the sequence was taken away before it.
        record.words[i].store(words[i], std::memory_order_release);
        crash_point();
    }
    record.sequence.store(number, std::memory_order_release);
    crash_point();
    column.ring_head.store(number, std::memory_order_release);
}

std::optional<Decision> read_decision(const Column& column, std::uint64_t number) noexcept
{
    const auto& record = column.ring[(number - 1) % ring_capacity];
    if (number == 0 || record.sequence.load(std::memory_order_acquire) != number) {
        return std::nullopt;
    }
    Words words;
    for (std::size_t i = 0; i < words_used; ++i) {
        words[i] = record.words[i].load(std::memory_order_acquire);
    }
    if (record.sequence.load(std::memory_order_relaxed) != number) {
        return std::nullopt;
    }
    return unpack(words);
}

std::vector<Decision> read_decisions(const Column& column, unsigned most, std::uint64_t after)
{
    const auto head = column.ring_head.load(std::memory_order_acquire);
    const std::uint64_t wanted = std::min<std::uint64_t>({most, ring_capacity, head});
    std::vector<Decision> decisions;
    for (auto number = std::max(head - wanted, std::min(after, head)); number < head;) {
        if (const auto decision = read_decision(column, ++number)) {
            decisions.push_back(*decision);
        }
    }
    return decisions;
}

}  // namespace gatehouse::telemetry
