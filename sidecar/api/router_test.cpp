#include "sidecar/api/router.h"

#include <gtest/gtest.h>

namespace gatehouse::api {
namespace {

class Routes : public testing::Test {
protected:
    Routes()
    {
        const auto nothing = [](const RequestPtr&, const Reply&) {};
        for (const auto& [method, path] : std::vector<std::pair<std::string, std::string>>{
                 {"GET", "/sets"},
                 {"GET", "/sets/{name}"},
                 {"PUT", "/sets/{name}"},
                 {"DELETE", "/sets/{name}"},
                 {"GET", "/sets/{name}/rows"},
                 {"GET", "/sets/all"},
                 {"POST", "/in/*"},
                 {"POST", "/in/deeper/*"},
             }) {
            router_.add({.method = method, .path = path, .handle = nothing});
        }
    }

    /// The route's path and the name in it, or what is said instead.
    std::string answer(std::string_view method, std::string_view path) const
    {
        const auto found = router_.find(method, path);
        if (found.route != nullptr) {
            return found.route->path + (found.name.empty() ? "" : " " + found.name);
        }
        return found.allow.empty() ? "404" : "405 " + found.allow;
    }

    Router router_;
};

TEST_F(Routes, AreExactThenNamedThenPrefixes)
{
    EXPECT_EQ(answer("GET", "/sets"), "/sets");
    EXPECT_EQ(answer("HEAD", "/sets"), "/sets");
    EXPECT_EQ(answer("GET", "/sets/a"), "/sets/{name} a");
    EXPECT_EQ(answer("PUT", "/sets/a"), "/sets/{name} a");
    EXPECT_EQ(answer("GET", "/sets/all"), "/sets/all");
    EXPECT_EQ(answer("GET", "/sets/a/rows"), "/sets/{name}/rows a");
    EXPECT_EQ(answer("POST", "/in/a/b"), "/in/* a/b");
    EXPECT_EQ(answer("POST", "/in/deeper/b"), "/in/deeper/* b");
    EXPECT_EQ(answer("POST", "/in/"), "/in/*");
}

TEST_F(Routes, OfOtherMethodsSayWhich)
{
    EXPECT_EQ(answer("POST", "/sets"), "405 GET, HEAD");
    EXPECT_EQ(answer("POST", "/sets/a"), "405 DELETE, GET, HEAD, PUT");
    EXPECT_EQ(answer("get", "/sets"), "405 GET, HEAD");
    EXPECT_EQ(answer("GET", "/in/a"), "405 POST");
}

TEST_F(Routes, AreNotNear)
{
    for (const char* path : {"/", "/set", "/sets/", "/sets/a/", "/sets/a/b", "/sets//rows", "/in",
                             "/Sets", "/sets/a/rows/b"}) {
        EXPECT_EQ(answer("GET", path), "404") << path;
    }
}

TEST_F(Routes, FallBackForReadersOfOtherPaths)
{
    router_.set_fallback([](const RequestPtr&, const Reply&) {});
    EXPECT_EQ(answer("GET", "/api/simulations/7/charts"), "");
    EXPECT_EQ(answer("HEAD", "/"), "");
    EXPECT_EQ(answer("POST", "/api/simulations/7/charts"), "404");
    EXPECT_EQ(answer("POST", "/sets"), "405 GET, HEAD");
    EXPECT_EQ(answer("GET", "/sets/a"), "/sets/{name} a");
}

}  // namespace
}  // namespace gatehouse::api
