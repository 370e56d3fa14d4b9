// Tables as bytes: they come back as they went, and what was damaged is told from them.
#include "sidecar/base/table_bytes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "sidecar/base/table_builder.h"

namespace gatehouse::sidecar {
namespace {

Text text_cell(std::string_view text)
{
    Text cell{};
    cell.length = static_cast<std::uint32_t>(text.size());
    if (text.size() <= Text::short_length) {
        std::memcpy(reinterpret_cast<char*>(&cell) + offsetof(Text, head), text.data(),
                    text.size());
    } else {
        std::memcpy(cell.head, text.data(), sizeof cell.head);
        cell.data = text.data();
    }
    return cell;
}

/// Three rows of every type that is kept; the second is NULL throughout.
Table sample()
{
    static const bool flags[] = {true, false, false};
    static const std::int64_t numbers[] = {-1, 0, std::int64_t{1} << 62};
    static const double doubles[] = {0.1, 0, NAN};
    static const std::int32_t dates[] = {-1, 0, 20'000};
    static const Text texts[] = {text_cell("short"), text_cell(""),
                                 text_cell("a text that is longer than twelve bytes")};
    static const std::uint64_t valid = 0b101;
    TableBuilder builder{{{"flag", {.id = TypeId::boolean}},
                          {"number", {.id = TypeId::int64}},
                          {"double", {.id = TypeId::float64}},
                          {"date", {.id = TypeId::date}},
                          {"time", {.id = TypeId::timestamp_us}},
                          {"text", {.id = TypeId::text}}}};
    std::vector<VectorView> views;
    for (const void* data : {static_cast<const void*>(flags), static_cast<const void*>(numbers),
                             static_cast<const void*>(doubles), static_cast<const void*>(dates),
                             static_cast<const void*>(numbers), static_cast<const void*>(texts)}) {
        views.push_back({data, &valid, 0, {}});
    }
    builder.append(views, 3);
    return std::move(builder).finish();
}

TEST(TableBytes, ComeBackAsTheyWent)
{
    const auto back = table_of(table_bytes(sample()));
    ASSERT_TRUE(back) << back.error().message;
    ASSERT_EQ(back->rows(), 3u);
    ASSERT_EQ(back->columns().size(), 6u);
    for (std::size_t column = 0; column < 6; ++column) {
        EXPECT_EQ(back->columns()[column].name, sample().columns()[column].name);
        EXPECT_EQ(back->columns()[column].type.id, sample().columns()[column].type.id);
        EXPECT_FALSE(back->vector(column).valid(1)) << column;
    }
    EXPECT_EQ(back->vector(0).cell<bool>(0), true);
    EXPECT_EQ(back->vector(1).cell<std::int64_t>(2), std::int64_t{1} << 62);
    EXPECT_EQ(back->vector(2).cell<double>(0), 0.1);
    EXPECT_TRUE(std::isnan(back->vector(2).cell<double>(2)));
    EXPECT_EQ(back->vector(3).cell<std::int32_t>(2), 20'000);
    EXPECT_EQ(back->vector(4).cell<std::int64_t>(0), -1);
    EXPECT_EQ(back->vector(5).cell<Text>(0).view(), "short");
    EXPECT_EQ(back->vector(5).cell<Text>(2).view(), "a text that is longer than twelve bytes");
}

TEST(TableBytes, KeepTheChosenRowsInTheirOrder)
{
    const std::uint64_t rows[] = {2, 0};
    const auto back = table_of(table_bytes(sample().select(rows)));
    ASSERT_TRUE(back);
    ASSERT_EQ(back->rows(), 2u);
    EXPECT_EQ(back->vector(3).cell<std::int32_t>(0), 20'000);
    EXPECT_EQ(back->vector(5).cell<Text>(1).view(), "short");
}

TEST(TableBytes, AreTheSameForTheSameTable)
{
    const auto bytes = table_bytes(sample());
    EXPECT_EQ(table_bytes(*table_of(bytes)).size(), bytes.size());
    EXPECT_EQ(bytes.substr(0, 8), "GTROWS01");
}

TEST(TableBytes, AreRefusedWhenTheyAreCutAnywhere)
{
    const auto bytes = table_bytes(sample());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(table_of({bytes.data(), size})) << size;
    }
}

TEST(TableBytes, DoNotReadBeyondThemselvesWhateverIsInThem)
{
    auto bytes = table_bytes(sample());
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (const char put : {'\0', '\x7F', '\xFF'}) {
            const char was = std::exchange(bytes[at], put);
            (void)table_of(bytes);
            bytes[at] = was;
        }
    }
}

}  // namespace
}  // namespace gatehouse::sidecar
