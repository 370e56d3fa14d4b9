#include "sidecar/on_demand/question.h"

#include <gtest/gtest.h>

namespace gatehouse::on_demand {
namespace {

using sidecar::Parameter;
using sidecar::ParameterType;

Parameter parameter(std::string name, ParameterType type)
{
    Parameter out;
    out.name = std::move(name);
    out.type = type;
    return out;
}

config::Card card()
{
    config::Card out;
    out.name = "runs";
    out.path = "/runs/{id}";
    out.params = {parameter("id", ParameterType::integer), parameter("day", ParameterType::date)};
    out.params[1].required = false;
    out.query = {true, true, true, true, true, true};
    out.key = "id";
    out.steps = {{}};
    out.steps[0].name = "downsample";
    out.steps[0].number["points"] = 500;
    return out;
}

/// "NAME reason; NAME reason", or empty.
std::string refusals(const Pairs& in_path, const Pairs& query)
{
    const auto asked = question_of(card(), "/runs/7", in_path, query);
    std::string out;
    if (const auto* invalid = std::get_if<std::vector<InvalidParam>>(&asked)) {
        for (const auto& each : *invalid) {
            out += (out.empty() ? "" : "; ") + each.name + ' ' + each.reason;
        }
    }
    return out;
}

Question question(const Pairs& query)
{
    return std::get<Question>(question_of(card(), "/runs/7", {{"id", "7"}}, query));
}

TEST(Question, HasAnArgumentForEveryParameter)
{
    const auto asked = question({{"day", "2024-02-29"}});
    ASSERT_EQ(asked.arguments.size(), 2u);
    EXPECT_EQ(asked.arguments[0].name, "id");
    EXPECT_EQ(std::get<std::int64_t>(asked.arguments[0].value), 7);
    EXPECT_EQ(std::get<std::string>(asked.arguments[1].value), "2024-02-29");
    EXPECT_TRUE(std::holds_alternative<std::monostate>(question({}).arguments[1].value));
}

TEST(Question, SaysAllThatIsWrong)
{
    EXPECT_EQ(
        refusals({{"id", "x"}}, {{"day", "2024-02-30"}, {"nope", "1"}}),
        "id must be an integer; day must be a date such as 2026-01-31; nope is not known here");
    EXPECT_EQ(refusals({}, {}), "id is missing");
}

TEST(Question, TakesAParameterOnce)
{
    EXPECT_EQ(refusals({{"id", "7"}}, {{"day", "2024-01-01"}, {"day", "2024-01-02"}}),
              "day must be there once");
    EXPECT_EQ(refusals({{"id", "7"}}, {{"limit", "1"}, {"limit", "1"}, {"limit", "1"}}),
              "limit must be there once");
    EXPECT_EQ(refusals({{"id", "7"}}, {{"day[]", "2024-01-01"}}), "day[] is not known here");
}

TEST(Question, DoesNotTakeAPathsParameterFromTheQuery)
{
    EXPECT_EQ(refusals({{"id", "7"}}, {{"id", "8"}}), "id is not known here");
}

TEST(Question, ReadsOptions)
{
    const auto options = question({{"fields", "a,b"},
                                   {"filter", "a>=1,b=\"x,\"\"y\"\"\",c!=,d~%_"},
                                   {"sort", "-a,b"},
                                   {"limit", "10"},
                                   {"points", "50"}})
                             .options;
    EXPECT_EQ(options.fields, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(options.filter, (std::vector<Condition>{{"a", Comparison::at_least, "1"},
                                                      {"b", Comparison::equal, "x,\"y\""},
                                                      {"c", Comparison::not_equal, ""},
                                                      {"d", Comparison::contains, "%_"}}));
    EXPECT_EQ(options.sort, (std::vector<SortKey>{{"a", true}, {"b", false}}));
    EXPECT_EQ(options.limit, 10u);
    EXPECT_EQ(options.points, 50u);
}

TEST(Question, RefusesMalformedOptions)
{
    const Pairs path{{"id", "7"}};
    for (const auto& [name, text] :
         Pairs{{"fields", ""},           {"fields", "a,"},   {"fields", "a,a"},
               {"filter", ""},           {"filter", "a"},    {"filter", "=1"},
               {"filter", "a=\"x"},      {"filter", "a=1,"}, {"filter", "a=\"x\"y"},
               {"filter", "a!1"},        {"sort", ""},       {"sort", "-"},
               {"sort", "a,-a"},         {"limit", "0"},     {"limit", "500001"},
               {"limit", "1e1"},         {"points", "501"},  {"points", "0"},
               {"cursor", "not base64"}, {"cursor", "AAAA"}}) {
        EXPECT_NE(refusals(path, {{name, text}}), "") << name << '=' << text;
    }
}

TEST(Question, RefusesOptionsThatTheCardHasNot)
{
    auto plain = card();
    plain.query = {};
    const auto asked = question_of(plain, "/runs/7", {{"id", "7"}}, {{"limit", "1"}});
    EXPECT_TRUE(std::holds_alternative<std::vector<InvalidParam>>(asked));
}

TEST(Cursor, HoldsWhatItWasMadeOf)
{
    for (const CursorValues& values :
         {CursorValues{{"1"}}, CursorValues{{"a:b+-"}, std::nullopt, {""}},
          CursorValues{std::nullopt}}) {
        EXPECT_EQ(cursor_values(cursor_text(values)), values);
    }
    // "+1:1" in base64url
    EXPECT_EQ(cursor_text({{"1"}}), "KzE6MQ");
}

TEST(Cursor, IsOfTheSameSort)
{
    const Pairs path{{"id", "7"}};
    EXPECT_EQ(
        refusals(path, {{"sort", "a"}, {"limit", "1"}, {"cursor", cursor_text({{"1"}, {"2"}})}}),
        "");
    EXPECT_EQ(refusals(path, {{"limit", "1"}, {"cursor", cursor_text({{"1"}})}}), "");
    EXPECT_EQ(refusals(path, {{"sort", "a"}, {"limit", "1"}, {"cursor", cursor_text({{"1"}})}}),
              "cursor must be that of an answer with the same sort");
}

}  // namespace
}  // namespace gatehouse::on_demand
