#include "sidecar/sources/csv_text.h"

#include <gtest/gtest.h>

namespace gatehouse::sources {
namespace {

TEST(CsvText, GuessesTheDelimiterFromTheFirstLine)
{
    EXPECT_EQ(guess_delimiter("a,b;c,d\n;;;;", '"'), ',');
    EXPECT_EQ(guess_delimiter("a;b;c\n", '"'), ';');
    EXPECT_EQ(guess_delimiter("a\tb", '"'), '\t');
    EXPECT_EQ(guess_delimiter("a|b|c", '"'), '|');
    EXPECT_EQ(guess_delimiter("\"a;b;c;d\",e", '"'), ',');
    EXPECT_EQ(guess_delimiter("alone\n", '"'), ',');
    EXPECT_EQ(guess_delimiter("", '"'), ',');
}

TEST(CsvText, TellsUtf16FromNulBytes)
{
    EXPECT_FALSE(not_text("a,b\n1,2\n"));
    EXPECT_FALSE(not_text(""));
    EXPECT_EQ(*not_text({"\xff\xfe"
                         "a\0",
                         4}),
              "is UTF-16; say so with \"encoding\": \"utf-16\"");
    EXPECT_EQ(*not_text({"a\0,\0b\0\n\0", 8}), "is UTF-16; say so with \"encoding\": \"utf-16\"");
    EXPECT_NE(not_text({"a,b\n1,\0\n3,4\n5,6\n", 16})->find("NUL byte in line 2"),
              std::string::npos);
    EXPECT_NE(not_text(std::string(1000, '\0'))->find("NUL byte in line 1"), std::string::npos);
}

TEST(CsvText, TellsTheByteOrder)
{
    EXPECT_TRUE(is_big_endian_utf16({"\xfe\xff\0a", 4}));
    EXPECT_TRUE(is_big_endian_utf16({"\0a\0b\0\n", 6}));
    EXPECT_FALSE(
        is_big_endian_utf16({"\xff\xfe"
                             "a\0b\0",
                             6}));
    EXPECT_FALSE(is_big_endian_utf16(""));
}

TEST(CsvText, ReadsRecords)
{
    CsvRecords records("a,\"b \"\"c\"\"\"\r\n\n\"x\ny\",,z\nlast", {});
    ASSERT_TRUE(records.next());
    EXPECT_EQ(records.values(), (std::vector<std::string>{"a", "b \"c\""}));
    EXPECT_EQ(records.line(), 1u);
    ASSERT_TRUE(records.next());
    EXPECT_EQ(records.values(), (std::vector<std::string>{"x\ny", "", "z"}));
    EXPECT_EQ(records.line(), 3u);
    EXPECT_TRUE(records.ended());
    ASSERT_TRUE(records.next());
    EXPECT_EQ(records.line(), 5u);
    EXPECT_FALSE(records.ended());
    EXPECT_FALSE(records.next());
}

TEST(CsvText, FindsTheFirstRaggedRecord)
{
    EXPECT_FALSE(first_ragged("a,b\n1,2\n", {}, 0));
    EXPECT_FALSE(first_ragged("", {}, 0));
    const auto ragged = first_ragged("made today\na,b\n1,\"2\n\"\n3\n", {}, 1);
    ASSERT_TRUE(ragged);
    EXPECT_EQ(ragged->line, 5u);
    EXPECT_EQ(ragged->fields, 1u);
    EXPECT_EQ(ragged->expected, 2u);
}

TEST(CsvText, ARecordThatIsCutOffIsNotRagged)
{
    EXPECT_FALSE(first_ragged("a,b\n1,2\n3", {}, 0));
}

TEST(CsvText, FindsLongLines)
{
    EXPECT_EQ(first_longer_line("a\nbb\nccc\n", 2), 3u);
    EXPECT_EQ(first_longer_line("a\nbbb", 2), 2u);
    EXPECT_FALSE(first_longer_line("a\nbb\n\n", 2));
    EXPECT_FALSE(first_longer_line("", 0));
}

TEST(CsvText, OtherDialects)
{
    CsvRecords records("'it\\'s;x';2\n", {';', '\'', '\\'});
    ASSERT_TRUE(records.next());
    EXPECT_EQ(records.values(), (std::vector<std::string>{"it's;x", "2"}));
    EXPECT_EQ(records.fields(), 2u);
}

}  // namespace
}  // namespace gatehouse::sources
