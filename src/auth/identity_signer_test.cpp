#include "src/auth/identity_signer.h"

#include <gtest/gtest.h>

#include <string>

#include "src/auth/base64url.h"
#include "src/auth/test_gate.h"

namespace gatehouse::auth {
namespace {

// RFC 8037 appendix A.1.
const std::string seed = *base64url_decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");

IdentitySigner signer_of(std::string_view seed)
{
    auto signer = IdentitySigner::from_seed(seed);
    EXPECT_TRUE(signer);
    return std::move(*signer);
}

TEST(IdentitySigner, HasThePublicKeyAndTheThumbprintOfRfc8037)
{
    const auto signer = signer_of(seed);
    // Appendices A.2 and A.3.
    EXPECT_NE(signer.public_jwk().find(R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")"),
              std::string::npos);
    EXPECT_EQ(signer.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    EXPECT_EQ(signer.public_jwk().find("\"d\""), std::string::npos);
}

TEST(IdentitySigner, SignsWhatItsPublicKeyVerifies)
{
    auto signer = signer_of(seed);
    test::Gate gate{{R"({"keys":[)" + signer.public_jwk() + "]}"}};
    for (int i = 0; i < 3; ++i) {
        std::string out = "before ";
        ASSERT_TRUE(signer.append_token(
            out, R"({"sub":"user)" + std::to_string(i) + R"(","exp":1800000100})"));
        ASSERT_TRUE(out.starts_with("before "));
        const auto verdict = gate.ask(std::string_view{out}.substr(7));
        ASSERT_TRUE(verdict) << reason_of(verdict.rejection);
        EXPECT_EQ(verdict.kid, signer.kid());
        EXPECT_EQ(verdict.claims.find("sub").text(), "user" + std::to_string(i));
    }
}

TEST(IdentitySigner, AnotherKeyIsAnother)
{
    auto signer = signer_of(std::string(32, 's'));
    test::Gate gate{{R"({"keys":[)" + signer_of(seed).public_jwk() + "]}"}};
    std::string token;
    ASSERT_TRUE(signer.append_token(token, R"({"exp":1800000100})"));
    EXPECT_EQ(gate.answer(token), "unknown_kid");
}

TEST(IdentitySigner, NeedsAWholeSeed)
{
    for (const std::size_t size : {0, 31, 33, 64}) {
        EXPECT_FALSE(IdentitySigner::from_seed(std::string(size, 's'))) << size;
    }
}

}  // namespace
}  // namespace gatehouse::auth
