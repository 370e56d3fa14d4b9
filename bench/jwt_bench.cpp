// What the check of one JSON Web Token costs, without nginx: Google Benchmark for the time, and a
// plain loop for callgrind or perf to count.
//
//   jwt_bench [--benchmark_…]      nanoseconds: the whole check, and the signature alone as
//                                  `openssl speed` measures it, with a kept context and a ready
//                                  hash
//   jwt_bench count ALGORITHM N    N checks of one token between two toggles of callgrind
#include <benchmark/benchmark.h>
#include <valgrind/callgrind.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/auth/jwt.h"
#include "src/auth/test_issuer.h"

namespace {

using namespace gatehouse::auth;
using gatehouse::auth::test::Issuer;

constexpr std::int64_t now_s = 1'800'000'000;

/// With the header of HS256 and its signature a token of 268 bytes.
constexpr std::string_view claims =
    R"({"sub":"1234567890","name":"John Doe","iss":"https://issuer.example","aud":"dashboard",)"
    R"("scope":"read write","iat":1800000000,"exp":1800003600})";

class Check {
public:
    explicit Check(Algorithm algorithm, const std::string& type = "")
        : issuer_(algorithm, "", type),
          token_(issuer_.token(claims)),
          keyset_(std::move(
              parse_keyset(test::keyset_json({issuer_.jwk_with_algorithm()}), KeysetOrigin::file)
                  ->keyset))
    {
        policy_.issuers = {"https://issuer.example"};
        policy_.audiences = {"dashboard"};
    }

    bool passes() noexcept
    {
        return static_cast<bool>(verifier_->verify(token_, keysets_, policy_, now_s));
    }

    const Issuer& issuer() const noexcept { return issuer_; }
    const std::string& token() const noexcept { return token_; }

private:
    Issuer issuer_;
    std::string token_;
    Keyset keyset_;
    JwtPolicy policy_;
    std::array<const Keyset*, 1> keysets_{&keyset_};
    std::unique_ptr<JwtVerifier> verifier_ = std::make_unique<JwtVerifier>();
};

void whole(benchmark::State& state, Algorithm algorithm, const std::string& type)
{
    Check check{algorithm, type};
    for (auto _ : state) {
        if (!check.passes()) {
            state.SkipWithError("refused");
        }
    }
}

/// What `openssl speed` does: EVP_PKEY_verify of a hash, and EVP_DigestVerify for EdDSA.
void signature_alone(benchmark::State& state, Algorithm algorithm, const std::string& type)
{
    const Issuer issuer{algorithm, "", type};
    const std::array<unsigned char, 32> hash{1, 2, 3};
    std::array<unsigned char, 1024> signature;
    std::size_t size = signature.size();
    const DigestContext digests{EVP_MD_CTX_new()};
    const PkeyContext signing{EVP_PKEY_CTX_new_from_pkey(nullptr, issuer.key(), nullptr)};
    const PkeyContext verifying{EVP_PKEY_CTX_new_from_pkey(nullptr, issuer.key(), nullptr)};
    if (algorithm == Algorithm::eddsa) {
        EVP_DigestSignInit(digests.get(), nullptr, nullptr, nullptr, issuer.key());
        EVP_DigestSign(digests.get(), signature.data(), &size, hash.data(), hash.size());
        EVP_DigestVerifyInit(digests.get(), nullptr, nullptr, nullptr, issuer.key());
    } else {
        EVP_PKEY_sign_init(signing.get());
        EVP_PKEY_sign(signing.get(), signature.data(), &size, hash.data(), hash.size());
        EVP_PKEY_verify_init(verifying.get());
    }
    for (auto _ : state) {
        const int good =
            algorithm == Algorithm::eddsa
                ? EVP_DigestVerify(digests.get(), signature.data(), size, hash.data(), hash.size())
                : EVP_PKEY_verify(verifying.get(), signature.data(), size, hash.data(),
                                  hash.size());
        if (good != 1) {
            state.SkipWithError("refused");
        }
    }
}

void register_all()
{
    for (const auto algorithm :
         {Algorithm::hs256, Algorithm::hs512, Algorithm::rs256, Algorithm::ps256, Algorithm::es256,
          Algorithm::es384, Algorithm::es512, Algorithm::eddsa}) {
        const std::string name{name_of(algorithm)};
        benchmark::RegisterBenchmark((name + "/whole").c_str(), whole, algorithm, "");
    }
    benchmark::RegisterBenchmark("Ed448/whole", whole, Algorithm::eddsa, "ED448");
    for (const auto algorithm : {Algorithm::rs256, Algorithm::es256, Algorithm::eddsa}) {
        const std::string name{name_of(algorithm)};
        benchmark::RegisterBenchmark((name + "/signature").c_str(), signature_alone, algorithm, "");
    }
}

int count(std::string_view name, int checks)
{
    Check check{algorithm_named(name).value_or(Algorithm::hs256)};
    int passed = check.passes() ? 1 : 0;
    CALLGRIND_TOGGLE_COLLECT;
    for (int i = 0; i < checks; ++i) {
        passed += check.passes() ? 1 : 0;
    }
    CALLGRIND_TOGGLE_COLLECT;
    std::printf("%zu bytes\n", check.token().size());
    return passed == checks + 1 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc == 4 && std::string_view{argv[1]} == "count") {
        return count(argv[2], std::atoi(argv[3]));
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    register_all();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
