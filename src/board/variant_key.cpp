#include "src/board/variant_key.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "src/base/utf8.h"

namespace gatehouse::board {

namespace {

constexpr bool is_unreserved(unsigned char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

constexpr bool stands_in_path(unsigned char c) noexcept
{
    return is_unreserved(c) ||
           std::string_view{"/!$&'()*+,;=:@"}.find(static_cast<char>(c)) != std::string_view::npos;
}

/// Which bytes stand for themselves.
using Plain = std::array<bool, 256>;

template <class Is>
constexpr Plain plain_bytes(Is is)
{
    Plain plain{};
    for (unsigned c = 0; c < plain.size(); ++c) {
        plain[c] = is(static_cast<unsigned char>(c));
    }
    return plain;
}

constexpr Plain plain_in_path = plain_bytes(stands_in_path);
constexpr Plain plain_in_query = plain_bytes(is_unreserved);

constexpr int hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const int letter = c | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// The byte that the escape at the front of `text` stands for, or -1. REQUIRES: it begins with '%'.
constexpr int escaped_byte(std::string_view text) noexcept
{
    if (text.size() < 3) {
        return -1;
    }
    const int high = hex_digit(text[1]);
    const int low = hex_digit(text[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/// Room that is given away from the front.
class Out {
public:
    explicit Out(std::span<char> room) noexcept : room_(room) {}

    bool put(char c) noexcept
    {
        if (size_ == room_.size()) {
            return false;
        }
        room_[size_++] = c;
        return true;
    }

    bool put_escaped(unsigned char c) noexcept
    {
        constexpr std::string_view digits = "0123456789ABCDEF";
        return put('%') && put(digits[c >> 4]) && put(digits[c & 15]);
    }

    bool put_all(std::string_view text) noexcept
    {
        if (text.size() > room_.size() - size_) {
            return false;
        }
        std::memcpy(room_.data() + size_, text.data(), text.size());
        size_ += text.size();
        return true;
    }

    std::size_t size() const noexcept { return size_; }
    std::string_view text(std::size_t from = 0) const noexcept
    {
        return {room_.data() + from, size_ - from};
    }

private:
    std::span<char> room_;
    std::size_t size_ = 0;
};

std::size_t plain_prefix(std::string_view text, const Plain& plain) noexcept
{
    std::size_t size = 0;
    while (size < text.size() && plain[static_cast<unsigned char>(text[size])]) {
        ++size;
    }
    return size;
}

/// Of decoded text.
KeyFlaw encode(std::string_view text, const Plain& plain, Out& out) noexcept
{
    while (true) {
        const auto size = plain_prefix(text, plain);
        if (!out.put_all(text.substr(0, size))) {
            return KeyFlaw::too_long;
        }
        text.remove_prefix(size);
        if (text.empty()) {
            return KeyFlaw::none;
        }
        if (text.front() == '\0') {
            return KeyFlaw::nul;
        }
        const auto step = utf8_step(text);
        if (!step.valid) {
            return KeyFlaw::bad_utf8;
        }
        for (const char c : text.substr(0, step.size)) {
            if (!out.put_escaped(static_cast<unsigned char>(c))) {
                return KeyFlaw::too_long;
            }
        }
        text.remove_prefix(step.size);
    }
}

KeyFlaw decode(std::string_view raw, Out& out) noexcept
{
    while (!raw.empty()) {
        int byte = static_cast<unsigned char>(raw.front());
        std::size_t size = 1;
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            byte = escaped_byte(raw);
            size = 3;
        }
        if (byte < 0) {
            return KeyFlaw::bad_escape;
        }
        // What is decoded is never longer than its canonical form.
        if (!out.put(static_cast<char>(byte))) {
            return KeyFlaw::too_long;
        }
        raw.remove_prefix(size);
    }
    return KeyFlaw::none;
}

/// Encodes raw text anew. Most is canonical already.
KeyFlaw recode(std::string_view raw, Out& out) noexcept
{
    if (plain_prefix(raw, plain_in_query) == raw.size()) {
        return out.put_all(raw) ? KeyFlaw::none : KeyFlaw::too_long;
    }
    std::array<char, longest_variant_key> room;
    Out decoded{room};
    const auto flaw = decode(raw, decoded);
    return flaw == KeyFlaw::none ? encode(decoded.text(), plain_in_query, out) : flaw;
}

/// Orders encoded names as the bytes they stand for. Where two canonical encodings first differ,
/// either both stand within an escape, whose digits are in order, or both at a character's start.
bool name_before(std::string_view a, std::string_view b) noexcept
{
    const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (at_a == a.end() || at_b == b.end()) {
        return at_a == a.end() && at_b != b.end();
    }
    const auto byte_at = [](std::string_view text, const char* at) {
        const auto rest = text.substr(static_cast<std::size_t>(at - text.data()));
        return rest.front() == '%' ? escaped_byte(rest) : static_cast<unsigned char>(rest.front());
    };
    return byte_at(a, &*at_a) < byte_at(b, &*at_b);
}

/// The pairs of a key as they were put into it: encoded, one after the other.
class Pairs {
public:
    /// `out` already ends with the path.
    explicit Pairs(Out& out) noexcept : out_(out), begin_(out.size()) {}

    /// To be followed by what puts the name, named(), what puts the value, and ended().
    KeyFlaw begin() noexcept
    {
        if (count_ == pairs_.size()) {
            return KeyFlaw::too_many;
        }
        pairs_[count_].begin = out_.size() + 1;
        return out_.put(count_ == 0 ? '?' : '&') ? KeyFlaw::none : KeyFlaw::too_long;
    }

    KeyFlaw named() noexcept
    {
        pairs_[count_].name_size = out_.size() - pairs_[count_].begin;
        return out_.put('=') ? KeyFlaw::none : KeyFlaw::too_long;
    }

    void ended() noexcept
    {
        auto& pair = pairs_[count_];
        pair.size = out_.size() - pair.begin;
        sorted_ = sorted_ && (count_ == 0 || !name_before(name(pair), name(pairs_[count_ - 1])));
        ++count_;
    }

    void sort(std::span<char> room) noexcept
    {
        if (sorted_) {
            return;
        }
        const std::span pairs{pairs_.data(), count_};
        insertion_sort(pairs);
        std::array<char, longest_variant_key> copy;
        Out sorted{copy};
        for (const auto& pair : pairs) {
            sorted.put(sorted.size() == 0 ? '?' : '&');
            sorted.put_all(out_.text().substr(pair.begin, pair.size));
        }
        std::memcpy(room.data() + begin_, copy.data(), sorted.size());
    }

private:
    struct Pair {
        std::size_t begin, name_size, size;
    };

    std::string_view name(const Pair& pair) const noexcept
    {
        return out_.text().substr(pair.begin, pair.name_size);
    }

    /// Stable, and allocates nothing.
    void insertion_sort(std::span<Pair> pairs) const noexcept
    {
        for (std::size_t i = 1; i < pairs.size(); ++i) {
            for (auto at = i; at > 0 && name_before(name(pairs[at]), name(pairs[at - 1])); --at) {
                std::swap(pairs[at], pairs[at - 1]);
            }
        }
    }

    Out& out_;
    std::size_t begin_;
    std::array<Pair, most_variant_parameters> pairs_;
    std::size_t count_ = 0;
    bool sorted_ = true;
};

template <class Put>
KeyFlaw first_flaw(KeyFlaw before, const Put& put) noexcept
{
    return before == KeyFlaw::none ? put() : before;
}

/// One pair: `put_name` and `put_value` write to the Out of `pairs`.
template <class PutName, class PutValue>
KeyFlaw put_pair(Pairs& pairs, const PutName& put_name, const PutValue& put_value) noexcept
{
    auto flaw = pairs.begin();
    flaw = first_flaw(flaw, put_name);
    flaw = first_flaw(flaw, [&] { return pairs.named(); });
    flaw = first_flaw(flaw, put_value);
    if (flaw == KeyFlaw::none) {
        pairs.ended();
    }
    return flaw;
}

bool is_format(std::string_view raw_name) noexcept
{
    constexpr std::string_view format = "format";
    if (raw_name == format) {
        return true;
    }
    if (raw_name.size() <= format.size() || raw_name.find('%') == std::string_view::npos) {
        return false;
    }
    std::array<char, format.size()> room;
    Out decoded{room};
    return decode(raw_name, decoded) == KeyFlaw::none && decoded.text() == format;
}

KeyFlaw put_query(std::string_view query, Out& out, Pairs& pairs) noexcept
{
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        const auto name = pair.substr(0, pair.find('='));
        if (pair.empty() || is_format(name)) {
            continue;
        }
        const auto value = pair.substr(std::min(name.size() + 1, pair.size()));
        const auto flaw = put_pair(
            pairs, [&] { return recode(name, out); }, [&] { return recode(value, out); });
        if (flaw != KeyFlaw::none) {
            return flaw;
        }
    }
    return KeyFlaw::none;
}

KeyFlaw put_path(std::string_view path, Out& out) noexcept
{
    return path.starts_with('/') ? encode(path, plain_in_path, out) : KeyFlaw::not_a_path;
}

/// Decodes a part of a key; `+` is no blank there.
std::optional<std::string> decoded(std::string_view text)
{
    std::string result;
    while (!text.empty()) {
        const bool escaped = text.front() == '%';
        const int byte = escaped ? escaped_byte(text) : static_cast<unsigned char>(text.front());
        if (byte < 0) {
            return std::nullopt;
        }
        result += static_cast<char>(byte);
        text.remove_prefix(escaped ? 3 : 1);
    }
    return result;
}

std::optional<KeyParameter> parameter_of(std::string_view pair)
{
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) {
        return std::nullopt;
    }
    auto name = decoded(pair.substr(0, equals));
    auto value = decoded(pair.substr(equals + 1));
    if (!name || !value) {
        return std::nullopt;
    }
    return KeyParameter{std::move(*name), std::move(*value)};
}

/// Removes the last segment of a path that ends with '/'. False: there is none.
bool step_up(std::string& path)
{
    path.pop_back();
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) {
        return false;
    }
    path.resize(slash + 1);
    return true;
}

}  // namespace

std::string_view describe(KeyFlaw flaw) noexcept
{
    switch (flaw) {
    case KeyFlaw::none: return {};
    case KeyFlaw::not_a_path: return "does not begin with '/'";
    case KeyFlaw::too_long: return "is too long";
    case KeyFlaw::too_many: return "has more than 32 parameters";
    case KeyFlaw::bad_escape: return "has a '%' without two hexadecimal digits after it";
    case KeyFlaw::nul: return "has a NUL";
    case KeyFlaw::bad_utf8: return "is not UTF-8";
    }
    return {};
}

KeyOutcome variant_key(std::string_view path, std::string_view query, KeyBuffer buffer) noexcept
{
    if (query.empty() && path.size() <= buffer.size() && path.starts_with('/') &&
        plain_prefix(path, plain_in_path) == path.size()) {
        return {path};
    }
    Out out{buffer};
    auto flaw = put_path(path, out);
    Pairs pairs{out};
    flaw = first_flaw(flaw, [&] { return put_query(query, out, pairs); });
    if (flaw != KeyFlaw::none) {
        return {{}, flaw};
    }
    pairs.sort(buffer);
    return {out.text()};
}

JoinedKey join_variant_key(std::string_view path, std::span<const KeyParameter> parameters)
{
    std::array<char, longest_variant_key> buffer;
    Out out{buffer};
    auto flaw = put_path(path, out);
    Pairs pairs{out};
    for (const auto& [name, value] : parameters) {
        if (name == "format") {
            continue;
        }
        flaw = first_flaw(flaw, [&, &name = name, &value = value] {
            return put_pair(
                pairs, [&] { return encode(name, plain_in_query, out); },
                [&] { return encode(value, plain_in_query, out); });
        });
    }
    if (flaw != KeyFlaw::none) {
        return {{}, flaw};
    }
    pairs.sort(buffer);
    return {std::string{out.text()}};
}

std::optional<VariantName> split_variant_key(std::string_view key)
{
    const auto path_size = std::min(key.find('?'), key.size());
    auto path = decoded(key.substr(0, path_size));
    if (!path) {
        return std::nullopt;
    }
    VariantName name{std::move(*path), {}};
    for (auto rest = key.substr(path_size); !rest.empty();) {
        rest.remove_prefix(1);
        const auto pair = rest.substr(0, rest.find('&'));
        auto parameter = parameter_of(pair);
        if (!parameter || name.parameters.size() == most_variant_parameters) {
            return std::nullopt;
        }
        name.parameters.push_back(std::move(*parameter));
        rest.remove_prefix(pair.size());
    }
    const auto joined = join_variant_key(name.path, name.parameters);
    return joined && joined.key == key ? std::optional{std::move(name)} : std::nullopt;
}

std::optional<std::string> normalized_path(std::string_view target)
{
    auto rest = decoded(target.substr(0, target.find('#')));
    if (!rest || !rest->starts_with('/') || rest->find('\0') != std::string::npos) {
        return std::nullopt;
    }
    std::string path = "/";
    for (std::size_t at = 1; at <= rest->size();) {
        const auto end = std::min(rest->find('/', at), rest->size());
        const auto segment = std::string_view{*rest}.substr(at, end - at);
        if (segment == "..") {
            if (!step_up(path)) {
                return std::nullopt;
            }
        } else if (segment != "." && !segment.empty()) {
            path.append(segment).append(end < rest->size() ? "/" : "");
        }
        at = end + 1;
    }
    return path;
}

}  // namespace gatehouse::board
