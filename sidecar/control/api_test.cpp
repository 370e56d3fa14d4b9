#include "sidecar/control/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::control {
namespace {

using ::testing::HasSubstr;

class ApiTest : public testing::Test {
protected:
    ApiTest()
    {
        status_.cards.resize(1);
        status_.cards[0].name = "sales";
    }

    Response ask(std::string_view method, std::string_view target, std::string_view body = {})
    {
        Response got;
        int answers = 0;
        api_.handle(method, target, body, [&](Response response) {
            got = std::move(response);
            ++answers;
        });
        EXPECT_EQ(answers, 1) << target;
        return got;
    }

    StatusView status_;
    RefreshResult refreshed_{true, "", 7, true, 3, 12};
    SourceTest tested_;
    ReloadResult reloaded_;
    Api api_{
        {[this] { return status_; },
         [] {
             return std::vector<SourceView>{{"d", "csv", {"/srv/d.csv"}, true, {"sales"}}};
         },
         [this](const std::string& card, auto done) {
             const bool known = card == "sales";
             if (known) {
                 done(refreshed_);
             }
             return known;
         },
         [this](const std::string& source, auto done) {
             const bool known = source == "d";
             if (known) {
                 done(tested_);
             }
             return known;
         },
         [this](auto done) { done(reloaded_); },
         {{"GET", "/v1/things/", "/size", true,
           [](const sidecar::ApiRequest& request, const auto& reply) {
               reply(request.name == "none"
                         ? sidecar::Answer{404, "there is none"}
                         : sidecar::Answer{200, request.name + "?" + std::string{request.query}});
           }},
          {"POST", "/v1/things/", "/size", true,
           [](const sidecar::ApiRequest& request, const auto& reply) {
               reply({200, std::string{request.body}});
           }}}}};
};

TEST_F(ApiTest, AsksOtherAreas)
{
    EXPECT_EQ(ask("GET", "/v1/things/a/size?in=mm").body, "a?in=mm");
    EXPECT_EQ(ask("GET", "/v1/things/none/size").status, 404);
    EXPECT_THAT(ask("GET", "/v1/things/none/size").body, HasSubstr("there is none"));
    EXPECT_EQ(ask("POST", "/v1/things/a/size", "{\"mm\": 3}").body, "{\"mm\": 3}");
    EXPECT_EQ(ask("PUT", "/v1/things/a/size").allow, "GET, POST");
    EXPECT_EQ(ask("GET", "/v1/things/size").status, 404);
}

TEST_F(ApiTest, Reads)
{
    EXPECT_THAT(ask("GET", "/v1/version").body, HasSubstr("\"version\""));
    EXPECT_THAT(ask("GET", "/v1/status").body, HasSubstr("\"sales\""));
    EXPECT_THAT(ask("GET", "/v1/cards").body, HasSubstr("\"sales\""));
    EXPECT_THAT(ask("GET", "/v1/cards/sales").body, HasSubstr("\"sales\""));
    EXPECT_THAT(ask("GET", "/v1/sources").body, HasSubstr("/srv/d.csv"));
}

TEST_F(ApiTest, WhatIsNotThere)
{
    for (const char* target :
         {"/", "/v1", "/v1/cards/", "/v1/cards/nobody", "/v1/cards/sales/x", "/v1/cards/a/b/body",
          "/v1/cards//refresh", "/v2/status", "/v1/status/", "v1/status", ""}) {
        const auto response = ask("GET", target);
        EXPECT_EQ(response.status, 404) << target;
        EXPECT_EQ(response.content_type, "application/problem+json");
    }
    EXPECT_EQ(ask("POST", "/v1/cards/nobody/refresh").status, 404);
    EXPECT_EQ(ask("POST", "/v1/sources/nobody/test").status, 404);
}

TEST_F(ApiTest, AnotherMethodIsToldTheRightOne)
{
    const auto response = ask("GET", "/v1/reload");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.allow, "POST");
    EXPECT_EQ(ask("DELETE", "/v1/cards/sales").allow, "GET");
}

TEST_F(ApiTest, ACardWithoutDataHasNoBody)
{
    EXPECT_EQ(ask("GET", "/v1/cards/sales/body").status, 409);
    status_.cards[0].error = "broken";
    EXPECT_THAT(ask("GET", "/v1/cards/sales/body").body, HasSubstr("no data yet: broken"));
    EXPECT_EQ(ask("GET", "/v1/cards/sales/body?format=xml").status, 400);
    EXPECT_EQ(ask("GET", "/v1/cards/sales/body?format=csv&format=csv").status, 400);
    EXPECT_EQ(ask("GET", "/v1/cards/nobody/body").status, 404);
}

TEST_F(ApiTest, RefreshTellsTheOutcome)
{
    EXPECT_THAT(ask("POST", "/v1/cards/sales/refresh").body, HasSubstr("\"generation\":7"));
    refreshed_ = {};
    refreshed_.error = "no such file";
    const auto failed = ask("POST", "/v1/cards/sales/refresh");
    EXPECT_EQ(failed.status, 502);
    EXPECT_THAT(failed.body, HasSubstr("no such file"));
}

TEST_F(ApiTest, SourceTest)
{
    tested_.columns = {{"a", "BIGINT"}};
    EXPECT_THAT(ask("POST", "/v1/sources/d/test").body, HasSubstr("BIGINT"));
    tested_.error = "is empty";
    EXPECT_EQ(ask("POST", "/v1/sources/d/test").status, 502);
}

TEST_F(ApiTest, AReloadThatIsRefusedSaysWhyInFull)
{
    reloaded_ = {false, "1 error in 1 file", R"({"errors": 1})"};
    const auto refused = ask("POST", "/v1/reload");
    EXPECT_EQ(refused.status, 422);
    EXPECT_THAT(refused.body, HasSubstr("the running configuration stays"));
    EXPECT_THAT(refused.body, HasSubstr(R"("errors": 1)"));
    EXPECT_EQ(ask("POST", "/v1/reload?wait=false").status, 202);
    reloaded_ = {true, "", "", 1, 2, 3, 4};
    EXPECT_EQ(ask("POST", "/v1/reload").status, 200);
}

}  // namespace
}  // namespace gatehouse::control
