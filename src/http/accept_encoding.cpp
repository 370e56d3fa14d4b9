#include "src/http/accept_encoding.h"

#include <algorithm>
#include <array>

#include "src/http/field.h"

namespace gatehouse::http {
namespace {

constexpr Weight not_named = max_weight + 1;
constexpr std::size_t wildcard = encoding_count;
constexpr std::size_t unknown_coding = encoding_count + 1;

/// Indexed by Encoding; the last one is `*`.
using Weights = std::array<Weight, encoding_count + 1>;

constexpr std::size_t index_of(Encoding encoding) noexcept
{
    return static_cast<std::size_t>(encoding);
}

std::size_t coding_index(std::string_view name) noexcept
{
    if (name == "*") {
        return wildcard;
    }
    for (std::size_t i = 0; i < encoding_count; ++i) {
        if (equals_ignoring_case(name, encoding_names[i])) {
            return i;
        }
    }
    return equals_ignoring_case(name, "x-gzip") ? index_of(Encoding::gzip) : unknown_coding;
}

Weights read_weights(std::string_view accept_encoding) noexcept
{
    Weights weights;
    weights.fill(not_named);
    WeightedList list(accept_encoding);
    for (WeightedMember member; list.next(member);) {
        const std::size_t i = coding_index(member.name);
        if (i != unknown_coding && !member.has_parameters) {
            weights[i] = std::min(weights[i], member.weight);
        }
    }
    return weights;
}

}  // namespace

Encoding choose_encoding(std::string_view accept_encoding, EncodingSet available) noexcept
{
    available.insert(Encoding::identity);
    if (accept_encoding.empty() || available.bits() == 1u << index_of(Encoding::identity)) {
        return Encoding::identity;
    }
    const Weights weights = read_weights(accept_encoding);
    const Weight otherwise = weights[wildcard] == not_named ? Weight{0} : weights[wildcard];

    Encoding best = Encoding::identity;
    Weight best_weight = 0;
    for (const Encoding encoding :
         {Encoding::zstd, Encoding::br, Encoding::gzip, Encoding::identity}) {
        const Weight named = weights[index_of(encoding)];
        const Weight weight = named == not_named ? otherwise : named;
        if (weight > best_weight && available.contains(encoding)) {
            best = encoding;
            best_weight = weight;
        }
    }
    return best;
}

}  // namespace gatehouse::http
