#include "sidecar/on_demand/variants.h"

#include <gtest/gtest.h>

namespace gatehouse::on_demand {
namespace {

Snapshot snapshot(const std::string& key, std::uint64_t generation)
{
    board::SnapshotSpec spec;
    const std::string name = "card " + key;
    spec.name = name;
    spec.path = key;
    spec.cache_control = "no-store";
    spec.generation = generation;
    spec.bodies.push_back({Format::json, Encoding::identity, "application/json", "[]"});
    auto memory = board::build_snapshot(spec);
    auto published =
        board::Published::open(std::make_shared<const SealedMemory>(std::move(*memory)));
    return *published;
}

class VariantsTest : public ::testing::Test {
protected:
    Variant& add(const std::string& key, std::uint64_t generation)
    {
        Variant& variant = variants_.ask("card", {key, {}, {}});
        variants_.set_snapshot(variant, snapshot(key, generation));
        variant.published = true;
        return variant;
    }

    std::string keys() const
    {
        std::string out;
        variants_.for_each([&](const Variant& variant) { out += variant.question.key + ' '; });
        return out;
    }

    std::string withdrawn_;
    Variants variants_{
        [this](const Variant& variant) { withdrawn_ += variant.question.key + ' '; }};
    const std::uint64_t size_ = snapshot("/a", 1)->view().total_size();
};

TEST_F(VariantsTest, WhoWasAskedForLongestAgoGoesFirst)
{
    variants_.set_bounds(3 * size_, 10);
    add("/a", 1);
    add("/b", 2);
    add("/c", 3);
    variants_.ask("card", {"/a", {}, {}});
    add("/d", 4);
    variants_.trim();
    EXPECT_EQ(keys(), "/d /a /c ");
    EXPECT_EQ(withdrawn_, "/b ");
    EXPECT_EQ(variants_.bytes(), 3 * size_);
}

TEST_F(VariantsTest, WhatAWorkerServedStays)
{
    variants_.set_bounds(100 * size_, 2);
    add("/a", 1);
    add("/b", 2);
    variants_.touch(1);
    variants_.touch(99);
    add("/c", 3);
    variants_.trim();
    EXPECT_EQ(keys(), "/c /a ");
}

TEST_F(VariantsTest, ThoseWithoutASnapshotCountAsWell)
{
    variants_.set_bounds(100 * size_, 2);
    variants_.ask("card", {"/a", {}, {}});
    variants_.ask("card", {"/b", {}, {}});
    variants_.ask("card", {"/c", {}, {}});
    variants_.trim();
    EXPECT_EQ(keys(), "/c /b ");
    EXPECT_EQ(withdrawn_, "");
}

TEST_F(VariantsTest, WhatIsBeingComputedIsNotDropped)
{
    variants_.set_bounds(100 * size_, 1);
    add("/a", 1).computing = true;
    add("/b", 2);
    variants_.trim();
    EXPECT_EQ(keys(), "/a ");
    variants_.drop_if([](const Variant&) { return true; });
    EXPECT_EQ(keys(), "/a ");
    EXPECT_EQ(variants_.find("/a")->snapshot, nullptr);
    EXPECT_EQ(variants_.bytes(), 0u);
    EXPECT_EQ(withdrawn_, "/b /a ");
}

TEST_F(VariantsTest, AnotherSnapshotTakesThePlaceOfTheOneBefore)
{
    variants_.set_bounds(100 * size_, 10);
    Variant& variant = add("/a", 1);
    variants_.set_snapshot(variant, snapshot("/a", 2));
    EXPECT_EQ(variants_.bytes(), size_);
    add("/b", 3);
    variants_.touch(1);  // no longer anybody's
    EXPECT_EQ(keys(), "/b /a ");
    variants_.touch(2);
    EXPECT_EQ(keys(), "/a /b ");
}

TEST_F(VariantsTest, WhatExpiresIsTakenFromWorkersAndKept)
{
    variants_.set_bounds(100 * size_, 10);
    add("/a", 1).fresh_until_ms = 1000;
    variants_.expire_if([](const Variant&) { return true; }, 500);
    EXPECT_EQ(withdrawn_, "/a ");
    const Variant& variant = *variants_.find("/a");
    EXPECT_NE(variant.snapshot, nullptr);
    EXPECT_FALSE(variant.published);
    EXPECT_EQ(variant.fresh_until_ms, 500);
    variants_.expire_if([](const Variant&) { return true; }, 600);
    EXPECT_EQ(withdrawn_, "/a ");
    EXPECT_EQ(variant.fresh_until_ms, 500);
}

}  // namespace
}  // namespace gatehouse::on_demand
