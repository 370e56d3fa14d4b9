#include "sidecar/sources/csv_plain.h"

#include <gtest/gtest.h>

namespace gatehouse::sources {
namespace {

std::optional<SqlColumns> plain(std::string_view text)
{
    return plain_columns(text, ',', '"');
}

TEST(CsvPlain, WholeNumbersDecimalsAndText)
{
    const SqlColumns expected{{"Time", "BIGINT"}, {"mean", "DOUBLE"}, {"who", "VARCHAR"}};
    EXPECT_EQ(plain("Time,mean,who\n0,1,alpha\n-1,-0.50,\n,2.25,\n"), expected);
    EXPECT_EQ(plain("Time,mean,who\r\n0,1.0,\xC3\x9C"
                    "bung\r\n"),
              expected);
    EXPECT_EQ(plain("Time,mean,who\n7,1.0,12 monkeys\n8,1.0,one"), expected);
}

TEST(CsvPlain, AnExponentIsADecimalNumberButForWholeOnes)
{
    const SqlColumns expected{{"n", "DOUBLE"}};
    EXPECT_EQ(plain("n\n1.5\n1e-05\n-2.5E+10\n3\n"), expected);
    EXPECT_EQ(plain("n\n1e5\n2.5e-01\n"), expected);
    EXPECT_FALSE(plain("n\n1\n1e5\n"));
}

TEST(CsvPlain, LeavesWhatIsDoubtful)
{
    for (const char* cell :
         {"2024-01-01", "10:00", "true",  "T",    "no",  "NaN", "inf", "-Infinity",
          "epoch",      "1e555", "1e",    ".5",   "5.",  "007", "-01", "+5",
          " 5",         "5 ",    "1_000", "0x10", "12%", "-",   "ab",  "1234567890123456789",
          "NULL",       "",      "1.2.3"}) {
        EXPECT_FALSE(plain(std::string("n\n") + cell + "\n")) << cell;
        EXPECT_FALSE(plain(std::string("n,t\n1.5,one\n") + cell + ",two\n") && *cell != '\0')
            << cell;
    }
}

TEST(CsvPlain, LeavesAnotherShape)
{
    EXPECT_FALSE(plain(""));
    EXPECT_FALSE(plain("n\n"));            // no row
    EXPECT_FALSE(plain("a,b\n1\n"));       // a field too few
    EXPECT_FALSE(plain("a,b\n1,2,3\n"));   // one too many
    EXPECT_FALSE(plain("a\n1\n\n2\n"));    // an empty line
    EXPECT_FALSE(plain("a\n\"1\"\n"));     // a quote
    EXPECT_FALSE(plain("a,A\n1,2\n"));     // a name twice, to SQL
    EXPECT_FALSE(plain("a,\n1,2\n"));      // no name
    EXPECT_FALSE(plain(" a\n1\n"));        // a padded one
    EXPECT_FALSE(plain("a\r\n1\n2\r\n"));  // lines that end differently
    EXPECT_FALSE(plain("a\n1\r\n2\n"));
    EXPECT_FALSE(plain("a\r1\r2\r"));
}

TEST(CsvPlain, RowsAreWhatTheFieldsSay)
{
    const auto table =
        plain_table("n,x,who\r\n-7,0.1,alpha\r\n,,\r\n12,1e-05,12 monkeys at once\r\n", ',', '"');
    ASSERT_TRUE(table);
    ASSERT_EQ(table->rows(), 3u);
    EXPECT_EQ(table->columns()[2].name, "who");
    EXPECT_EQ(table->vector(0).cell<std::int64_t>(0), -7);
    EXPECT_EQ(table->vector(1).cell<double>(0), 0.1);
    EXPECT_EQ(table->vector(2).cell<sidecar::Text>(0).view(), "alpha");
    for (std::size_t column = 0; column < 3; ++column) {
        EXPECT_FALSE(table->vector(column).valid(1));
    }
    EXPECT_EQ(table->vector(0).cell<std::int64_t>(2), 12);
    EXPECT_EQ(table->vector(1).cell<double>(2), 0.00001);
    EXPECT_EQ(table->vector(2).cell<sidecar::Text>(2).view(), "12 monkeys at once");
}

TEST(CsvPlain, LeavesWhatIsNoUtf8)
{
    EXPECT_TRUE(plain("a\n\xC3\xA4rger\n"));
    EXPECT_FALSE(plain("a\n\xE4rger\n"));
}

}  // namespace
}  // namespace gatehouse::sources
