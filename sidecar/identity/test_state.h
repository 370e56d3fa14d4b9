// For tests: a directory of its own, and a keeper of tokens in it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "sidecar/identity/token_keeper.h"

namespace gatehouse::identity {

class StateTest : public ::testing::Test {
protected:
    static constexpr std::int64_t now_s = 1'800'000'000;
    static constexpr std::int64_t day_s = 86'400;

    StateTest()
    {
        char name[] = "/tmp/gatehouse-state-XXXXXX";
        directory_ = ::mkdtemp(name);
    }
    ~StateTest() override { std::filesystem::remove_all(directory_); }

    std::string path() const { return directory_ + "/state.db"; }

    /// A keeper whose database is open.
    TokenKeeper keeper() const
    {
        TokenKeeper made{path()};
        const auto opened = made.open(StateFile::Missing::create);
        EXPECT_TRUE(opened) << opened.error().message;
        return made;
    }

    static TokenRequest request(const std::string& name = "dashboard")
    {
        TokenRequest request;
        request.name = name;
        request.user = "ada";
        request.scopes = {"write", "read"};
        return request;
    }

    const config::Tokens limits;

private:
    std::string directory_;
};

}  // namespace gatehouse::identity
