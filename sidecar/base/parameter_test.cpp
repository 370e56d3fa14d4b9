#include "sidecar/base/parameter.h"

#include <gtest/gtest.h>

#include <limits>

namespace gatehouse::sidecar {
namespace {

using Type = ParameterType;

/// The value as text, or the refusal.
std::string parsed(const Parameter& parameter, std::string_view text)
{
    struct Text {
        std::string operator()(std::monostate) const { return "null"; }
        std::string operator()(bool value) const { return value ? "true" : "false"; }
        std::string operator()(std::int64_t value) const { return std::to_string(value); }
        std::string operator()(double value) const { return std::to_string(value); }
        std::string operator()(const std::string& value) const { return value; }
    };
    const auto value = parse_value(parameter, text);
    return value ? std::visit(Text{}, *value) : value.error().message;
}

std::string parsed(Type type, std::string_view text)
{
    Parameter parameter;
    parameter.type = type;
    return parsed(parameter, text);
}

TEST(Parameter, IntegersAreWrittenInOneWay)
{
    EXPECT_EQ(parsed(Type::integer, "0"), "0");
    EXPECT_EQ(parsed(Type::integer, "-7"), "-7");
    EXPECT_EQ(parsed(Type::integer, "9223372036854775807"), "9223372036854775807");
    EXPECT_EQ(parsed(Type::integer, "-9223372036854775808"), "-9223372036854775808");
    for (const char* text :
         {"", "-", "-0", "00", "01", "+1", " 1", "1 ", "1e9", "1.0", "0x10", "NaN",
          "9223372036854775808", "-9223372036854775809", "１", "1_000", "--1"}) {
        EXPECT_EQ(parsed(Type::integer, text), "must be an integer") << text;
    }
}

TEST(Parameter, NumbersAreThoseOfJson)
{
    EXPECT_EQ(parsed(Type::number, "1.5"), "1.500000");
    EXPECT_EQ(parsed(Type::number, "-2e3"), "-2000.000000");
    EXPECT_EQ(parsed(Type::number, "1E+2"), "100.000000");
    for (const char* text : {"", "-", ".5", "1.", "1e", "1e+", "01", "+1", "inf", "nan",
                             "-Infinity", "0x1p3", "1e400", "1,5", " 1", "1 "}) {
        EXPECT_EQ(parsed(Type::number, text), "must be a number") << text;
    }
}

TEST(Parameter, BoundsAreKeptAndNamed)
{
    Parameter parameter;
    parameter.type = Type::integer;
    parameter.minimum = 1;
    parameter.maximum = 10;
    EXPECT_EQ(parsed(parameter, "1"), "1");
    EXPECT_EQ(parsed(parameter, "10"), "10");
    EXPECT_EQ(parsed(parameter, "0"), "must be an integer from 1 to 10");
    EXPECT_EQ(parsed(parameter, "11"), "must be an integer from 1 to 10");
    parameter.maximum.reset();
    EXPECT_EQ(parsed(parameter, "-5"), "must be an integer, at least 1");
}

TEST(Parameter, DatesAreDaysOfTheCalendar)
{
    EXPECT_EQ(parsed(Type::date, "2024-02-29"), "2024-02-29");
    EXPECT_EQ(parsed(Type::date, "0001-01-01"), "0001-01-01");
    for (const char* text :
         {"", "2024-02-30", "2023-02-29", "1900-02-29", "0000-01-01", "99999-01-01", "2024-1-1",
          "2024-13-01", "2024-00-10", "2024-01-00", "2024/01/01", "20240101",
          "2024-01-01T00:00:00Z", "-2024-01-01", "２０２４-01-01"}) {
        EXPECT_EQ(parsed(Type::date, text), "must be a date such as 2026-01-31") << text;
    }
}

TEST(Parameter, DatetimesBecomeUtc)
{
    EXPECT_EQ(parsed(Type::datetime, "2026-01-31T12:00:00Z"), "2026-01-31T12:00:00Z");
    EXPECT_EQ(parsed(Type::datetime, "2026-01-31t12:00:00z"), "2026-01-31T12:00:00Z");
    EXPECT_EQ(parsed(Type::datetime, "2026-01-01T00:30:00+02:00"), "2025-12-31T22:30:00Z");
    EXPECT_EQ(parsed(Type::datetime, "2024-02-28T23:59:59.25-01:00"), "2024-02-29T00:59:59.25Z");
    for (const char* text :
         {"", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31 12:00:00Z", "2026-01-31T24:00:00Z",
          "2026-01-31T12:60:00Z", "2026-01-31T23:59:60Z", "2026-02-30T00:00:00Z",
          "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00.1234567Z", "2026-01-31T12:00:00+2:00",
          "2026-01-31T12:00:00+24:00", "2026-01-31T12:00:00 02:00", "2026-01-31T12:00:00Zx",
          "0001-01-01T00:00:00+01:00", "9999-12-31T23:00:00-02:00"}) {
        EXPECT_EQ(parsed(Type::datetime, text),
                  "must be a date and time such as 2026-01-31T12:00:00Z")
            << text;
    }
}

TEST(Parameter, StringsAreBoundedUtf8)
{
    Parameter parameter;
    parameter.max_length = 4;
    EXPECT_EQ(parsed(parameter, ""), "");
    EXPECT_EQ(parsed(parameter, "%_'\""), "%_'\"");
    EXPECT_EQ(parsed(parameter, "ä€"), "must have at most 4 bytes");
    EXPECT_EQ(parsed(parameter, "\xC3"), "must be text in UTF-8");
    EXPECT_EQ(parsed(parameter, std::string_view{"a\0b", 3}), "must be text in UTF-8");
    parameter.pattern = "^[a-z]+$";
    EXPECT_EQ(parsed(parameter, "abc"), "abc");
    EXPECT_EQ(parsed(parameter, "abc\n"), "must match ^[a-z]+$");
    EXPECT_EQ(parsed(parameter, "ab1"), "must match ^[a-z]+$");
}

TEST(Parameter, PatternsThatBacktrackForEverEnd)
{
    Parameter parameter;
    parameter.pattern = "^(a+)+$";
    EXPECT_EQ(parsed(parameter, std::string(200, 'a') + 'b'), "must match ^(a+)+$");
}

TEST(Parameter, EnumerationsAndBooleansAreExact)
{
    Parameter parameter;
    parameter.type = Type::enumeration;
    parameter.values = {"day", "week"};
    EXPECT_EQ(parsed(parameter, "week"), "week");
    EXPECT_EQ(parsed(parameter, "Week"), "must be one of day, week");
    EXPECT_EQ(parsed(Type::boolean, "true"), "true");
    EXPECT_EQ(parsed(Type::boolean, "1"), "must be true or false");
}

TEST(Parameter, TypesHaveNames)
{
    for (const char* name :
         {"integer", "number", "string", "date", "datetime", "enum", "boolean"}) {
        const auto type = parameter_type_named(name);
        ASSERT_TRUE(type) << name;
        EXPECT_EQ(name_of(*type), name);
    }
    EXPECT_FALSE(parameter_type_named("int"));
}

}  // namespace
}  // namespace gatehouse::sidecar
