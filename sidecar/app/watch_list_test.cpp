#include "sidecar/app/watch_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace gatehouse::app {
namespace {

using testing::UnorderedElementsAre;

std::vector<std::string> watched(const std::string& kind, const std::string& path)
{
    config::Source source;
    source.kind = kind;
    source.paths = {path};
    std::vector<std::string> found;
    for (const auto& [directory, name] : names_to_watch(source)) {
        found.push_back(directory + ' ' + name);
    }
    return found;
}

TEST(WatchList, KnowsWhatADatabaseHasBesideItsFile)
{
    const auto root = std::filesystem::canonical(testing::TempDir()).string();
    EXPECT_THAT(watched("csv", root + "/a.csv"), UnorderedElementsAre(root + " a.csv"));
    EXPECT_THAT(watched("sqlite", root + "/a.db"),
                UnorderedElementsAre(root + " a.db", root + " a.db-wal", root + " a.db-shm",
                                     root + " a.db-journal"));
}

TEST(WatchList, WaitsForADirectoryThatIsMissing)
{
    const auto root = std::filesystem::canonical(testing::TempDir()).string();
    EXPECT_THAT(watched("csv", root + "/no-such/deeper/a.csv"),
                UnorderedElementsAre(root + " no-such"));
    EXPECT_THAT(watched("csv", "/no-such/a.csv"), UnorderedElementsAre("/ no-such"));
}

}  // namespace
}  // namespace gatehouse::app
