// Bytes on their way into a body: gathered in a fixed stage, moved on when it is full.
//
// Thread safety: one thread at a time.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace gatehouse::render {

/// Punctuation that is written again and again, such as `,"name":`, in whole blocks.
class Prefix {
public:
    static constexpr std::size_t block = 16;

    explicit Prefix(std::string_view text) : size_(text.size()), text_(text)
    {
        text_.resize((size_ + block - 1) / block * block);
    }

    std::string_view view() const noexcept { return {text_.data(), size_}; }

    /// How much copy_to() may touch.
    std::size_t room() const noexcept { return text_.size(); }

    char* copy_to(char* to) const noexcept
    {
        for (std::size_t i = 0; i < size_; i += block) {
            std::memcpy(to + i, text_.data() + i, block);
        }
        return to + size_;
    }

private:
    std::size_t size_;
    std::string text_;
};

class Writer {
public:
    /// The most that room() can be asked for.
    static constexpr std::size_t largest_room = 256;

    explicit Writer(std::uint64_t limit) noexcept : limit_(limit) {}
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Space for `bytes` bytes. Write there, then call wrote() with the end of what was written.
    char* room(std::size_t bytes)
    {
        if (static_cast<std::size_t>(stage_.data() + stage_.size() - at_) < bytes) {
            flush();
        }
        return at_;
    }
    void wrote(char* end) noexcept { at_ = end; }

    void put(char c)
    {
        *room(1) = c;
        ++at_;
    }

    void put(std::string_view text)
    {
        if (text.size() > largest_room) {
            flush();
            append(text);
            return;
        }
        std::memcpy(room(text.size()), text.data(), text.size());
        at_ += text.size();
    }

    void put(const Prefix& prefix)
    {
        if (prefix.room() > largest_room) {
            put(prefix.view());
        } else {
            wrote(prefix.copy_to(room(prefix.room())));
        }
    }

    /// Makes room at once for `times` as much as was written so far: growing step by step costs
    /// more than rendering.
    void expect(std::uint64_t times)
    {
        const std::uint64_t written =
            body_.size() + static_cast<std::uint64_t>(at_ - stage_.data());
        const std::uint64_t all = written * times;
        body_.reserve(std::min(all + all / 32, limit_));
    }

    /// More than the limit was written (complete after finish()); what came after it is dropped.
    bool over_limit() const noexcept { return over_limit_; }

    /// All that was written; to be called once.
    std::string finish()
    {
        flush();
        return std::move(body_);
    }

private:
    void flush()
    {
        append({stage_.data(), static_cast<std::size_t>(at_ - stage_.data())});
        at_ = stage_.data();
    }

    void append(std::string_view text)
    {
        over_limit_ = over_limit_ || body_.size() + text.size() > limit_;
        if (!over_limit_) {
            body_ += text;
        }
    }

    std::uint64_t limit_;
    bool over_limit_ = false;
    std::string body_;
    std::array<char, 16 << 10> stage_;
    char* at_ = stage_.data();
};

}  // namespace gatehouse::render
