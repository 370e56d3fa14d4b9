// A card, its sources in a directory of their own, and what computing it gives.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "sidecar/app/compute_card.h"

namespace gatehouse::app {

namespace fs = std::filesystem;
using config::Shape;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;

class Directory {
public:
    Directory()
    {
        std::string name = (fs::temp_directory_path() / "gatehouse-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~Directory() { fs::remove_all(path_); }

    std::string write(const std::string& name, std::string_view bytes) const
    {
        const fs::path path = path_ / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << bytes;
        return path.string();
    }
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }

private:
    fs::path path_;
};

class CardTest : public ::testing::Test {
protected:
    CardTest()
    {
        config_.engine.memory_limit = 256u << 20;
        card_.name = "card";
        card_.compress = false;
        card_.formats = {"json"};
    }

    config::Source& source(const std::string& name, const std::string& path,
                           const std::string& kind = "csv")
    {
        config::Source& source = config_.sources[name];
        source.name = name;
        source.kind = kind;
        source.paths = {path};
        card_.sources.push_back(name);
        return source;
    }

    Result<ComputedCard> compute(const std::string& sql)
    {
        card_.sql = sql;
        Result<Executors> executors = open_executors(config_);
        EXPECT_TRUE(executors);
        return compute_card(*executors, config_, card_, {}).result;
    }

    std::string body(const std::string& sql, Shape shape = Shape::records,
                     const std::string& format = "json")
    {
        card_.shape = shape;
        card_.formats = {format};
        const Result<ComputedCard> computed = compute(sql);
        return computed ? computed->representations.at(0).body
                        : "error: " + computed.error().message;
    }

    std::string error(const std::string& sql)
    {
        const Result<ComputedCard> computed = compute(sql);
        return computed ? "no error" : computed.error().message;
    }

    std::string value(const std::string& expression)
    {
        return body("SELECT " + expression, Shape::value);
    }

    Directory directory_;
    config::Config config_;
    config::Card card_;
};

/// A CSV that is too large to be looked at whole before types are guessed: whole numbers n, dates
/// d.
inline std::string many_rows(const std::string& last)
{
    std::string csv = "n,d\n";
    for (int i = 0; i < 400'000; ++i) {
        csv += "123456,2026-01-02\n";
    }
    return csv + last;
}

}  // namespace gatehouse::app
