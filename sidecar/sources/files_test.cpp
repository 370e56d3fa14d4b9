#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sidecar/sources/glob.h"
#include "sidecar/sources/sources.h"

namespace gatehouse::sources {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FilesTest : public ::testing::Test {
protected:
    FilesTest()
    {
        std::string name = (fs::temp_directory_path() / "gatehouse-XXXXXX").string();
        root_ = fs::canonical(::mkdtemp(name.data())).string() + "/";
        for (const char* file : {"a.csv", "b.csv", ".hidden.csv", "a[1].csv", "d/c.csv",
                                 "d/e/f.csv", ".secret/g.csv", "n.txt"}) {
            touch(file);
        }
    }
    ~FilesTest() override { fs::remove_all(root_); }

    void touch(const std::string& file, const std::string& bytes = "a\n1\n")
    {
        fs::create_directories(fs::path(root_ + file).parent_path());
        std::ofstream(root_ + file) << bytes;
    }

    std::vector<std::string> matches(const std::string& pattern)
    {
        std::vector<std::string> names = expand(root_ + pattern).paths;
        for (std::string& name : names) {
            name.erase(0, root_.size());
        }
        return names;
    }

    config::Source source(std::vector<std::string> paths)
    {
        config::Source source;
        source.kind = "csv";
        for (const std::string& path : paths) {
            source.paths.push_back(root_ + path);
        }
        return source;
    }

    std::string root_;
};

TEST_F(FilesTest, Glob)
{
    EXPECT_THAT(matches("*.csv"), ElementsAre("a.csv", "a[1].csv", "b.csv"));
    EXPECT_THAT(matches("?.csv"), ElementsAre("a.csv", "b.csv"));
    EXPECT_THAT(matches("[b-z].csv"), ElementsAre("b.csv"));
    EXPECT_THAT(matches(".h*"), ElementsAre(".hidden.csv"));
    EXPECT_THAT(matches("*/c.csv"), ElementsAre("d/c.csv"));
    EXPECT_THAT(matches("**/*.csv"),
                ElementsAre("a.csv", "a[1].csv", "b.csv", "d/c.csv", "d/e/f.csv"));
    EXPECT_THAT(matches("d/**"), ElementsAre("d/c.csv", "d/e/f.csv"));
    EXPECT_THAT(matches("d/*"), ElementsAre("d/c.csv"));
    EXPECT_THAT(matches("d"), ElementsAre("d"));
    EXPECT_THAT(matches("z*"), IsEmpty());
    EXPECT_THAT(matches("z/*.csv"), IsEmpty());
    EXPECT_THAT(matches("a.csv/*"), IsEmpty());
}

TEST_F(FilesTest, AFileThatIsCalledLikeAPatternIsMeant)
{
    touch("a1.csv");
    EXPECT_THAT(matches("a[1].csv"), ElementsAre("a[1].csv"));
}

TEST_F(FilesTest, AGlobDoesNotFollowLinksBackUp)
{
    fs::create_directory_symlink(root_, root_ + "d/up");
    EXPECT_THAT(matches("**/f.csv"), ElementsAre("d/e/f.csv"));
}

TEST_F(FilesTest, FingerprintChangesWithTheFiles)
{
    const config::Source all = source({"*.csv"});
    const auto before = fingerprint(all);
    ASSERT_TRUE(before);
    EXPECT_EQ(before->files.size(), 3u);
    EXPECT_EQ(before->bytes(), 12u);
    EXPECT_EQ(*fingerprint(all), *before);

    touch("new.csv");
    EXPECT_NE(*fingerprint(all), *before);
    fs::remove(root_ + "new.csv");
    EXPECT_EQ(*fingerprint(all), *before);

    touch("other", "a\n1\n");
    fs::last_write_time(root_ + "other", fs::last_write_time(root_ + "a.csv"));
    fs::rename(root_ + "other", root_ + "a.csv");
    EXPECT_NE(*fingerprint(all), *before) << "another inode, though of the same size and time";
}

TEST_F(FilesTest, WatchesWhereChangesMayCome)
{
    const auto names = [&](std::vector<std::string> paths) {
        std::vector<std::string> found;
        for (const auto& [directory, name] : names_to_watch(source(std::move(paths)))) {
            found.push_back((directory + '/').erase(0, root_.size()) + name);
        }
        return found;
    };
    EXPECT_THAT(names({"a.csv"}), ElementsAre("a.csv"));
    EXPECT_THAT(names({"missing.csv"}), ElementsAre("missing.csv"));
    EXPECT_THAT(names({"d/*.csv"}), ElementsAre("d/*.csv", "d/c.csv"));
    EXPECT_THAT(names({"*/c.csv"}), ElementsAre("*", "d/c.csv"));
    EXPECT_THAT(names({"**/c.csv"}), ElementsAre("c.csv", "d/c.csv", "d/e/c.csv"));
    EXPECT_THAT(names({"z/a.csv"}), IsEmpty());
    fs::create_symlink(root_ + "d/c.csv", root_ + "link.csv");
    EXPECT_THAT(names({"link.csv"}), ElementsAre("link.csv", "d/c.csv"));
}

}  // namespace
}  // namespace gatehouse::sources
