#include <gtest/gtest.h>

#include "sidecar/config/test_files.h"

namespace gatehouse::config {
namespace {

class Substitute : public ::testing::Test, protected TestFiles {
protected:
    /// The value of "group" after substitution.
    std::string value(const std::string& text)
    {
        const auto config = load_text("{\"link\": {\"group\": \"" + text + "\"}}");
        return config ? config->link.group : findings();
    }
};

TEST_F(Substitute, Variables)
{
    environment_ = {{"NAME", "n"}, {"EMPTY", ""}};
    EXPECT_EQ(value("${NAME}"), "n");
    EXPECT_EQ(value("a-${NAME}-${NAME}"), "a-n-n");
    EXPECT_EQ(value("${NAME:-x}"), "n");
    EXPECT_EQ(value("${NONE:-x}"), "x");
    EXPECT_EQ(value("${EMPTY:-x}"), "x");
    EXPECT_EQ(value("a${EMPTY}"), "a");
    EXPECT_EQ(value("a${NONE:-}"), "a");
    EXPECT_EQ(value("${NONE:-${NAME}}"), "n");
    EXPECT_EQ(value("${NONE:-${ALSO:-a}b}c"), "abc");
}

TEST_F(Substitute, DollarSigns)
{
    environment_ = {{"V", "$$ ${V}"}};
    EXPECT_EQ(value("$$"), "$");
    EXPECT_EQ(value("$${V}"), "${V}");
    EXPECT_EQ(value("$1 a$ $"), "$1 a$ $");
    EXPECT_EQ(value("${V}"), "$$ ${V}");  // what a variable holds is not read again
}

TEST_F(Substitute, MistakesPointAtTheVariable)
{
    EXPECT_EQ(value("ab ${NONE}"),
              "main.json:1:24: error: the environment variable \"NONE\" is not set\n");
    EXPECT_EQ(value("${NONE:?say where}"),
              "main.json:1:21: error: the environment variable \"NONE\": say where\n");
    EXPECT_EQ(value("${NONE"),
              "main.json:1:21: error: \"${\" is not closed; write \"$${\" for the characters "
              "themselves\n");
    for (const char* text : {"${}", "${1A}", "${A-b}", "${A B}", "${A:}", "${A:+x}"}) {
        EXPECT_NE(value(text).find("error: not a variable: "), std::string::npos) << text;
    }
    std::string nested = "x";
    for (int i = 0; i < 20; ++i) {
        nested.insert(0, "${A:-").append("}");
    }
    EXPECT_NE(value(nested).find("nested deeper than 8 levels"), std::string::npos);
    EXPECT_EQ(diagnostics_.list.at(0).pointer, "/link/group");
}

TEST_F(Substitute, NumbersAndBooleansWhereTheSchemaWantsThem)
{
    environment_ = {{"N", "4"}, {"T", "true"}, {"BAD", "4x"}};
    const auto config = load_text(R"({"engine": {"threads": "${N}", "workers": "${W:-3}"},
        "sources": {"s": {"kind": "csv", "path": "x", "header": "${T}"}}})");
    ASSERT_TRUE(config) << findings();
    EXPECT_EQ(config->engine.threads, 4u);
    EXPECT_EQ(config->engine.workers, 3u);
    EXPECT_EQ(config->sources.at("s").csv.header, true);
    EXPECT_EQ(findings_of(R"({"engine": {"threads": "${BAD}", "workers": "4"}})"),
              "main.json:1:24: error: \"threads\": expected an integer, got \"4x\"\n"
              "main.json:1:45: error: \"workers\": expected an integer, got \"4\"\n");
    EXPECT_EQ(findings_of(R"({"engine": {"threads": "${N}99"}})"),
              "main.json:1:24: error: \"threads\": 499 is more than 256\n");
}

TEST_F(Substitute, FilesAreReadAndNeverShown)
{
    write("secret", "s3cret\r\n");
    EXPECT_EQ(value("${file:secret}"), "s3cret");
    EXPECT_EQ(value("${file:" + path("secret") + "}"), "s3cret");
    const auto config =
        load_text(R"({"link": {"group": "${file:secret}", "users": ["a", "${file:secret}"]}})");
    ASSERT_TRUE(config);
    EXPECT_EQ(config->secrets, (std::set<std::string>{"/link/group", "/link/users/1"}));
    const std::string shown = dump(*config);
    EXPECT_EQ(shown.find("s3cret"), std::string::npos);
    EXPECT_NE(shown.find("\"group\": \"•••\""), std::string::npos) << shown;
    EXPECT_EQ(findings_of(R"({"board": {"memory_limit": "${file:secret}"}})"),
              "main.json:1:28: error: \"memory_limit\": ••• is not valid\n");
    EXPECT_EQ(
        findings_of(
            R"({"log": {"level": "${file:secret}"}, "engine": {"threads": "${file:secret}"}})"),
        "main.json:1:19: error: \"level\": ••• is not one of \"debug\", \"info\", \"warn\", "
        "\"warning\", \"error\", \"DEBUG\", \"INFO\", \"WARNING\", \"ERROR\"\n"
        "main.json:1:60: error: \"threads\": expected an integer, got •••\n");
}

TEST_F(Substitute, FilesThatCannotBeRead)
{
    EXPECT_EQ(value("${file:none}"),
              "main.json:1:21: error: cannot read \"none\": No such file or directory\n");
    EXPECT_EQ(value("${file:.}"), "main.json:1:21: error: cannot read \".\": is a directory\n");
    write("large", std::string((64u << 10) + 1, 'x'));
    EXPECT_EQ(value("${file:large}"),
              "main.json:1:21: error: cannot read \"large\": larger than 64k\n");
    write("binary", std::string("a\0b", 3));
    EXPECT_NE(value("${file:binary}").find("not UTF-8 text"), std::string::npos);
    write("latin", "\xe4");
    EXPECT_NE(value("${file:latin}").find("not UTF-8 text"), std::string::npos);
}

TEST_F(Substitute, NotInKeysAndComments)
{
    EXPECT_EQ(findings_of(R"({"$comment": "${NONE}", "link": {"$comment": ["${NONE}"]}})"), "");
    EXPECT_EQ(findings_of(R"({"${NONE}": 1})"), "main.json:1:2: error: unknown key \"${NONE}\"\n");
}

}  // namespace
}  // namespace gatehouse::config
