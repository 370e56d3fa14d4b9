#include "sidecar/app/options.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <initializer_list>
#include <vector>

namespace gatehouse::app {
namespace {

ParsedOptions parse(std::initializer_list<const char*> arguments)
{
    std::vector<const char*> all{"gatehoused"};
    all.insert(all.end(), arguments);
    return parse_options(static_cast<int>(all.size()), all.data());
}

TEST(Options, ServesByDefault)
{
    const auto parsed = parse({});
    EXPECT_FALSE(parsed.exit);
    EXPECT_EQ(parsed.options.mode, Mode::serve);
    EXPECT_EQ(parsed.options.config_file, "/etc/gatehouse/gatehouse.json");
}

TEST(Options, OneModeAtMost)
{
    EXPECT_EQ(parse({"-t"}).options.mode, Mode::test);
    EXPECT_EQ(parse({"-T"}).options.mode, Mode::dump);
    EXPECT_EQ(parse({"--once"}).options.mode, Mode::once);
    EXPECT_EQ(parse({"--check-sources"}).options.mode, Mode::check_sources);
    EXPECT_EQ(parse({"-t", "-T"}).exit, exit_usage);
}

TEST(Options, MigratesToThisVersionOrToAnother)
{
    EXPECT_EQ(parse({"--schema"}).options.mode, Mode::schema);
    EXPECT_EQ(parse({"--migrate"}).options.mode, Mode::migrate);
    EXPECT_EQ(parse({"--migrate"}).options.schema, sidecar::state_version);
    EXPECT_EQ(parse({"--migrate", "0"}).options.mode, Mode::migrate);
    EXPECT_EQ(parse({"--migrate", "1", "-c", "x.json"}).options.schema, 1);
    for (const char* bad : {"-1", "99", "x", "1.5"}) {
        EXPECT_EQ(parse({"--migrate", bad}).exit, exit_usage) << bad;
    }
    EXPECT_EQ(parse({"--migrate", "--once"}).exit, exit_usage);
}

TEST(Options, FilesAndLevels)
{
    const auto parsed = parse({"-c", "x.json", "-p", "/srv", "-l", "warn"});
    EXPECT_EQ(parsed.options.config_file, "x.json");
    EXPECT_EQ(parsed.options.prefix, "/srv");
    EXPECT_EQ(parsed.options.log_level, "warn");
    EXPECT_FALSE(parse({"-l", "warning"}).exit);
    EXPECT_EQ(parse({"-l", "loud"}).exit, exit_usage);
}

TEST(Options, TheEnvironmentComesAfterTheCommandLine)
{
    ::setenv("GATEHOUSE_CONFIG", "/env.json", 1);
    EXPECT_EQ(parse({}).options.config_file, "/env.json");
    EXPECT_EQ(parse({"-c", "/arg.json"}).options.config_file, "/arg.json");
    ::unsetenv("GATEHOUSE_CONFIG");
}

TEST(Options, HelpAndVersionEndWell)
{
    EXPECT_EQ(parse({"--help"}).exit, exit_ok);
    EXPECT_EQ(parse({"-V"}).exit, exit_ok);
    EXPECT_EQ(parse({"--bogus"}).exit, exit_usage);
    EXPECT_EQ(parse({"argument"}).exit, exit_usage);
}

}  // namespace
}  // namespace gatehouse::app
