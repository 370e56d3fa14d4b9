#include "sidecar/app/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sidecar/engine/ingest.h"
#include "sidecar/sources/test_parquet.h"

namespace gatehouse::app {
namespace {

namespace fs = std::filesystem;
using datasets::UploadFormat;
using testing::HasSubstr;

class ImportTest : public testing::Test {
protected:
    void SetUp() override
    {
        root_ = testing::TempDir() + "import_" + std::to_string(::getpid());
        fs::create_directories(root_);
        engine_.memory_limit = 64 << 20;
    }
    void TearDown() override { fs::remove_all(root_); }

    datasets::Outcome<datasets::Imported> import(const std::string& text, UploadFormat format,
                                                 sidecar::SqlColumns expected = {})
    {
        const auto path = root_ + "/upload";
        std::ofstream(path, std::ios::binary) << text;
        return import_file(path, format, std::move(expected));
    }
    datasets::Outcome<datasets::Imported> import_file(const std::string& path, UploadFormat format,
                                                      sidecar::SqlColumns expected = {},
                                                      std::uint64_t most = most_rows_of_upload,
                                                      bool uploaded = true)
    {
        const auto out = root_ + "/out.parquet";
        fs::remove(out);
        return import_to_parquet(engine_, {{path}, format, std::move(expected), uploaded}, out,
                                 most);
    }
    std::string refusal(const std::string& text, UploadFormat format,
                        sidecar::SqlColumns expected = {})
    {
        const auto done = import(text, format, std::move(expected));
        return done ? "" : std::to_string(done.failure().status) + ' ' + done.failure().message;
    }

    config::Engine engine_;
    std::string root_;
};

TEST_F(ImportTest, NdjsonIsAnObjectOnEachLine)
{
    EXPECT_EQ(import("{\"a\":1}\n\n {\"a\":2}\r\n", UploadFormat::ndjson)->rows, 2u);
    EXPECT_EQ(refusal("1\n2\n", UploadFormat::ndjson),
              "422 line 1 is no JSON object; send one object on each line");
    EXPECT_EQ(refusal("{\"a\":1}\n[{\"a\":1}]\n", UploadFormat::ndjson),
              "422 line 2 is no JSON object; send one object on each line");
    EXPECT_EQ(refusal("{\"a\":1}\n{\"a\":NaN}\n", UploadFormat::ndjson),
              "422 line 2, column 6: this is no JSON value");
    EXPECT_EQ(refusal("{\"a\":1}{\"a\":2}\n", UploadFormat::ndjson),
              "422 line 1, column 8: there is more behind the document");
}

TEST_F(ImportTest, ALineOfNdjsonHasItsLimit)
{
    constexpr std::size_t longest = 16 << 20;
    const std::string before = "{\"a\":\"", behind = "\"}";
    const auto line_of = [&](std::size_t bytes) {
        return before + std::string(bytes - before.size() - behind.size(), 'x') + behind;
    };
    constexpr auto refused = "422 line 2 has more than 16 MiB; send one object on each line";
    EXPECT_EQ(refusal("{\"a\":\"\"}\n" + line_of(longest + 1), UploadFormat::ndjson), refused);
    EXPECT_EQ(refusal("{\"a\":\"\"}\n" + line_of(longest + 1) + "\n{}", UploadFormat::ndjson),
              refused);
    EXPECT_EQ(import(line_of(longest / 4) + "\n{\"a\":\"\"}", UploadFormat::ndjson)->rows, 2u);
    // Without an end, of the longest a line may be: it is not too long.
    EXPECT_EQ(refusal(std::string(longest - 1, ' ') + '1', UploadFormat::ndjson),
              "422 line 1 is no JSON object; send one object on each line");
    EXPECT_EQ(refusal(std::string(longest - 1, ' ') + "1\n", UploadFormat::ndjson),
              "422 line 1 is no JSON object; send one object on each line");
}

TEST_F(ImportTest, ErrorsSpeakOfTheData)
{
    EXPECT_EQ(refusal("id\n1\n", UploadFormat::csv, {{"id", "BIGINT"}, {"label", "VARCHAR"}}),
              "422 the column \"label\" is missing");
    const std::string utf16{
        "\xff\xfe"
        "a\0\n\0"
        "1\0\n\0",
        10};
    EXPECT_EQ(refusal(utf16, UploadFormat::csv), "422 the upload: is UTF-16; send UTF-8");
    EXPECT_EQ(refusal("a,b\n1,2\n1,2,3\n", UploadFormat::csv),
              "422 the upload: line 3 has 3 columns, the first has 2");
    EXPECT_EQ(refusal("a\n\xe9\n", UploadFormat::csv),
              "422 the upload: line 2: is not UTF-8; send UTF-8");
}

TEST_F(ImportTest, AFewBytesOfParquetAreNotAnyNumberOfRows)
{
    const auto path = root_ + "/many.parquet";
    const sidecar::Relation rows{.name = "many", .sql = "(SELECT 1 AS n FROM range(1000001))"};
    ASSERT_TRUE(engine::copy_to_parquet({rows, engine_, {}, std::chrono::seconds{60}}, path));
    const auto refused = import_file(path, UploadFormat::parquet, {}, 1'000'000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().status, 413);
    EXPECT_EQ(refused.failure().message, "it has more than 1000000 rows");
    EXPECT_EQ(import_file(path, UploadFormat::parquet, {}, 1'000'001)->rows, 1'000'001u);
    EXPECT_EQ(import_file(path, UploadFormat::parquet, {}, 10, false)->rows, 1'000'001u)
        << "our own files have what they have";
}

/// Without the bound DuckDB's stack overflows, and the process is gone.
TEST_F(ImportTest, ASchemaOfParquetIsNotNestedTooDeep)
{
    using namespace sources::test;
    EXPECT_EQ(refusal(parquet_file(metadata(nested(20'000))), UploadFormat::parquet),
              "422 the upload: its columns are nested in more than 64 groups");
    const auto deepest = import(parquet_file(metadata(nested(64))), UploadFormat::parquet);
    ASSERT_TRUE(deepest) << deepest.failure().message;
    EXPECT_EQ(deepest->rows, 0u);
}

TEST_F(ImportTest, WhatTakesTooMuchMemoryIsTooLarge)
{
    std::string head = "c0", line = "1";
    for (int i = 1; i < 10'000; ++i) {
        head += ",c" + std::to_string(i);
        line += ",1";
    }
    EXPECT_THAT(refusal(head + '\n' + line + '\n', UploadFormat::csv),
                HasSubstr("413 reading it takes more memory than an upload may have"));
}

TEST(ImportLimits, AreThoseOfNow)
{
    ImportLimits limits;
    config::Engine engine;
    engine.memory_limit = 5;
    limits.set(engine);
    EXPECT_EQ(limits.get().memory_limit, 5u);
}

}  // namespace
}  // namespace gatehouse::app
