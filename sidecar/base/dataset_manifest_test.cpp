// Manifests of datasets: they come back as they went, and one that is none is refused.
#include "sidecar/base/dataset_manifest.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace gatehouse::sidecar {
namespace {

class Manifest : public testing::Test {
protected:
    Manifest()
    {
        char name[] = "/tmp/gth-manifest-XXXXXX";
        directory_ = ::mkdtemp(name);
    }
    ~Manifest() override { std::filesystem::remove_all(directory_); }

    /// The error that is made of a manifest of this text; empty: none.
    std::string error_of(const std::string& text) const
    {
        std::ofstream(directory_ + "/" + manifest_name) << text;
        const auto read = read_manifest(directory_);
        return read ? "" : read.error().message;
    }

    std::string directory_;
};

TEST_F(Manifest, ComesBackAsItWent)
{
    const DatasetManifest written{1'800'000'000'123,
                                  {{"time", "BIGINT"}, {"a \"b\"\n", "DOUBLE"}},
                                  {{"1-a.parquet", 10, 400}, {"2-b.parquet", 5, 200}},
                                  {{"key", "digest", 7, "{\"rows\":5}"}}};
    ASSERT_TRUE(write_manifest(directory_, written));
    const auto read = read_manifest(directory_);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->updated_ms, written.updated_ms);
    EXPECT_EQ(read->columns, written.columns);
    EXPECT_EQ(read->rows(), 15u);
    EXPECT_EQ(read->bytes(), 600u);
    ASSERT_EQ(read->parts.size(), 2u);
    EXPECT_EQ(read->parts[1].file, "2-b.parquet");
    ASSERT_EQ(read->uploads.size(), 1u);
    EXPECT_EQ(read->uploads[0].answer, "{\"rows\":5}");
}

TEST_F(Manifest, IsEmptyWhereThereIsNone)
{
    const auto read = read_manifest(directory_ + "/nowhere");
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->parts.empty());
    EXPECT_EQ(read->updated_ms, 0);
}

TEST_F(Manifest, IsRefusedWhenItIsNone)
{
    for (const char* text : {"", "{", "[]", "{}", R"({"version":2})", "null"}) {
        EXPECT_NE(error_of(text), "") << text;
    }
    EXPECT_EQ(error_of(R"({"version":1})"), "");
}

TEST_F(Manifest, NamesNoFileElsewhere)
{
    for (const char* file : {"", "../secret", "/etc/passwd", "a/b", ".hidden", ".."}) {
        EXPECT_NE(error_of(R"({"version":1,"parts":[{"file":")" + std::string{file} + "\"}]}"), "")
            << file;
    }
}

}  // namespace
}  // namespace gatehouse::sidecar
