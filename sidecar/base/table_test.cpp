#include "sidecar/base/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "sidecar/base/table_builder.h"

namespace gatehouse::sidecar {
namespace {

using ::testing::ElementsAre;

Text text(std::string_view value)
{
    Text cell{};
    cell.length = static_cast<std::uint32_t>(value.size());
    if (value.size() <= Text::short_length) {
        std::memcpy(reinterpret_cast<char*>(&cell) + 4, value.data(), value.size());
    } else {
        std::memcpy(cell.head, value.data(), 4);
        cell.data = value.data();
    }
    return cell;
}

TEST(TableBuilder, CopiesTexts)
{
    TableBuilder builder({{"t", Type{.id = TypeId::text}}});
    std::string longer = "longer than twelve bytes";
    for (int i = 0; i < 3; ++i) {
        std::vector<Text> cells{text("short"), text(longer), text("")};
        const VectorView view{cells.data(), nullptr, 0, {}};
        builder.append({&view, 1}, cells.size());
    }
    longer.assign(longer.size(), '#');
    EXPECT_EQ(builder.rows(), 9u);
    EXPECT_EQ(builder.bytes(), 9 * sizeof(Text) + 3 * longer.size());
    const Table table = std::move(builder).finish();
    EXPECT_EQ(table.vector(0).cell<Text>(3).view(), "short");
    EXPECT_EQ(table.vector(0).cell<Text>(7).view(), "longer than twelve bytes");
    EXPECT_EQ(table.vector(0).cell<Text>(8).view(), "");
}

TEST(TableBuilder, JoinsValidityAcrossBatches)
{
    TableBuilder builder({{"n", Type{.id = TypeId::int32}}});
    const std::vector<std::int32_t> cells(70, 7);
    const std::vector<std::uint64_t> odd(2, 0xaaaaaaaaaaaaaaaa);
    const VectorView all{cells.data(), nullptr, 0, {}};
    const VectorView some{cells.data(), odd.data(), 0, {}};
    builder.append({&all, 1}, 70);
    builder.append({&some, 1}, 3);
    builder.append({&all, 1}, 70);
    const Table table = std::move(builder).finish();
    const Vector& vector = table.vector(0);
    for (std::uint64_t row = 0; row < 143; ++row) {
        EXPECT_EQ(vector.valid(row), row != 70 && row != 72) << row;
    }
}

TEST(TableBuilder, MovesListEntriesOn)
{
    const Type list{.id = TypeId::list, .children = {Type{.id = TypeId::int32}}};
    TableBuilder builder({{"l", list}});
    const std::vector<std::int32_t> items{1, 2, 3};
    const std::vector<ListEntry> entries{{0, 2}, {2, 1}};
    const VectorView view{entries.data(), nullptr, 3, {{items.data(), nullptr, 0, {}}}};
    builder.append({&view, 1}, 2);
    builder.append({&view, 1}, 2);
    const Table table = std::move(builder).finish();
    EXPECT_EQ(table.vector(0).cell<ListEntry>(2).offset, 3u);
    EXPECT_EQ(table.vector(0).cell<ListEntry>(3).offset, 5u);
    EXPECT_EQ(table.vector(0).children[0].cell<std::int32_t>(5), 3);
}

TEST(Table, SelectsWhatWasSelected)
{
    const Table table = Table::of_numbers({"x", "y"}, {{0, 1, 2, 3}, {9, 8, 7, 6}});
    EXPECT_EQ(table.column_named("y"), 1u);
    EXPECT_FALSE(table.column_named("z"));
    const std::vector<std::uint64_t> last_three{1, 2, 3};
    const std::vector<std::uint64_t> ends{0, 2};
    const Table selected = table.select(last_three).select(ends);
    EXPECT_EQ(selected.rows(), 2u);
    EXPECT_THAT(*selected.numbers(1), ElementsAre(8, 6));
    EXPECT_EQ(table.select({}).rows(), 0u);
}

template <class Cell>
Table of(Type type, std::vector<Cell> cells, const std::uint64_t* validity = nullptr)
{
    TableBuilder builder({{"c", std::move(type)}});
    const VectorView view{cells.data(), validity, 0, {}};
    builder.append({&view, 1}, cells.size());
    return std::move(builder).finish();
}

TEST(Table, NumbersOfEveryKind)
{
    EXPECT_THAT(*of<std::int8_t>({.id = TypeId::int8}, {-1}).numbers(0), ElementsAre(-1));
    EXPECT_THAT(*of<std::uint64_t>({.id = TypeId::uint64}, {1}).numbers(0), ElementsAre(1));
    EXPECT_THAT(*of<Int128>({.id = TypeId::int128}, {{~0ull, -1}, {0, 1}}).numbers(0),
                ElementsAre(-1, 0x1p64));
    EXPECT_THAT(
        *of<std::int64_t>({.id = TypeId::decimal, .storage = TypeId::int64, .scale = 2}, {-105})
             .numbers(0),
        ElementsAre(-1.05));
    EXPECT_THAT(*of<std::int32_t>({.id = TypeId::date}, {2}).numbers(0), ElementsAre(172'800));
    EXPECT_THAT(*of<std::int64_t>({.id = TypeId::timestamp_ms}, {1'500}).numbers(0),
                ElementsAre(1.5));
    const std::uint64_t second = 2;
    EXPECT_TRUE(std::isnan((*of<double>({.id = TypeId::float64}, {1, 2}, &second).numbers(0))[0]));
    EXPECT_EQ(of<Text>({.id = TypeId::text}, {text("x")}).numbers(0).error().message,
              "column \"c\" is VARCHAR, not a number");
}

}  // namespace
}  // namespace gatehouse::sidecar
