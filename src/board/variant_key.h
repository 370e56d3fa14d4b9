// The key of a variant: one answer of a card that has parameters, told by the request that asks for
// it. The worker that looks it up and the sidecar that computes it must come to the same bytes:
//
//     /api/simulations/7/charts                      no parameters: the path alone
//     /api/simulations/7/charts?from=2024-01-01&limit=10
//
// - The path is the decoded one. In the key it is encoded as a URI's is (RFC 3986 §3.3): what is no
//   pchar and no '/' stands as `%XX`, '%', '?', blanks and all beyond ASCII among it. So keys are
//   visible ASCII, a '?' ends the path wherever there is one, and no two paths share a key.
// - Names and values are decoded as browsers write them (`%XX`, '+' is a blank) and encoded again:
//   the unreserved characters of RFC 3986 §2.3 plain, all others as `%XX`, in upper-case hex.
// - Pairs are sorted by their names' bytes; those of one name keep their order, for whoever refuses
//   them. A name without '=' has the empty value; nothing between two '&' is no pair.
// - `format` is left out: a variant has all formats.
//
// The key of a normalized path, read as the target of a request, gives the same key again.
//
// Thread safety: none needed; functions of their arguments. Nothing here allocates but what returns
// a std::string. Time: linear in the text, and in its parameters squared, of which there are few.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::board {

inline constexpr std::size_t longest_variant_key = 2048;
inline constexpr std::size_t most_variant_parameters = 32;  ///< `format` does not count

/// Why a request has no key. Each deserves a 400.
enum class KeyFlaw : std::uint8_t {
    none,
    not_a_path,  ///< it does not begin with '/'
    too_long,    ///< a key of more than longest_variant_key bytes
    too_many,    ///< more than most_variant_parameters
    bad_escape,  ///< a '%' without two hex digits
    nul,
    bad_utf8,
};

/// For a person: "has a '%' without two hexadecimal digits after it", …; empty for `none`.
std::string_view describe(KeyFlaw flaw) noexcept;

struct KeyOutcome {
    std::string_view key;  ///< in the caller's buffer, or the path itself where nothing differs
    KeyFlaw flaw = KeyFlaw::none;
    bool without_format = false;  ///< the query has no `format`; false: nobody has looked

    explicit operator bool() const noexcept { return flaw == KeyFlaw::none; }
};

using KeyBuffer = std::span<char, longest_variant_key>;

/// The key of a request: `path` decoded (nginx's $uri), `query` raw (nginx's $args). The result
/// lives as long as both `path` and `buffer`. Some 3 instructions a byte without a query.
KeyOutcome variant_key(std::string_view path, std::string_view query, KeyBuffer buffer) noexcept;

/// The name of a variant's snapshot: `CARD KEY`. No card's name has a blank.
inline std::string variant_name(std::string_view card, std::string_view key)
{
    return std::string{card}.append(" ").append(key);
}

inline bool is_variant(std::string_view name) noexcept
{
    return name.find(' ') != std::string_view::npos;
}

/// The card that a snapshot of this name belongs to.
inline std::string_view card_of(std::string_view name) noexcept
{
    return name.substr(0, name.find(' '));
}

/// A parameter after decoding.
struct KeyParameter {
    std::string name;
    std::string value;

    bool operator==(const KeyParameter&) const = default;
};

/// What a key says.
struct VariantName {
    std::string path;                      ///< decoded
    std::vector<KeyParameter> parameters;  ///< as the key has them: sorted, with duplicates

    bool operator==(const VariantName&) const = default;
};

/// Takes a key apart; nothing unless it is one, byte for byte.
std::optional<VariantName> split_variant_key(std::string_view key);

/// The key of a path and parameters, all decoded, in any order. For whoever has no request.
struct JoinedKey {
    std::string key;
    KeyFlaw flaw = KeyFlaw::none;

    explicit operator bool() const noexcept { return flaw == KeyFlaw::none; }
};
JoinedKey join_variant_key(std::string_view path, std::span<const KeyParameter> parameters);

/// What nginx makes of the path of a request's target (without the query) for `$uri`: escapes
/// decoded, slashes merged, "." and ".." resolved, those that were escaped as well. Nothing where
/// nginx answers 400: it does not begin with '/', leads above the root, or has a bad escape or a
/// NUL. For whoever nginx passes the target on to as the client wrote it.
std::optional<std::string> normalized_path(std::string_view target);

}  // namespace gatehouse::board
