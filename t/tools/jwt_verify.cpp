// Verifies tokens as a location would, for tests that compare verdicts.
//
//   jwt_verify KEYSET NOW [issuer=TEXT] [audience=TEXT|*] [algorithms=A,B] [leeway=S]
//
// KEYSET is a file with a JWK set, NOW a Unix time. Each line of stdin is a token; its answer is
// the word of the verdict, `ok` or why it is refused.
#include <array>
#include <charconv>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "src/auth/jwt.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::auth;

std::int64_t number(std::string_view text)
{
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

AlgorithmSet algorithms(std::string_view list)
{
    AlgorithmSet set;
    while (!list.empty()) {
        const auto end = std::min(list.find(','), list.size());
        if (const auto algorithm = algorithm_named(list.substr(0, end))) {
            set.insert(*algorithm);
        }
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return set;
}

bool set(JwtPolicy& policy, std::string_view option)
{
    const auto equals = option.find('=');
    if (equals == std::string_view::npos) {
        return false;
    }
    const auto name = option.substr(0, equals);
    const auto value = option.substr(equals + 1);
    if (name == "issuer") {
        policy.issuers.emplace_back(value);
    } else if (name == "audience") {
        policy.any_audience = value == "*";
        if (!policy.any_audience) {
            policy.audiences.emplace_back(value);
        }
    } else if (name == "algorithms") {
        policy.algorithms = algorithms(value);
    } else if (name == "leeway") {
        policy.leeway_s = number(value);
    } else {
        return false;
    }
    return true;
}

Result<ParsedKeyset> read_keyset(const char* path)
{
    std::ifstream file{path, std::ios::binary};
    const std::string json{std::istreambuf_iterator<char>{file}, {}};
    return parse_keyset(json, KeysetOrigin::file);
}

void answer_lines(const Keyset& keyset, const JwtPolicy& policy, std::int64_t now_s)
{
    const auto verifier = std::make_unique<JwtVerifier>();
    const std::array<const Keyset*, 1> keysets{&keyset};
    for (std::string token; std::getline(std::cin, token);) {
        std::cout << reason_of(verifier->verify(token, keysets, policy, now_s).rejection) << '\n';
    }
}

}  // namespace

int main(int argc, char** argv)
{
    std::ios::sync_with_stdio(false);
    JwtPolicy policy;
    bool understood = argc >= 3;
    for (int i = 3; i < argc; ++i) {
        understood = understood && set(policy, argv[i]);
    }
    if (!understood) {
        std::cerr
            << "usage: jwt_verify KEYSET NOW [issuer=TEXT] [audience=TEXT|*] [algorithms=A,B] "
               "[leeway=S]\n";
        return 2;
    }
    const auto parsed = read_keyset(argv[1]);
    if (!parsed) {
        std::cerr << argv[1] << ": " << parsed.error().message << '\n';
        return 1;
    }
    answer_lines(parsed->keyset, policy, number(argv[2]));
    return 0;
}
