#include "sidecar/datasets/query_names.h"

#include <gtest/gtest.h>

namespace gatehouse::datasets {
namespace {

std::string unknown_in(std::string_view query, bool runs = true)
{
    Settings settings;
    settings.runs = runs;
    std::string all;
    for (const auto& [name, reason] : unknown_names(settings, query, [](std::string_view name) {
             return name == "run" || name == "a b";
         })) {
        all += name + ' ' + reason + ';';
    }
    return all;
}

TEST(QueryNames, ThoseThatNobodyReadsAreFound)
{
    EXPECT_EQ(unknown_in(""), "");
    EXPECT_EQ(unknown_in("run=7&&a+b=&r%75n"), "");
    EXPECT_EQ(unknown_in("rnu=7&run=8&rnu=9&x"), "rnu is not known here;x is not known here;");
    EXPECT_EQ(unknown_in("=1&%zz=2"), " is not known here;%zz is not known here;");
    EXPECT_EQ(unknown_in("rnu=7", false), "rnu is not known here: the dataset has no runs;");
}

}  // namespace
}  // namespace gatehouse::datasets
