// For tests: a place that lets tokens in.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/auth/jwt.h"

namespace gatehouse::auth::test {

inline constexpr std::int64_t now_s = 1'800'000'000;

inline Keyset keyset_from(const std::string& json)
{
    auto parsed = parse_keyset(json, KeysetOrigin::file);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message) << json;
    return std::move(parsed->keyset);
}

/// Has one keyset for each JSON text.
class Gate {
public:
    explicit Gate(const std::vector<std::string>& keysets, JwtPolicy policy = {})
        : policy_(std::move(policy))
    {
        for (const auto& json : keysets) {
            add(keyset_from(json));
        }
    }

    explicit Gate(Keyset keyset, JwtPolicy policy = {}) : policy_(std::move(policy))
    {
        add(std::move(keyset));
    }

    void add(Keyset keyset)
    {
        keysets_.push_back(std::make_unique<Keyset>(std::move(keyset)));
        pointers_.push_back(keysets_.back().get());
    }

    JwtPolicy& policy() { return policy_; }

    Verdict ask(std::string_view token, std::int64_t at_s = now_s)
    {
        return verifier_->verify(token, pointers_, policy_, at_s);
    }

    /// The word of the rejection, or `ok`: what a failed test prints.
    std::string answer(std::string_view token, std::int64_t at_s = now_s)
    {
        return std::string{reason_of(ask(token, at_s).rejection)};
    }

private:
    JwtPolicy policy_;
    std::vector<std::unique_ptr<Keyset>> keysets_;
    std::vector<const Keyset*> pointers_;
    std::unique_ptr<JwtVerifier> verifier_ = std::make_unique<JwtVerifier>();
};

}  // namespace gatehouse::auth::test
