#include "src/board/variant_key.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "src/board/key_text.h"

namespace gatehouse::board {

namespace {

constexpr std::string_view format_name = "format";

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
    if (raw_name == format_name) {
        return true;
    }
    if (raw_name.size() <= format_name.size() || raw_name.find('%') == std::string_view::npos) {
        return false;
    }
    std::array<char, format_name.size()> room;
    Out decoded{room};
    return decode(raw_name, decoded) == KeyFlaw::none && decoded.text() == format_name;
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

/// Whether a query is what stands in a key: nothing escaped, each pair with its '=', in order, and
/// without `format`. Most are.
bool is_canonical(std::string_view query) noexcept
{
    std::string_view before;
    for (std::size_t pairs = 1; pairs <= most_variant_parameters; ++pairs) {
        const auto name = query.substr(0, plain_prefix(query, plain_in_query));
        query.remove_prefix(name.size());
        if (!query.starts_with('=') || name == format_name || name < before) {
            return false;
        }
        query.remove_prefix(1);
        query.remove_prefix(plain_prefix(query, plain_in_query));
        if (query.empty()) {
            return true;
        }
        if (query.front() != '&') {
            return false;
        }
        query.remove_prefix(1);
        before = name;
    }
    return false;
}

KeyFlaw put_path(std::string_view path, Out& out) noexcept
{
    return path.starts_with('/') ? encode(path, plain_in_path, out) : KeyFlaw::not_a_path;
}

/// Where nothing has to be encoded, sorted or left out.
std::optional<KeyOutcome> plain_key(std::string_view path, std::string_view query,
                                    KeyBuffer buffer) noexcept
{
    if (path.size() + query.size() >= buffer.size() || !path.starts_with('/') ||
        plain_prefix(path, plain_in_path) != path.size()) {
        return std::nullopt;
    }
    if (query.empty()) {
        return KeyOutcome{path, KeyFlaw::none, true};
    }
    if (!is_canonical(query)) {
        return std::nullopt;
    }
    Out out{buffer};
    out.put_all(path);
    out.put('?');
    out.put_all(query);
    return KeyOutcome{out.text(), KeyFlaw::none, true};
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
    if (const auto plain = plain_key(path, query, buffer)) {
        return *plain;
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

}  // namespace gatehouse::board
