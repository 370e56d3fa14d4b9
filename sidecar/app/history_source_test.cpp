// Sources of kind history as relations of a card's SQL, with figures worked out by hand.
#include "sidecar/app/history_source.h"

#include "sidecar/app/card_test.h"

namespace gatehouse::app {
namespace {

using history::Traffic;
using namespace std::chrono_literals;

class HistorySourceTest : public CardTest {
protected:
    HistorySourceTest()
    {
        auto& source = config_.sources["h"];
        source.name = "h";
        source.kind = "history";
        source.history.last = 4s;
        source.history.step = 2s;
        card_.sources = {"h"};
        // 2026-01-02T03:04:00Z and on; the second step has no requests to "/b".
        add(0, "/a", 10, 4);
        add(1, "/a", 10, 4);
        add(1, "/b", 60, 0);
        add(2, "/a", 20, 11);
        book_->memory_is_complete_until(start_s + 4);
    }

    /// All in the bucket of that number.
    void add(std::int64_t after_s, const std::string& endpoint, history::Number requests,
             std::size_t bucket)
    {
        Traffic traffic;
        traffic[Traffic::requests] = requests;
        traffic[Traffic::errors] = 1;
        traffic[Traffic::bytes] = 100 * requests;
        traffic[Traffic::duration_ns] = 2'000'000 * requests;
        traffic.buckets()[bucket] = requests;
        book_->remember(start_s + after_s, {{endpoint, traffic}});
    }

    std::string computed(const std::string& sql)
    {
        card_.sql = sql;
        Result<Executors> executors = open_executors(config_);
        executors->book = book_;
        const auto attempt = compute_card(*executors, config_, card_, {});
        steady_ = unchanged(*executors, config_, attempt.inputs);
        return attempt.result ? attempt.result->representations.at(0).body
                              : attempt.result.error().message;
    }

    static constexpr std::int64_t start_s = 1'767'323'040;
    std::shared_ptr<history::Book> book_ = open_book({});
    bool steady_ = false;
};

TEST_F(HistorySourceTest, HasARowOfEachEndpointAndStep)
{
    EXPECT_EQ(computed("select time, endpoint, requests, errors, refused, bytes, per_second, mean, "
                       "p50, round(p99, 6) as p99 from h order by time, endpoint"),
              R"([{"time":"2026-01-02T03:04:00Z","endpoint":"/a","requests":20,"errors":2,)"
              R"("refused":0,"bytes":2000,"per_second":10.0,"mean":2.0,"p50":1.75,"p99":2.485},)"
              R"({"time":"2026-01-02T03:04:00Z","endpoint":"/b","requests":60,"errors":1,)"
              R"("refused":0,"bytes":6000,"per_second":30.0,"mean":2.0,"p50":0.05,"p99":0.099},)"
              R"({"time":"2026-01-02T03:04:02Z","endpoint":"/a","requests":20,"errors":1,)"
              R"("refused":0,"bytes":2000,"per_second":10.0,"mean":2.0,"p50":375.0,"p99":497.5}])");
    EXPECT_TRUE(steady_);
    book_->memory_is_complete_until(start_s + 6);
    EXPECT_EQ(computed("select count(*) as n from h"), R"([{"n":1}])") << "the last four seconds";
}

/// Of 100 requests 60 took at most 100 µs, 20 at most 2.5 ms, 20 at most 500 ms.
TEST_F(HistorySourceTest, QuantilesOfManyStepsAndEndpointsAreOfAllTheirRequests)
{
    EXPECT_EQ(
        computed(
            "select endpoint, requests, round(p50, 6) as p50, p95 from h_total order by requests"),
        R"([{"endpoint":"/a","requests":40,"p50":2.5,"p95":475.0},)"
        R"({"endpoint":"/b","requests":60,"p50":0.05,"p95":0.095},)"
        R"({"endpoint":null,"requests":100,"p50":0.083333,"p95":437.5}])");
    EXPECT_EQ(computed("select requests, p95 from H_ALL order by time"),
              R"([{"requests":80,"p95":2.2},{"requests":20,"p95":487.5}])");
}

TEST_F(HistorySourceTest, ChecksNeedState)
{
    config_.sources["h"].history.of = "checks";
    EXPECT_THAT(computed("select * from h"),
                AllOf(HasSubstr("source \"h\""), HasSubstr("\"state\"")));
}

TEST_F(HistorySourceTest, AProbeShowsAllRelations)
{
    Result<Executors> executors = open_executors(config_);
    executors->book = book_;
    const auto probe = app::probe(*executors, config_.sources["h"], {});
    ASSERT_TRUE(probe) << probe.error().message;
    ASSERT_EQ(probe->columns.size(), 11u + 10 + 10);
    EXPECT_EQ(probe->columns.front().first, "h.time");
    EXPECT_EQ(probe->columns.back().first, "h_all.p99");
}

}  // namespace
}  // namespace gatehouse::app
