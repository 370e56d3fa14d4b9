#include "src/geo/database.h"

#include <gmock/gmock.h>

#include <cstring>

#include "src/geo/test_database.h"
#include "src/geo/verify.h"

namespace gatehouse::geo {
namespace {

using testing::HasSubstr;

std::shared_ptr<const Database> open(const TestDatabase& source)
{
    const auto bytes = source.bytes();
    const auto sound = verify(as_bytes(bytes));
    EXPECT_TRUE(sound) << sound.error().message;
    auto memory = SealedMemory::create("test", bytes.size(), [&](std::span<std::byte> out) {
        std::memcpy(out.data(), bytes.data(), bytes.size());
        return Result<void>{};
    });
    auto opened = Database::open(std::make_shared<const SealedMemory>(std::move(*memory)));
    EXPECT_TRUE(opened) << opened.error().message;
    return *opened;
}

std::vector<std::uint8_t> address(const std::string& text)
{
    const bool v4 = text.find(':') == text.npos;
    std::vector<std::uint8_t> bytes(v4 ? 4 : 16);
    EXPECT_EQ(inet_pton(v4 ? AF_INET : AF_INET6, text.c_str(), bytes.data()), 1) << text;
    return bytes;
}

std::string country(const Database& database, const std::string& of)
{
    const auto record = database.find(address(of));
    return record ? std::string{database.text(*record, Field::country)} : "none";
}

TEST(GeoDatabase, FindsTheNetworkOfAnAddress)
{
    for (const unsigned record_size : {24U, 28U, 32U}) {
        TestDatabase source;
        source.record_size = record_size;
        source.add("192.0.2.0/24", country_record("DE"));
        source.add("198.51.100.128/25", country_record("FR"));
        source.add("2001:db8::/32", country_record("JP"));
        const auto database = open(source);
        EXPECT_EQ(country(*database, "192.0.2.0"), "DE");
        EXPECT_EQ(country(*database, "192.0.2.255"), "DE");
        EXPECT_EQ(country(*database, "192.0.3.0"), "none");
        EXPECT_EQ(country(*database, "198.51.100.127"), "none");
        EXPECT_EQ(country(*database, "198.51.100.128"), "FR");
        EXPECT_EQ(country(*database, "2001:db8:ffff::1"), "JP");
        EXPECT_EQ(country(*database, "2001:db9::"), "none");
        EXPECT_EQ(country(*database, "::ffff:192.0.2.7"), "DE");
        EXPECT_FALSE(database->find({}));
        EXPECT_EQ(database->type(), "Test");
        EXPECT_EQ(database->built_at_s(), 1'700'000'000);
    }
}

TEST(GeoDatabase, ADatabaseOfIpv4HasNoIpv6)
{
    TestDatabase source;
    source.ip_version = 4;
    source.add("192.0.2.0/24", country_record("DE"));
    const auto database = open(source);
    EXPECT_EQ(country(*database, "192.0.2.1"), "DE");
    EXPECT_EQ(country(*database, "::ffff:192.0.2.1"), "DE");
    EXPECT_EQ(country(*database, "::192.0.2.1"), "none");
    EXPECT_EQ(country(*database, "2001:db8::1"), "none");
}

struct Said {
    std::string country, continent, city, as_org;
    std::uint32_t asn;

    friend bool operator==(const Said&, const Said&) = default;
};

void PrintTo(const Said& said, std::ostream* out)
{
    *out << said.country << ' ' << said.continent << ' ' << said.city << ' ' << said.as_org << ' '
         << said.asn;
}

Said said_of(const std::string& record)
{
    TestDatabase source;
    source.add("192.0.2.0/24", record);
    const auto database = open(source);
    const auto found = database->find(address("192.0.2.1"));
    EXPECT_TRUE(found);
    const auto text = [&](Field field) { return std::string{database->text(*found, field)}; };
    return {text(Field::country), text(Field::continent), text(Field::city), text(Field::as_org),
            database->asn(*found)};
}

TEST(GeoDatabase, KnowsTheUsualLayouts)
{
    EXPECT_EQ(said_of(map_value(
                  {{"city", map_value({{"names", map_value({{"de", text_value("Köln")},
                                                            {"en", text_value("Cologne")}})}})},
                   {"continent", map_value({{"code", text_value("EU")}})},
                   {"country", map_value({{"iso_code", text_value("DE")}})},
                   {"registered_country", map_value({{"iso_code", text_value("FR")}})}})),
              (Said{"DE", "EU", "Cologne", "", 0}));
    EXPECT_EQ(said_of(map_value({{"autonomous_system_number", u32_value(64500)},
                                 {"autonomous_system_organization", text_value("Example")}})),
              (Said{"", "", "", "Example", 64500}));
    EXPECT_EQ(
        said_of(map_value(
            {{"traits", map_value({{"autonomous_system_number", u32_value(7)},
                                   {"autonomous_system_organization", text_value("Example")}})}})),
        (Said{"", "", "", "Example", 7}));
    // Flat ones: names beside codes, and codes under the plain names.
    EXPECT_EQ(said_of(map_value({{"country", text_value("Germany")},
                                 {"country_code", text_value("DE")},
                                 {"continent", text_value("Europe")},
                                 {"continent_code", text_value("EU")},
                                 {"asn", text_value("AS64500")},
                                 {"as_name", text_value("Example")}})),
              (Said{"DE", "EU", "", "Example", 64500}));
    EXPECT_EQ(said_of(map_value({{"country", text_value("DE")},
                                 {"continent", text_value("EU")},
                                 {"city", text_value("Cologne")},
                                 {"asn", text_value("64500")}})),
              (Said{"DE", "EU", "Cologne", "", 64500}));
}

TEST(GeoDatabase, WhatIsNotSaidIsEmpty)
{
    const Said nothing{"", "", "", "", 0};
    EXPECT_EQ(said_of(map_value({})), nothing);
    EXPECT_EQ(said_of(text_value("no map")), nothing);
    EXPECT_EQ(
        said_of(map_value({{"registered_country", map_value({{"iso_code", text_value("FR")}})}})),
        nothing)
        << "where a network is registered says nothing about where it is used";
    EXPECT_EQ(said_of(map_value({{"country", text_value("Germany")}, {"asn", text_value("ASx")}})),
              nothing);
    EXPECT_EQ(said_of(map_value({{"city", text_value("a\r\nSet-Cookie: b")},
                                 {"as_name", text_value("a\x7f")},
                                 {"country_code", text_value("D\n")}})),
              nothing)
        << "nothing that would break out of a header field or a log";
}

TEST(GeoDatabase, RemembersManyRecords)
{
    TestDatabase source;
    for (unsigned i = 0; i < 4096; ++i) {
        source.add("10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24",
                   map_value({{"asn", u32_value(i + 1)}, {"city", text_value(std::to_string(i))}}));
    }
    const auto database = open(source);
    for (const int round : {1, 2}) {
        for (unsigned i = 0; i < 4096; ++i) {
            const auto record = database->find(std::array<std::uint8_t, 4>{
                10, static_cast<std::uint8_t>(i / 256), static_cast<std::uint8_t>(i % 256), 9});
            ASSERT_TRUE(record);
            ASSERT_EQ(database->asn(*record), i + 1) << round;
            ASSERT_EQ(database->text(*record, Field::city), std::to_string(i)) << round;
        }
    }
}

}  // namespace
}  // namespace gatehouse::geo
