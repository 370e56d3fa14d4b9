#include "src/board/card_paths.h"

#include <gtest/gtest.h>

#include <random>

#include "src/board/test_cards.h"

namespace gatehouse::board {
namespace {

std::string joined(std::initializer_list<std::string_view> parts)
{
    std::string text;
    for (const auto part : parts) {
        text += part;
    }
    return text;
}

class Table {
public:
    explicit Table(std::vector<CardPathSpec> cards) : memory_(build_card_paths(std::move(cards)))
    {
        EXPECT_TRUE(memory_) << (memory_ ? "" : memory_.error().message);
        if (memory_) {
            paths_ = CardPaths::open(memory_->bytes());
            EXPECT_TRUE(paths_);
        }
    }

    const CardPaths& operator*() const { return *paths_; }

    std::string match(std::string_view path) const
    {
        const auto row = paths_->match(path);
        return row == no_row ? "-" : std::string{(**this)[row].card};
    }

    std::span<const std::byte> bytes() const { return memory_->bytes(); }

private:
    Result<SealedMemory> memory_;
    Result<CardPaths> paths_{Error{}};
};

CardPathSpec card(std::string name, std::string pattern)
{
    return {std::move(name), std::move(pattern), {}, {}};
}

std::string flaw(std::vector<CardPathSpec> cards)
{
    const auto built = build_card_paths(std::move(cards));
    return built ? "" : built.error().message;
}

TEST(CardPaths, TellWhatACardNeeds)
{
    const Table table{{{"charts", "/api/runs/{id}/charts", {"from", "limit"}, "read admin"},
                       {"latest", "/api/latest", {}, "", 0}}};
    const auto row = (*table).match("/api/runs/7/charts");
    ASSERT_NE(row, no_row);
    const auto found = (*table)[row];
    EXPECT_EQ(found.card, "charts");
    EXPECT_EQ(found.pattern, "/api/runs/{id}/charts");
    EXPECT_EQ(found.query, "from limit");
    EXPECT_EQ(found.require, "read admin");
    EXPECT_TRUE(found.on_demand());
    EXPECT_FALSE((*table)[(*table).match("/api/latest")].on_demand());
    EXPECT_TRUE((*table).checksum_matches());
}

TEST(CardPaths, MatchWholeSegments)
{
    const Table table{{card("c", "/api/runs/{id}/charts"), card("r", "/runs/{a}/{b}"),
                       card("slash", "/slash/"), card("u", "/\xC3\xBC/{x}")}};
    EXPECT_EQ(table.match("/api/runs/7/charts"), "c");
    EXPECT_EQ(table.match("/api/runs/{id}/charts"), "c");
    EXPECT_EQ(table.match("/api/runs/a b?c%/charts"), "c");
    EXPECT_EQ(table.match("/api/runs//charts"), "-");
    EXPECT_EQ(table.match("/api/runs/charts"), "-");
    EXPECT_EQ(table.match("/api/runs/7/8/charts"), "-");
    EXPECT_EQ(table.match("/api/runs/7/charts/"), "-");
    EXPECT_EQ(table.match("/api/runs/7/chart"), "-");
    EXPECT_EQ(table.match("/api/runs/7"), "-");
    EXPECT_EQ(table.match("/runs/1/2"), "r");
    EXPECT_EQ(table.match("/runs/1/"), "-");
    EXPECT_EQ(table.match("/slash/"), "slash");
    EXPECT_EQ(table.match("/slash"), "-");
    EXPECT_EQ(table.match("/\xC3\xBC/1"), "u");
    EXPECT_EQ(table.match("/"), "-");
    EXPECT_EQ(table.match(""), "-");
    EXPECT_EQ(table.match("api/runs/7/charts"), "-");
    EXPECT_EQ(table.match(std::string(100'000, '/')), "-");
}

TEST(CardPaths, OfNoCardsMatchNothing)
{
    EXPECT_EQ(CardPaths{}.match("/a"), no_row);
    EXPECT_TRUE(CardPaths{}.checksum_matches());
    const Table table{{}};
    EXPECT_EQ(table.match("/"), "-");
    EXPECT_EQ((*table).size(), 0U);
}

TEST(CardPaths, TheMoreLiteralWins)
{
    std::vector<CardPathSpec> cards{card("any", "/{x}/{y}/{z}"), card("first", "/a/{y}/{z}"),
                                    card("two", "/{x}/b/c"),     card("ends", "/a/{y}/c"),
                                    card("exact", "/a/b/c"),     card("last", "/{x}/{y}/c"),
                                    card("middle", "/{x}/b/{z}")};
    std::mt19937 random{1};
    for (int i = 0; i < 20; ++i) {
        std::shuffle(cards.begin(), cards.end(), random);
        const Table table{cards};
        EXPECT_EQ(table.match("/a/b/c"), "exact");
        EXPECT_EQ(table.match("/a/q/c"), "ends");   // two literals, the earlier one first
        EXPECT_EQ(table.match("/q/b/c"), "two");    // two literals before one
        EXPECT_EQ(table.match("/a/b/q"), "first");  // one each: the earlier one
        EXPECT_EQ(table.match("/q/b/q"), "middle");
        EXPECT_EQ(table.match("/q/q/c"), "last");
        EXPECT_EQ(table.match("/q/q/q"), "any");
    }
}

/// Compares with path_parameters, which walks a pattern, over random patterns of a small alphabet.
TEST(CardPaths, FindTheFirstOfAllThatMatch)
{
    std::mt19937 random{2};
    const auto pick = [&](std::initializer_list<std::string_view> from) {
        return std::string{from.begin()[random() % from.size()]};
    };
    for (int round = 0; round < 50; ++round) {
        std::map<std::string, CardPathSpec> by_shape;
        for (int i = 0; i < 40; ++i) {
            std::string pattern;
            for (auto left = 1 + random() % 4; left > 0; --left) {
                const auto segment = pick({"a", "b", "longer-than-eight", "", "{}"});
                pattern += segment == "{}" ? joined({"/{p", std::to_string(left), "}"})
                                           : joined({"/", segment});
            }
            by_shape.emplace(pattern, card(pattern, pattern));
        }
        std::vector<CardPathSpec> cards;
        for (const auto& [pattern, spec] : by_shape) {
            cards.push_back(spec);
        }
        const Table table{cards};
        for (int i = 0; i < 200; ++i) {
            std::string path;
            for (auto left = 1 + random() % 4; left > 0; --left) {
                path += joined(
                    {"/", pick({"a", "b", "c", "longer-than-eight", "longer-than-nine", ""})});
            }
            std::uint32_t expected = no_row;
            for (std::uint32_t row = 0; row < (*table).size() && expected == no_row; ++row) {
                expected = path_parameters((*table)[row].pattern, path) ? row : no_row;
            }
            EXPECT_EQ((*table).match(path), expected) << path;
        }
    }
}

TEST(CardPaths, ManyOfThemAreFound)
{
    std::vector<CardPathSpec> cards;
    for (int i = 0; i < 5000; ++i) {
        cards.push_back(
            card(joined({"c", std::to_string(i)}), joined({"/api/", std::to_string(i), "/{id}"})));
    }
    const Table table{cards};
    for (int i = 0; i < 5000; ++i) {
        EXPECT_EQ(table.match(joined({"/api/", std::to_string(i), "/x"})),
                  joined({"c", std::to_string(i)}));
    }
    EXPECT_EQ(table.match("/api/5000/x"), "-");
}

TEST(CardPaths, RefuseBadPatterns)
{
    const auto refuses = [](const std::string& pattern, const std::string& why) {
        EXPECT_NE(flaw({card("c", pattern)}).find(why), std::string::npos)
            << pattern << ": " << flaw({card("c", pattern)});
    };
    refuses("", "does not begin with '/'");
    refuses("a", "does not begin with '/'");
    refuses("/a\n", "control characters");
    refuses("/a\xFF", "not UTF-8");
    refuses(joined({"/", std::string(1024, 'a')}), "longer than 1024");
    refuses("/{a}/{b}/{a}", "has {a} more than once");
    refuses("/x{a}", "whole segment");
    refuses("/{a}.csv", "whole segment");
    refuses("/{}", "whole segment");
    refuses("/{a{b}}", "whole segment");
    refuses("/}", "whole segment");
    std::string deep;
    for (int i = 0; i < 33; ++i) {
        deep += "/a";
    }
    refuses(deep, "more than 32 segments");
    EXPECT_EQ(flaw({card("c", deep.substr(2))}), "");
    EXPECT_NE(flaw({card("", "/a")}), "");
    EXPECT_NE(flaw({{"c", "/a", {"x\n"}, ""}}), "");
    EXPECT_NE(flaw({{"c", "/a", {}, "re\x01d"}}), "");
}

TEST(CardPaths, RefuseTwoOfTheSamePaths)
{
    const auto message = flaw({card("one", "/a/{x}"), card("other", "/a/{y}")});
    EXPECT_NE(message.find("\"one\""), std::string::npos) << message;
    EXPECT_NE(message.find("\"other\""), std::string::npos) << message;
    EXPECT_NE(flaw({card("one", "/a"), card("other", "/a")}), "");
    EXPECT_EQ(flaw({card("one", "/a/{x}"), card("other", "/{x}/a")}), "");
    EXPECT_NE(flaw(std::vector<CardPathSpec>(most_card_paths + 1)), "");
}

TEST(CardPaths, RefuseWhatIsNoTable)
{
    const Table table{{card("a", "/a/{x}"), card("b", "/b")}};
    test::Bytes good{table.bytes()};
    ASSERT_TRUE(CardPaths::open(good.span()));
    for (std::size_t size = 0; size < table.bytes().size(); ++size) {
        EXPECT_FALSE(CardPaths::open(table.bytes().first(size))) << size;
    }
    const auto refused = [&](std::size_t offset, auto value) {
        test::Bytes bytes{table.bytes()};
        bytes.put(offset, value);
        return !CardPaths::open(bytes.span());
    };
    EXPECT_TRUE(refused(0, std::uint64_t{1}));
    EXPECT_TRUE(refused(offsetof(CardPathsHeader, version), std::uint32_t{2}));
    EXPECT_TRUE(refused(offsetof(CardPathsHeader, header_size), std::uint32_t{72}));
    for (const auto count :
         {offsetof(CardPathsHeader, row_count), offsetof(CardPathsHeader, node_count),
          offsetof(CardPathsHeader, slot_count), offsetof(CardPathsHeader, text_size)}) {
        EXPECT_TRUE(refused(count, std::uint32_t{0}));
        EXPECT_TRUE(refused(count, std::uint32_t{0xffff'ffff}));
    }
    constexpr std::size_t row = sizeof(CardPathsHeader);
    EXPECT_TRUE(refused(row + offsetof(CardPathRow, card), PathText{0xffff'ffff, 1}));
    EXPECT_TRUE(refused(row + offsetof(CardPathRow, card), PathText{0, 0}));
    EXPECT_TRUE(refused(row + offsetof(CardPathRow, query), PathText{0, 0xffff'ffff}));
    constexpr std::size_t node = row + 2 * sizeof(CardPathRow);
    EXPECT_TRUE(refused(node + offsetof(PathNode, any_child), std::uint32_t{1}));  // a literal one
    EXPECT_TRUE(refused(node + offsetof(PathNode, any_child), std::uint32_t{99}));
    EXPECT_TRUE(
        refused(node + offsetof(PathNode, slot_mask), std::uint32_t{2}));  // no power of two
    EXPECT_TRUE(refused(node + offsetof(PathNode, slot_mask), std::uint32_t{0xffff'ffff}));
    EXPECT_TRUE(refused(node + offsetof(PathNode, first_slot), std::uint32_t{0xffff'ffff}));
    EXPECT_TRUE(refused(node + offsetof(PathNode, row), std::uint32_t{2}));
    EXPECT_TRUE(refused(node + sizeof(PathNode) + offsetof(PathNode, parent), std::uint32_t{1}));
    test::Bytes control{table.bytes()};
    control.data()[table.bytes().size() - 1] = std::byte{'\n'};
    EXPECT_FALSE(CardPaths::open(control.span()));
}

TEST(PathParameters, AreTheSegmentsOfThePath)
{
    EXPECT_EQ(path_parameters("/r/{id}/{b}", "/r/7/x y"),
              (std::vector<PathParameter>{{"id", "7"}, {"b", "x y"}}));
    EXPECT_EQ(path_parameters("/r", "/r"), std::vector<PathParameter>{});
    EXPECT_EQ(path_parameters("/r/{id}", "/r/"), std::nullopt);
    EXPECT_EQ(path_parameters("/r/{id}", "/r"), std::nullopt);
    EXPECT_EQ(path_parameters("/r/{id}", "/r/1/2"), std::nullopt);
    EXPECT_EQ(path_parameters("/r", "/q"), std::nullopt);
    EXPECT_EQ(path_parameters("/r", ""), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::board
