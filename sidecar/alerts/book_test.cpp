#include "sidecar/alerts/book.h"

#include <gtest/gtest.h>

namespace gatehouse::alerts {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;

config::AlertRule rule(const std::string& name, milliseconds pending = milliseconds{0},
                       milliseconds keep_firing = milliseconds{0})
{
    config::AlertRule rule;
    rule.name = name;
    rule.on = "check";
    rule.pending = pending;
    rule.keep_firing = keep_firing;
    return rule;
}

config::AlertReceiver receiver(const std::string& name, milliseconds repeat = minutes{60})
{
    config::AlertReceiver receiver;
    receiver.name = name;
    receiver.repeat = repeat;
    return receiver;
}

Evaluation found(Holds holds, const std::string& target = "db")
{
    return {{{target, holds, 1.0, "it is down"}}};
}

std::string phases(const Book& book)
{
    std::string text;
    for (const auto* alert : book.list()) {
        text +=
            (text.empty() ? "" : " ") + alert->target + ':' + std::string{name_of(alert->phase)};
    }
    return text;
}

/// What is due, as `target:phase`; and tells it.
std::string tell(Book& book, const config::AlertReceiver& to,
                 const std::map<std::string, config::AlertRule>& rules, std::int64_t now,
                 const std::vector<Silence>& silences = {})
{
    std::string text;
    for (const auto& due : book.due(to, rules, silences, now)) {
        text += (text.empty() ? "" : " ") + due.alert.target + ':' +
                std::string{name_of(due.alert.phase)};
        book.note_told(due.id, to.name, due.alert.phase, now);
    }
    return text;
}

TEST(AlertBook, FiresOnceItHasHeldForLongEnough)
{
    Book book;
    const auto down = rule("down", minutes{2});
    book.observe(down, found(Holds::yes), 0);
    EXPECT_EQ(phases(book), "db:pending");
    book.observe(down, found(Holds::yes), 2 * minute - 1);
    EXPECT_EQ(phases(book), "db:pending");
    book.observe(down, found(Holds::yes), 2 * minute);
    EXPECT_EQ(phases(book), "db:firing");
    EXPECT_EQ(book.list().front()->pending_ms, 0);
    EXPECT_EQ(book.list().front()->firing_ms, 2 * minute);
}

TEST(AlertBook, WhatHasNotHeldForLongEnoughLeavesNothing)
{
    Book book;
    const auto down = rule("down", minutes{2});
    book.observe(down, found(Holds::yes), 0);
    (void)book.take_changes();
    book.observe(down, found(Holds::no), minute);
    EXPECT_EQ(phases(book), "");
    EXPECT_EQ(book.take_changes().gone.size(), 1u);
    book.observe(down, found(Holds::yes), 2 * minute);
    EXPECT_EQ(phases(book), "db:pending");
}

TEST(AlertBook, IsResolvedOnceItHasNotHeldForLongEnough)
{
    Book book;
    const auto down = rule("down", seconds{0}, minutes{5});
    book.observe(down, found(Holds::yes), 0);
    book.observe(down, found(Holds::no), minute);
    book.observe(down, found(Holds::no), 5 * minute);
    EXPECT_EQ(phases(book), "db:firing");
    book.observe(down, found(Holds::yes), 5 * minute + second);
    book.observe(down, found(Holds::no), 7 * minute);
    book.observe(down, found(Holds::no), 12 * minute - 1);
    EXPECT_EQ(phases(book), "db:firing");
    book.observe(down, found(Holds::no), 12 * minute);
    EXPECT_EQ(phases(book), "db:resolved");
}

TEST(AlertBook, NothingChangesWhileNothingIsKnown)
{
    Book book;
    const auto down = rule("down");
    book.observe(down, found(Holds::unknown), 0);
    EXPECT_EQ(phases(book), "");
    book.observe(down, found(Holds::yes), 1);
    book.observe(down, found(Holds::unknown), minute);
    EXPECT_EQ(phases(book), "db:firing");
}

TEST(AlertBook, ATargetThatIsGoneHoldsNoLonger)
{
    Book book;
    const auto down = rule("down");
    book.observe(down, found(Holds::yes, "db"), 0);
    book.observe(down, found(Holds::yes, "app"), 0);
    EXPECT_EQ(phases(book), "app:firing db:resolved");
    Evaluation none;
    none.gone = [](const std::string&) { return false; };
    book.observe(down, none, minute);
    EXPECT_EQ(phases(book), "app:firing db:resolved");
}

TEST(AlertBook, TellsOnceAndAgainAndOfTheEnd)
{
    Book book;
    const auto down = rule("down");
    const std::map<std::string, config::AlertRule> rules{{"down", down}};
    const auto ops = receiver("ops", minutes{10});
    book.observe(down, found(Holds::yes), 0);
    EXPECT_EQ(tell(book, ops, rules, 0), "db:firing");
    EXPECT_EQ(tell(book, ops, rules, 10 * minute - 1), "");
    EXPECT_EQ(tell(book, ops, rules, 10 * minute), "db:firing");
    EXPECT_EQ(tell(book, ops, rules, 11 * minute), "");
    book.observe(down, found(Holds::no), 12 * minute);
    EXPECT_EQ(tell(book, ops, rules, 12 * minute), "db:resolved");
    EXPECT_EQ(tell(book, ops, rules, 60 * minute), "");
}

TEST(AlertBook, WithoutRepeatIsToldOnce)
{
    Book book;
    const auto down = rule("down");
    const auto ops = receiver("ops", milliseconds{0});
    book.observe(down, found(Holds::yes), 0);
    EXPECT_EQ(tell(book, ops, {{"down", down}}, 0), "db:firing");
    EXPECT_EQ(tell(book, ops, {{"down", down}}, 10'000 * minute), "");
}

TEST(AlertBook, WhoWasNotToldThatItFiresIsNotToldThatItIsOver)
{
    Book book;
    const auto down = rule("down");
    const std::map<std::string, config::AlertRule> rules{{"down", down}};
    auto quiet = receiver("quiet");
    quiet.resolved = false;
    book.observe(down, found(Holds::yes), 0);
    EXPECT_EQ(tell(book, quiet, rules, 0), "db:firing");
    book.observe(down, found(Holds::no), minute);
    EXPECT_EQ(tell(book, quiet, rules, minute), "");
    EXPECT_EQ(tell(book, receiver("other"), rules, minute), "");
}

TEST(AlertBook, TellsThoseWhomTheRuleNames)
{
    Book book;
    auto down = rule("down");
    down.notify = {"ops"};
    book.observe(down, found(Holds::yes), 0);
    EXPECT_EQ(tell(book, receiver("dev"), {{"down", down}}, 0), "");
    EXPECT_EQ(tell(book, receiver("ops"), {{"down", down}}, 0), "db:firing");
}

TEST(AlertBook, WhatIsSilencedIsToldAfterwards)
{
    Book book;
    const auto down = rule("down");
    const std::map<std::string, config::AlertRule> rules{{"down", down}};
    const auto ops = receiver("ops");
    const std::vector<Silence> silences{{1, "down", "db", 10 * minute, 0, "work"}};
    const std::vector<Silence> others{{1, "down", "app", 10 * minute, 0, ""},
                                      {2, "other", "*", 10 * minute, 0, ""}};
    book.observe(down, found(Holds::yes), 0);
    EXPECT_EQ(tell(book, ops, rules, 0, silences), "");
    EXPECT_EQ(phases(book), "db:firing");
    EXPECT_EQ(tell(book, ops, rules, 10 * minute - 1, silences), "");
    EXPECT_EQ(tell(book, ops, rules, 10 * minute, silences), "db:firing");
    book.observe(down, found(Holds::no), 11 * minute);
    EXPECT_EQ(tell(book, ops, rules, 11 * minute, others), "db:resolved");
}

TEST(AlertBook, WhatBeginsAndEndsWithinASilenceIsNeverTold)
{
    Book book;
    const auto down = rule("down");
    const std::vector<Silence> silences{{1, "*", "*", 10 * minute, 0, ""}};
    book.observe(down, found(Holds::yes), 0);
    EXPECT_EQ(tell(book, receiver("ops"), {{"down", down}}, 0, silences), "");
    book.observe(down, found(Holds::no), minute);
    EXPECT_EQ(tell(book, receiver("ops"), {{"down", down}}, 20 * minute, silences), "");
}

/// Down for a second, up for a second, for two hours: how often it is told.
TEST(AlertBook, WhatFlapsIsKeptFiring)
{
    Book book;
    const auto down = rule("down");
    const std::map<std::string, config::AlertRule> rules{{"down", down}};
    const auto ops = receiver("ops", milliseconds{0});
    int told = 0;
    for (std::int64_t now = 0; now < 120 * minute; now += second) {
        book.observe(down, found(now / second % 2 == 0 ? Holds::yes : Holds::no), now);
        told += tell(book, ops, rules, now).empty() ? 0 : 1;
    }
    // Twice each way, then it fires on: it never again does not hold for 30 s.
    EXPECT_EQ(told, 5);
}

TEST(AlertBook, WhatFlapsSlowlyIsKeptFiringForLongerAndLonger)
{
    Book book;
    const auto down = rule("down");
    std::vector<std::int64_t> kept;
    std::int64_t now = 0;
    for (int i = 0; i < 5; ++i) {
        book.observe(down, found(Holds::yes), now);
        const auto clear = now += second;
        while (book.list().front()->phase == Phase::firing) {
            book.observe(down, found(Holds::no), now);
            now += second;
        }
        kept.push_back(book.list().front()->resolved_ms - clear);
    }
    EXPECT_EQ(kept, (std::vector<std::int64_t>{0, 0, 30 * second, 60 * second, 120 * second}));
}

TEST(AlertBook, TheAlertsOfARuleThatIsGoneAreOver)
{
    Book book;
    const auto down = rule("down");
    const auto late = rule("late", minutes{5});
    book.observe(down, found(Holds::yes), 0);
    book.observe(late, found(Holds::yes), 0);
    EXPECT_EQ(tell(book, receiver("ops"), {{"down", down}}, 0), "db:firing");
    book.keep_rules({}, minute);
    EXPECT_EQ(phases(book), "db:resolved");
    EXPECT_EQ(tell(book, receiver("ops"), {}, minute), "db:resolved");
}

TEST(AlertBook, GoesOnFromWhatWasKept)
{
    Book before;
    const auto down = rule("down");
    const auto late = rule("late", minutes{5});
    const std::map<std::string, config::AlertRule> rules{{"down", down}, {"late", late}};
    before.observe(down, found(Holds::yes), 0);
    before.observe(late, found(Holds::yes), 0);
    EXPECT_EQ(tell(before, receiver("ops"), rules, 0), "db:firing");
    const auto kept = before.take_changes();
    ASSERT_EQ(kept.changed.size(), 2u);

    Book after;
    for (const auto& alert : kept.changed) {
        after.restore(alert);
    }
    EXPECT_EQ(tell(after, receiver("ops"), rules, minute), "");
    after.observe(down, found(Holds::unknown), minute);
    after.observe(late, found(Holds::yes), 5 * minute);
    EXPECT_EQ(phases(after), "db:firing db:firing");
    EXPECT_EQ(tell(after, receiver("ops"), rules, 5 * minute), "db:firing");
    after.observe(down, found(Holds::no), 6 * minute);
    EXPECT_EQ(tell(after, receiver("ops"), rules, 6 * minute), "db:resolved");
}

/// The database came late: it was alerted again meanwhile.
TEST(AlertBook, WhatWasKeptIsThatOfNow)
{
    Book book;
    const auto down = rule("down");
    book.observe(down, found(Holds::yes), 10 * minute);
    Alert kept;
    kept.rule = "down";
    kept.target = "db";
    kept.fingerprint = fingerprint_of("down", "db");
    kept.phase = Phase::firing;
    kept.pending_ms = kept.firing_ms = minute;
    kept.told["ops"] = {Phase::firing, minute};
    book.restore(kept);
    ASSERT_EQ(phases(book), "db:firing");
    EXPECT_EQ(book.list().front()->firing_ms, minute);
    EXPECT_EQ(tell(book, receiver("ops"), {{"down", down}}, 11 * minute), "");
}

TEST(AlertBook, SaysWhatHasToBeKept)
{
    Book book;
    const auto down = rule("down", minutes{1});
    EXPECT_TRUE(book.take_changes().empty());
    book.observe(down, found(Holds::yes), 0);
    const auto changes = book.take_changes();
    ASSERT_EQ(changes.changed.size(), 1u);
    EXPECT_EQ(changes.changed.front().phase, Phase::pending);
    book.observe(down, found(Holds::yes), 1);
    EXPECT_TRUE(book.take_changes().empty());
    book.put_back(changes);
    EXPECT_EQ(book.take_changes().changed.size(), 1u);
    book.observe(down, found(Holds::yes), minute);
    EXPECT_EQ(book.take_changes().changed.front().phase, Phase::firing);
}

TEST(AlertBook, ForgetsWhatIsOldAndWhatIsTooMuch)
{
    Book book;
    const auto down = rule("down");
    for (std::size_t i = 0; i < Book::most_resolved + 10; ++i) {
        const auto now = static_cast<std::int64_t>(i) * second;
        book.observe(down, found(Holds::yes, std::to_string(i)), now);
        book.observe(down, {}, now);
    }
    EXPECT_EQ(book.list().size(), Book::most_resolved);
    book.forget_resolved(1000 * second);
    EXPECT_EQ(book.list().size(), 10u);
}

// printf 'down\0db' | sha256sum
TEST(Alert, HasAFingerprint)
{
    EXPECT_EQ(fingerprint_of("down", "db"), "3c6663d296455cc3");
}

TEST(AlertBook, AClockThatIsPutBackDelaysNothingByMore)
{
    Book book;
    const auto down = rule("down", minutes{5}, minutes{2});
    book.observe(down, found(Holds::yes), 100 * minute);
    book.observe(down, found(Holds::yes), 40 * minute);
    book.observe(down, found(Holds::yes), 45 * minute);
    EXPECT_EQ(phases(book), "db:firing");
    const auto changes = book.take_changes();
    ASSERT_EQ(changes.changed.size(), 1u);
    EXPECT_EQ(changes.changed[0].pending_ms, 40 * minute);
    EXPECT_EQ(changes.gone.size(), 1u);
    book.observe(down, found(Holds::no), 46 * minute);
    book.observe(down, found(Holds::no), 10 * minute);
    book.observe(down, found(Holds::no), 12 * minute);
    EXPECT_EQ(phases(book), "db:resolved");
}

}  // namespace
}  // namespace gatehouse::alerts
