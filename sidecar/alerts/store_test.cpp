#include "sidecar/alerts/store.h"

#include "sidecar/base/test_state_database.h"

namespace gatehouse::alerts {
namespace {

class AlertStore : public sidecar::StateDatabaseTest {
protected:
    Store store(const std::string& edge = {}) const
    {
        return Store{[this] { return connect(); }, edge};
    }
};

Alert alert(const std::string& target, Phase phase, std::int64_t at_ms)
{
    Alert alert;
    alert.rule = "down";
    alert.target = target;
    alert.fingerprint = fingerprint_of("down", target);
    alert.severity = "critical";
    alert.summary = "Wörter; 'drop table'";
    alert.detail = "detail";
    alert.phase = phase;
    alert.pending_ms = at_ms;
    alert.firing_ms = phase == Phase::pending ? 0 : at_ms + 1;
    alert.resolved_ms = phase == Phase::resolved ? at_ms + 2 : 0;
    return alert;
}

TEST_P(AlertStore, KeepsAlertsAsTheyAre)
{
    auto firing = alert("db", Phase::firing, 1'767'323'045'678);
    firing.value = 0.125;
    firing.told = {{"ops", {Phase::firing, 1'767'323'046'000}}};
    const auto pending = alert("app", Phase::pending, 5);
    const auto resolved = alert("disk", Phase::resolved, 7);
    auto first = store();
    const auto saved = first.save({{firing, pending, resolved}, {}});
    ASSERT_TRUE(saved) << saved.error().message;

    auto kept = store().load();
    ASSERT_TRUE(kept) << kept.error().message;
    std::sort(kept->alerts.begin(), kept->alerts.end(),
              [](const Alert& a, const Alert& b) { return a.target < b.target; });
    EXPECT_EQ(kept->alerts, (std::vector<Alert>{pending, firing, resolved}));
}

TEST_P(AlertStore, FollowsThem)
{
    auto one = store();
    auto changing = alert("db", Phase::pending, 10);
    const auto brief = alert("app", Phase::pending, 11);
    ASSERT_TRUE(one.save({{changing, brief}, {}}));
    changing.phase = Phase::resolved;
    changing.firing_ms = 20;
    changing.resolved_ms = 30;
    changing.told = {{"ops", {Phase::resolved, 31}}};
    ASSERT_TRUE(one.save({{changing}, {brief.id()}}));
    EXPECT_EQ(one.load()->alerts, std::vector<Alert>{changing});
    ASSERT_TRUE(one.clean(30, 0));
    EXPECT_EQ(one.load()->alerts.size(), 1u);
    ASSERT_TRUE(one.clean(31, 0));
    EXPECT_TRUE(one.load()->alerts.empty());
}

TEST_P(AlertStore, TellsEdgesApart)
{
    auto one = store("one");
    auto two = store("two");
    ASSERT_TRUE(one.save({{alert("db", Phase::firing, 1)}, {}}));
    ASSERT_TRUE(two.save({{alert("db", Phase::firing, 1)}, {}}));
    ASSERT_TRUE(one.save({{}, {alert("db", Phase::firing, 1).id()}}));
    EXPECT_TRUE(one.load()->alerts.empty());
    EXPECT_EQ(two.load()->alerts.size(), 1u);
}

TEST_P(AlertStore, KeepsSilencesForAll)
{
    auto one = store("one");
    const auto made = one.add({0, "down", "*", 1000, 500, "wörk"});
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_GT(made->id, 0);
    const auto other = one.add({0, "*", "db", 2000, 600, ""});
    EXPECT_NE(made->id, other->id);
    EXPECT_EQ(*store("two").silences(), (std::vector<Silence>{*made, *other}));
    ASSERT_TRUE(one.remove(other->id));
    EXPECT_EQ(one.load()->silences, std::vector<Silence>{*made});
    ASSERT_TRUE(one.clean(0, 1001));
    EXPECT_TRUE(one.silences()->empty());
}

TEST_P(AlertStore, SaysWhyItCannot)
{
    Store lost{[] { return Result<std::unique_ptr<sidecar::SqlDatabase>>{Error{"it is away"}}; },
               ""};
    EXPECT_EQ(lost.load().error().message, "it is away");
    EXPECT_EQ(lost.save({}).error().message, "it is away");
}

INSTANTIATE_TEST_SUITE_P(, AlertStore, sidecar::both_databases, sidecar::database_name);

}  // namespace
}  // namespace gatehouse::alerts
