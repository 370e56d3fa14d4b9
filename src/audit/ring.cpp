#include "src/audit/ring.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "src/base/crash_point.h"

namespace gatehouse::audit {

namespace {

constexpr std::size_t words_for(std::size_t bytes) noexcept
{
    return (bytes + 7) / 8;
}

/// Not in the middle of a character.
std::string_view cut(std::string_view text, std::size_t longest) noexcept
{
    if (text.size() <= longest) {
        return text;
    }
    constexpr std::size_t longest_character = 4;
    std::size_t end = longest;
    while (end > longest - longest_character && (text[end] & 0xC0) == 0x80) {
        --end;
    }
    return text.substr(0, end);
}

/// Release: who sees a new word sees that the sequence was taken away before it.
void put(Word& word, std::uint64_t value) noexcept
{
    word.store(value, std::memory_order_release);
    crash_point();
}

Word* put_text(Word* word, std::string_view text) noexcept
{
    while (!text.empty()) {
        const auto part = text.substr(0, 8);
        std::uint64_t value = 0;
        std::memcpy(&value, part.data(), part.size());
        put(*word++, value);
        text.remove_prefix(part.size());
    }
    return word;
}

using Half = std::array<std::uint64_t, 2>;

void put_bytes(Word (&words)[2], const std::array<std::uint8_t, 16>& bytes) noexcept
{
    const auto halves = std::bit_cast<Half>(bytes);
    put(words[0], halves[0]);
    put(words[1], halves[1]);
}

std::uint64_t get(const Word& word) noexcept
{
    return word.load(std::memory_order_acquire);
}

std::array<std::uint8_t, 16> get_bytes(const Word (&words)[2]) noexcept
{
    return std::bit_cast<std::array<std::uint8_t, 16>>(Half{get(words[0]), get(words[1])});
}

/// Copies a text whose length may be anything; returns the word behind it.
const Word* get_text(const Word* word, std::size_t size, char*& out,
                     std::string_view& text) noexcept
{
    text = {out, size};
    for (std::size_t i = 0; i < words_for(size); ++i) {
        const auto value = get(*word++);
        std::memcpy(out, &value, sizeof value);
        out += sizeof value;
    }
    return word;
}

std::uint64_t byte_at(std::uint64_t word, unsigned index) noexcept
{
    return word >> (8 * index) & 0xff;
}

void unpack(Decision& decision, std::uint64_t word, std::uint64_t more) noexcept
{
    decision.stage = static_cast<std::uint8_t>(word);
    decision.verdict = static_cast<std::uint8_t>(word >> 8);
    decision.reason = static_cast<std::uint8_t>(word >> 16);
    decision.method = static_cast<std::uint8_t>(word >> 24);
    decision.status = static_cast<std::uint16_t>(word >> 32);
    decision.endpoint = static_cast<std::uint16_t>(word >> 48);
    decision.zone = static_cast<std::uint16_t>(more);
    decision.country = {static_cast<char>(more >> 16), static_cast<char>(more >> 24)};
    decision.request_id_form = static_cast<std::uint8_t>(more >> 56);
}

}  // namespace

void write(const Ring& ring, const Decision& decision) noexcept
{
    const auto number = ring.head->written.load(std::memory_order_relaxed) + 1;
    auto& record = ring.records[(number - 1) % ring_capacity];
    const auto token_id = cut(decision.token_id, longest_token_id);
    const auto rule = cut(decision.rule, longest_rule);
    const auto user = cut(decision.user, longest_user);
    const auto wide = [](auto value) {
        return static_cast<std::uint64_t>(
            static_cast<std::make_unsigned_t<decltype(value)>>(value));
    };

    record.sequence.store(0, std::memory_order_relaxed);
    crash_point();
    put(record.at_ms, wide(decision.at_ms));
    put_bytes(record.request_id, decision.request_id);
    put_bytes(record.client, decision.client);
    put(record.decision, wide(decision.stage) | wide(decision.verdict) << 8 |
                             wide(decision.reason) << 16 | wide(decision.method) << 24 |
                             wide(decision.status) << 32 | wide(decision.endpoint) << 48);
    put(record.more, wide(decision.zone) | wide(decision.country[0]) << 16 |
                         wide(decision.country[1]) << 24 | token_id.size() << 32 |
                         rule.size() << 40 | user.size() << 48 |
                         wide(decision.request_id_form) << 56);
    (void)put_text(put_text(put_text(record.text, token_id), rule), user);
    record.sequence.store(number, std::memory_order_release);
    crash_point();
    ring.head->written.store(number, std::memory_order_release);
}

std::optional<Decision> read(const ConstRing& ring, std::uint64_t number, TextBuffer& text) noexcept
{
    const auto& record = ring.records[(number - 1) % ring_capacity];
    if (number == 0 || record.sequence.load(std::memory_order_acquire) != number) {
        return std::nullopt;
    }
    Decision decision;
    decision.at_ms = static_cast<std::int64_t>(get(record.at_ms));
    decision.request_id = get_bytes(record.request_id);
    decision.client = get_bytes(record.client);
    const auto more = get(record.more);
    unpack(decision, get(record.decision), more);
    auto* out = text.data();
    const auto* word = record.text;
    word = get_text(word, std::min(byte_at(more, 4), longest_token_id), out, decision.token_id);
    word = get_text(word, std::min(byte_at(more, 5), longest_rule), out, decision.rule);
    (void)get_text(word, std::min(byte_at(more, 6), longest_user), out, decision.user);
    if (record.sequence.load(std::memory_order_relaxed) != number) {
        return std::nullopt;
    }
    return decision;
}

}  // namespace gatehouse::audit
