// Files that are no zone, or another one: each is refused with its cause and a remedy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "src/limit/test_zone_file.h"
#include "src/limit/zone_header.h"

namespace gatehouse::limit {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using ZoneDamage = ZoneFile;

TEST_F(ZoneDamage, RefusesAFileOfAnotherKind)
{
    write(std::string(settings_.bytes, 'x'));
    EXPECT_THAT(refusal(), AllOf(HasSubstr("is not a limit zone"), HasSubstr("remove it")));
    // A foreign file that happens to begin with zeros is not taken for a blank one.
    write(std::string(8192, '\0') + std::string(settings_.bytes - 8192, 'x'));
    EXPECT_THAT(refusal(), HasSubstr("is not a limit zone"));
    EXPECT_EQ(bytes().back(), 'x');
}

TEST_F(ZoneDamage, RefusesAnotherVersion)
{
    open();
    change([](ZoneHeader& header) { header.version = 2; });
    EXPECT_THAT(refusal(),
                AllOf(HasSubstr("has version 2, this module version 1"), HasSubstr("remove it")));
}

TEST_F(ZoneDamage, RefusesAnotherKey)
{
    open();
    auto settings = settings_;
    settings.key = "$http_x_token";
    EXPECT_THAT(refusal(settings), AllOf(HasSubstr("has the key \"$gate_client\""),
                                         HasSubstr("\"$http_x_token\""), HasSubstr("remove it")));
}

TEST_F(ZoneDamage, RefusesAnotherSize)
{
    open();
    auto settings = settings_;
    settings.bytes *= 2;
    EXPECT_THAT(refusal(settings),
                AllOf(HasSubstr("has 65536 bytes, the zone 131072"), HasSubstr("remove it")));
}

TEST_F(ZoneDamage, RefusesTruncation)
{
    open();
    const auto whole = bytes();
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{7}, sizeof(ZoneHeader) - 1, sizeof(ZoneHeader),
          ZoneHeader::size - 1, ZoneHeader::size, ZoneHeader::size + 1, ZoneHeader::size + 128,
          settings_.bytes / 2, settings_.bytes - 1, settings_.bytes + 1}) {
        auto cut = whole;
        cut.resize(size);
        write(cut);
        EXPECT_THAT(refusal(), AllOf(HasSubstr("bytes, the zone 65536"), HasSubstr("remove it")))
            << size;
    }
}

TEST_F(ZoneDamage, RefusesEveryFlippedBitOfItsIdentity)
{
    open();
    const auto whole = bytes();
    for (std::size_t bit = 0; bit < 8 * offsetof(ZoneHeader, zone_minus_monotonic_ms); ++bit) {
        auto flipped = whole.substr(0, sizeof(ZoneHeader));
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        ZoneHeader header;
        std::memcpy(&header, flipped.data(), sizeof header);
        const auto sound = check(header, settings_);
        ASSERT_FALSE(sound) << bit;
        ASSERT_THAT(sound.error().message, HasSubstr("remove it")) << bit;
    }
}

TEST_F(ZoneDamage, RefusesAClockThatMakesNoSense)
{
    open();
    const auto whole = bytes();
    for (const auto& damage : std::initializer_list<std::function<void(ZoneHeader&)>>{
             [](ZoneHeader& header) { header.zone_minus_monotonic_ms = 1ULL << 60; },
             [](ZoneHeader& header) { header.zone_minus_monotonic_ms = 0 - 500'000'000ULL; },
             [](ZoneHeader& header) { header.beat_zone_ms = ~0ULL; },
             [](ZoneHeader& header) { header.beat_zone_ms += 1ULL << 35; }}) {
        write(whole);
        change(damage);
        EXPECT_THAT(refusal(), AllOf(HasSubstr("damaged clock"), HasSubstr("remove it")));
    }
}

TEST_F(ZoneDamage, RefusesWhatIsNoRegularFile)
{
    fs::create_directory(settings_.path);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("Is a directory"), HasSubstr("name a file")));
    fs::remove(settings_.path);

    ASSERT_EQ(::mkfifo(settings_.path.c_str(), 0600), 0);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("is not a regular file"), HasSubstr("remove it")));
    fs::remove(settings_.path);

    fs::create_symlink(directory_ / "elsewhere", settings_.path);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("is a symbolic link"), HasSubstr("remove it")));
    EXPECT_FALSE(fs::exists(directory_ / "elsewhere"));
}

TEST_F(ZoneDamage, SaysWhatRightsItLacks)
{
    open();
    fs::permissions(directory_, fs::perms::all);
    fs::permissions(settings_.path, fs::perms::none);
    EXPECT_THAT(refusal_as_nobody(), AllOf(HasSubstr("Permission denied"), HasSubstr("can write")));
    fs::remove(settings_.path);
    fs::permissions(directory_, fs::perms::owner_read | fs::perms::owner_exec |
                                    fs::perms::others_read | fs::perms::others_exec);
    EXPECT_THAT(refusal_as_nobody(), AllOf(HasSubstr("Permission denied"), HasSubstr("can write")));
    settings_.path = (directory_ / "no" / "such" / "zone").string();
    EXPECT_THAT(refusal(), AllOf(HasSubstr("No such file"), HasSubstr("a folder that exists")));
}

TEST_F(ZoneDamage, SaysThatTheDiskIsFull)
{
    settings_.bytes = std::size_t{1} << 50;
    const auto says = AllOf(HasSubstr("cannot reserve 1125899906842624 bytes"),
                            HasSubstr("make room, or the zone smaller"));
    const auto checked = check_file(settings_, test_clocks());
    ASSERT_FALSE(checked);
    EXPECT_THAT(checked.error().message, says);
    // No room, or more than a file can be: systems differ in which they find first.
    const auto opened = Zone::open(settings_, test_clocks());
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.error().message, says);
}

TEST_F(ZoneDamage, DropsWordsThatNoChargeCanHaveMade)
{
    const auto windows = windows_of("10/hour");
    {
        auto zone = open();
        spend(zone, windows, test_clocks().monotonic_ms, 4);
    }
    const auto whole = bytes();
    for (const std::uint64_t word : {~0ULL, 1ULL << 63, (1ULL << 61) - 1, (1ULL << 62) - 1}) {
        auto damaged = whole;
        for (std::size_t i = ZoneHeader::size; i < damaged.size(); i += 16) {
            if (damaged.compare(i, 8, std::string(8, '\0')) != 0) {
                std::memcpy(&damaged[i + 8], &word, sizeof word);
            }
        }
        write(damaged);
        auto zone = open();
        EXPECT_EQ(remaining(zone, windows, test_clocks().monotonic_ms), 10U) << word;
    }
}

}  // namespace
}  // namespace gatehouse::limit
