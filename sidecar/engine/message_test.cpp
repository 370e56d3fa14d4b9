#include "sidecar/engine/message.h"

#include <gtest/gtest.h>

namespace gatehouse::engine {
namespace {

// The messages are DuckDB 1.4.4's.

TEST(Message, KeepsCandidatesAndDropsTheQuery)
{
    const std::string message =
        "Binder Error: Referenced column \"Tim\" not found in FROM clause!\n"
        "Candidate bindings: \"Time\"\n\nLINE 2: from s where Tim > 1\n                 ^";
    EXPECT_EQ(one_line(message),
              "Referenced column \"Tim\" not found in FROM clause; Candidate bindings: \"Time\"");
    EXPECT_EQ(place_in_sql(message), " (line 2 of the SQL)");
}

TEST(Message, NamesFileLineAndReasonOfACsvError)
{
    EXPECT_EQ(one_line("Invalid Input Error: CSV Error on Line: 30002\n"
                       "Original Line: 7\nExpected Number of Columns: 2 Found: 1\n"
                       "Possible fixes:\n* Enable null padding (null_padding=true)\n\n"
                       "  file = /data/a.csv\n  delimiter = , (Auto-Detected)\n"),
              "/data/a.csv: line 30002: Expected Number of Columns: 2 Found: 1");
}

TEST(Message, QuotesNoRecordHoweverManyLinesItHas)
{
    EXPECT_EQ(one_line("Invalid Input Error: CSV Error on Line: 2\n"
                       "Original Line: 7,\"open\n1,1\n\n2,2\n"
                       "Value with unterminated quote found.\n\n"
                       "Possible Solution: Disable the parser's strict mode\n\n"
                       "  file = /data/a.csv\n"),
              "/data/a.csv: line 2: a quote is opened and never closed");
}

TEST(Message, SaysHowToStateAnEncoding)
{
    EXPECT_EQ(one_line("Invalid Input Error: CSV Error on Line: 2\nOriginal Line: Time,a\n"
                       "Invalid unicode (byte sequence mismatch) detected. This file is not utf-8 "
                       "encoded.\n\nPossible Solution: Set the correct encoding\n\n"
                       "  file = /data/a.csv\n"),
              "/data/a.csv: line 2: is not UTF-8; state its \"encoding\", such as \"latin-1\"");
}

TEST(Message, IsBoundedAndHasNoControlCharacters)
{
    const std::string text = one_line("Parser Error: a\tb " + std::string(2000, 'x'));
    EXPECT_EQ(text.substr(0, 4), "a b ");
    EXPECT_LT(text.size(), 620u);
    std::string cut;
    for (int i = 0; i < 400; ++i) {
        cut += "é";
    }
    EXPECT_EQ(one_line(" " + cut).size() % 2, 1u) << "the ellipsis has three bytes, é has two";
}

TEST(Message, SurvivesAnything)
{
    EXPECT_EQ(one_line(""), "");
    EXPECT_EQ(one_line("\n\n"), "");
    EXPECT_EQ(one_line("CSV Error on Line: 1"), "line 1: CSV Error on Line: 1");
    EXPECT_EQ(place_in_sql("no place"), "");
}

TEST(Message, MissingTable)
{
    EXPECT_EQ(missing_table("Catalog Error: Table with name st does not exist!\nDid you mean"),
              "st");
    EXPECT_EQ(missing_table("Catalog Error: Scalar Function with name f does not exist!"), "");
}

}  // namespace
}  // namespace gatehouse::engine
