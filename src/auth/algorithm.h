// The signature algorithms of RFC 7518 §3.1 and RFC 8037 §3.1 that we verify. "none" is none of
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace gatehouse::auth {

/// In the order of their names in algorithm.cpp.
enum class Algorithm : std::uint8_t {
    hs256,
    hs384,
    hs512,
    rs256,
    rs384,
    rs512,
    ps256,
    ps384,
    ps512,
    es256,
    es384,
    es512,
    eddsa,
};

inline constexpr std::size_t algorithm_count = 13;

/// As a JOSE header has it, `HS256`.
std::string_view name_of(Algorithm algorithm) noexcept;

/// Names are case-sensitive (RFC 7515 §4.1.1).
std::optional<Algorithm> algorithm_named(std::string_view name) noexcept;

class AlgorithmSet {
public:
    constexpr AlgorithmSet() noexcept = default;
    constexpr AlgorithmSet(std::initializer_list<Algorithm> algorithms) noexcept
    {
        for (const auto algorithm : algorithms) {
            insert(algorithm);
        }
    }

    constexpr void insert(Algorithm algorithm) noexcept { bits_ |= bit(algorithm); }
    constexpr bool contains(Algorithm algorithm) const noexcept
    {
        return (bits_ & bit(algorithm)) != 0;
    }
    constexpr bool empty() const noexcept { return bits_ == 0; }

    friend constexpr bool operator==(AlgorithmSet, AlgorithmSet) noexcept = default;

private:
    static constexpr std::uint16_t bit(Algorithm algorithm) noexcept
    {
        return static_cast<std::uint16_t>(1U << static_cast<unsigned>(algorithm));
    }

    std::uint16_t bits_ = 0;
};

inline constexpr AlgorithmSet hmac_algorithms{Algorithm::hs256, Algorithm::hs384, Algorithm::hs512};
inline constexpr AlgorithmSet rsa_algorithms{Algorithm::rs256, Algorithm::rs384, Algorithm::rs512,
                                             Algorithm::ps256, Algorithm::ps384, Algorithm::ps512};

}  // namespace gatehouse::auth
