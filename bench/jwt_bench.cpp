// What the check of one JSON Web Token costs, without nginx: Google Benchmark for the time, and
// single steps for the instructions, as the processor executes them.
//
//   jwt_bench [--benchmark_…]      nanoseconds: the whole check, and the signature alone as
//                                  `openssl speed` measures it, with a kept context and a ready
//                                  hash
//   jwt_bench steps ALGORITHM      user instructions of one check, in single steps
#include <benchmark/benchmark.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
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

/// With the header and the signature of HS256 a token of 271 bytes.
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

// ---- instructions -----------------------------------------------------------------------------

/// Stops around nothing, then around one check; both come twice, for what happens only once.
int traced(Algorithm algorithm)
{
    Check check{algorithm};
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    bool passed = true;
    for (int i = 0; i < 2; ++i) {
        std::raise(SIGSTOP);
        std::raise(SIGSTOP);
        passed = passed && check.passes();
        std::raise(SIGSTOP);
    }
    return passed ? 0 : 1;
}

/// Instructions until the child stops by itself, or -1 when it is gone.
long steps_to_next_stop(pid_t child)
{
    int status = 0;
    for (long steps = 0;; ++steps) {
        if (ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) != 0 ||
            waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) {
            return -1;
        }
        if (WSTOPSIG(status) == SIGSTOP) {
            return steps;
        }
    }
}

int count_steps(std::string_view name)
{
    const pid_t child = fork();
    if (child == 0) {
        std::_Exit(traced(algorithm_named(name).value_or(Algorithm::hs256)));
    }
    int status = 0;
    waitpid(child, &status, 0);
    steps_to_next_stop(child);
    steps_to_next_stop(child);
    steps_to_next_stop(child);
    const long nothing = steps_to_next_stop(child);
    const long check = steps_to_next_stop(child);
    ptrace(PTRACE_CONT, child, nullptr, nullptr);
    waitpid(child, &status, 0);
    std::printf("%ld\n", check - nothing);
    return check > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc == 3 && std::string_view{argv[1]} == "steps") {
        return count_steps(argv[2]);
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    register_all();
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
