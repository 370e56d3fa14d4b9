// History in the database: written, read back and cleaned up, over SQLite and over PostgreSQL.
#include "sidecar/history/store.h"

#include "sidecar/base/test_state_database.h"
#include "sidecar/history/all_endpoints.h"
#include "sidecar/history/book.h"
#include "sidecar/history/cleanup.h"
#include "sidecar/history/columns.h"

namespace gatehouse::history {
namespace {

using health::State;
using sidecar::both_databases;
using namespace std::chrono_literals;

constexpr std::int64_t start_s = 1'800'000'000;  // a multiple of 3600

class Histories : public sidecar::StateDatabaseTest {
protected:
    Connect connecting()
    {
        return [this] { return connect(); };
    }

    static Traffic traffic(Number requests, Number errors = 0)
    {
        Traffic out;
        out[Traffic::requests] = requests;
        out[Traffic::errors] = errors;
        out.buckets()[4] = requests;
        return out;
    }

    /// Counted in that second, and accounted for.
    static Unwritten counted(const std::string& endpoint, std::int64_t at_s, Number requests,
                             Number counter, const std::string& region = "r")
    {
        Unwritten unwritten;
        add(unwritten, {region, at_s, at_s + 1, {{endpoint, traffic(requests)}}},
            {{endpoint, traffic(counter)}});
        return unwritten;
    }

    void write(Store& store, const Unwritten& unwritten, std::int64_t now_s)
    {
        const auto written = store.write(unwritten, now_s);
        ASSERT_TRUE(written) << written.error().message;
    }

    /// The first column of all rows.
    std::vector<Number> numbers(const std::string& sql)
    {
        auto database = connect();
        const auto rows = (*database)->run(sql);
        EXPECT_TRUE(rows) << rows.error().message;
        std::vector<Number> all;
        for (const auto& row : *rows) {
            all.push_back(sidecar::value_of<Number>(row[0]));
        }
        return all;
    }

    static config::HistorySource source(std::chrono::milliseconds last,
                                        std::chrono::milliseconds step,
                                        const std::string& of = "traffic")
    {
        config::HistorySource source;
        source.of = of;
        source.last = last;
        source.step = step;
        return source;
    }
};
INSTANTIATE_TEST_SUITE_P(In, Histories, both_databases, sidecar::database_name);

TEST_P(Histories, StepsOfEveryLengthAddUp)
{
    Store store{connecting()};
    ASSERT_TRUE(store.readings());
    write(store, counted("/a", start_s, 3, 3), start_s + 10);
    write(store, counted("/a", start_s + 15, 4, 7), start_s + 20);
    write(store, counted("/a", start_s + 60, 5, 12), start_s + 70);
    write(store, counted("/b", start_s + 15, 9, 9), start_s + 70);
    const auto of = [&](Number step_s) {
        return numbers("select requests from traffic_steps where endpoint = '/a' and step_s = " +
                       std::to_string(step_s) + " order by at_s");
    };
    EXPECT_EQ(of(10), (std::vector<Number>{3, 4, 5}));
    EXPECT_EQ(of(60), (std::vector<Number>{7, 5}));
    EXPECT_EQ(of(3600), (std::vector<Number>{12}));
    EXPECT_EQ(
        numbers("select le_2500us from traffic_steps where endpoint = '/a' and step_s = 3600"),
        (std::vector<Number>{12}));
}

/// This process ends after a write, or in the midst of what would have been the next one.
TEST_P(Histories, AnotherProcessGoesOnWhereTheStepsEnd)
{
    {
        Store store{connecting()};
        ASSERT_TRUE(store.readings());
        write(store, counted("/a", start_s, 3, 103), start_s + 10);
    }
    Store store{connecting()};
    const auto refused = store.write(counted("/a", start_s, 1, 1), start_s);
    EXPECT_FALSE(refused) << "it does not know yet what was written";
    const auto readings = store.readings();
    ASSERT_TRUE(readings) << readings.error().message;
    ASSERT_EQ(readings->count("r"), 1u);
    EXPECT_EQ(readings->at("r").at_s, start_s + 10);
    EXPECT_EQ(readings->at("r").traffic.at("/a"), traffic(103));
    Meter meter;
    meter.resume(*readings);
    const auto growth = meter.take({{"r", start_s - 1000}, {{"/a", traffic(150)}}}, start_s + 50);
    EXPECT_EQ(growth.traffic.at("/a")[Traffic::requests], 47) << "nothing twice, nothing lost";
}

TEST_P(Histories, SeveralNginxAddUp)
{
    Store store{connecting()};
    ASSERT_TRUE(store.readings());
    write(store, counted("/a", start_s, 3, 3, "one"), start_s + 10);
    write(store, counted("/a", start_s, 4, 4, "two"), start_s + 10);
    EXPECT_EQ(numbers("select requests from traffic_steps where step_s = 10"),
              (std::vector<Number>{7, 7}))
        << "of all endpoints, and of the one";
    const auto readings = store.readings();
    EXPECT_EQ(readings->size(), 2u);
}

TEST_P(Histories, ManyEndpointsAreWrittenInSeveralTransactions)
{
    Store store{connecting()};
    ASSERT_TRUE(store.readings());
    Unwritten many;
    for (int i = 0; i < 100; ++i) {
        const auto name = "/" + std::to_string(i);
        many[name] = counted(name, start_s, i + 1, i + 1)[name];
    }
    write(store, many, start_s + 10);
    EXPECT_EQ(
        numbers("select requests from traffic_steps where step_s = 60 order by requests").back(),
        5050)
        << "1 + 2 + … + 100";
    EXPECT_EQ(numbers("select at_s from traffic_steps where step_s = 60").size(), 101u);
}

TEST_P(Histories, TheBookHasFinishedStepsAlone)
{
    Store store{connecting()};
    ASSERT_TRUE(store.readings());
    write(store, counted("/a", start_s + 5, 3, 3), start_s + 10);
    write(store, counted("/a", start_s + 65, 4, 7), start_s + 70);
    Book book{connecting()};
    const auto minutes = source(1h, 1min);
    const auto before = book.mark(minutes);
    book.database_is_complete_until(start_s + 70);
    const auto after = book.mark(minutes);
    EXPECT_NE(before, after);
    book.database_is_complete_until(start_s + 80);
    EXPECT_EQ(book.mark(minutes), after) << "no minute was finished";
    EXPECT_NE(book.mark(source(1h, 10s)), after);

    const auto rows = book.traffic(minutes);
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->size(), 1u) << "the second minute is not over";
    EXPECT_EQ(rows->front().at_s, start_s);
    EXPECT_EQ(rows->front().endpoint, "/a");
    EXPECT_EQ(rows->front().traffic, traffic(3));
    EXPECT_EQ(book.traffic(source(1h, 10s))->size(), 2u);
}

TEST_P(Histories, OtherStepsAreMadeOfThoseThatAreKept)
{
    Store store{connecting()};
    ASSERT_TRUE(store.readings());
    for (Number i = 0; i < 12; ++i) {  // one request each minute
        write(store, counted("/a", start_s + i * 60, 1, i + 1), start_s + i * 60 + 10);
        write(store, counted("/b", start_s + i * 60, 10, 10 * (i + 1)), start_s + i * 60 + 10);
    }
    Book book{connecting()};
    book.database_is_complete_until(start_s + 720);
    const auto five = source(1h, 5min);
    const auto rows = book.traffic(five);
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->size(), 4u) << "two finished spans of five minutes, two endpoints";
    EXPECT_EQ(rows->at(0).traffic, traffic(5));
    EXPECT_EQ(rows->at(1).at_s, start_s + 300);
    EXPECT_EQ(rows->at(2).traffic, traffic(50));
    const auto together = book.traffic(five, {all_endpoints});
    ASSERT_TRUE(together) << together.error().message;
    ASSERT_EQ(together->size(), 2u);
    EXPECT_EQ(together->at(1).at_s, start_s + 300);
    EXPECT_EQ(together->at(1).traffic, traffic(55));
    EXPECT_EQ(book.traffic(source(5min, 1min))->size(), 10u) << "the last five of each";
}

TEST_P(Histories, ResultsOfChecksAddUp)
{
    Store store{connecting()};
    ResultLog log;
    (void)log.take({"disk", State::up, start_s * 1000, 40.5, 1000, ""});
    (void)log.take({"disk", State::down, start_s * 1000 + 5000, 99.5, 2000, "it is full"});
    (void)log.take({"app", State::up, start_s * 1000 + 6000, std::nullopt, 300, ""});
    ASSERT_EQ(store.write(log.take_batch()).error, "");
    (void)log.take({"disk", State::up, start_s * 1000 + 9000, 20.0, 3000, ""});
    ASSERT_EQ(store.write(log.take_batch()).error, "");
    Book book{connecting()};
    book.database_is_complete_until(start_s + 60);
    const auto rows = book.checks(source(1h, 1min, "checks"));
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->size(), 2u);
    EXPECT_EQ(rows->at(0).metric, "app");
    EXPECT_EQ(rows->at(0).results, (CheckStep{1, 0, 0, 300, 0, 0, std::nullopt, std::nullopt}));
    EXPECT_EQ(rows->at(1).results, (CheckStep{2, 0, 1, 6000, 160, 3, 20, 99.5}));

    const auto before = book.mark(source(1h, 1min, "results"));
    book.results_were_written();
    EXPECT_NE(book.mark(source(1h, 1min, "results")), before);
    const auto results = book.results(source(1h, 1min, "results"));
    ASSERT_TRUE(results) << results.error().message;
    ASSERT_EQ(results->size(), 4u);
    EXPECT_EQ(results->at(1).message, "it is full");
    EXPECT_EQ(results->at(1).state, State::down);
    EXPECT_EQ(results->at(1).value, 99.5);
    EXPECT_FALSE(results->at(2).value);
}

TEST_P(Histories, OldRowsGoAFewAtATime)
{
    Store store{connecting()};
    ASSERT_TRUE(store.readings());
    config::History keep;
    keep.keep_detail = 1min;
    keep.keep = 1h;
    keep.keep_hours = 24h;
    Number counter = 0;
    for (Number i = 0; i < 400; ++i) {  // every minute of 400
        write(store, counted("/a", start_s + i * 60, 1, ++counter), start_s + i * 60 + 10);
    }
    ResultLog log;
    for (Number i = 0; i < 400; ++i) {
        (void)log.take({"disk", State::up, (start_s + i * 60) * 1000, 1.0, 1, ""});
    }
    ASSERT_EQ(store.write(log.unwritten()).error, "");
    write(store, counted("/gone", start_s, 1, 1, "gone"), start_s);

    Cleanup cleanup;
    const auto now_s = start_s + 400 * 60;
    const auto database = store.database();
    ASSERT_TRUE(database);
    cleanup.begin(keep, now_s, std::set<std::string>{"r"});
    std::size_t most = 0, all = 0;
    while (!cleanup.done()) {
        const auto gone = cleanup.batch(**database);
        ASSERT_TRUE(gone) << gone.error().message;
        most = std::max(most, *gone);
        all += *gone;
    }
    EXPECT_EQ(most, 100u);
    // 399 and the one of /gone of ten seconds, 340 + 1 minutes, as many of all together but that
    // one, 340 results, 340 minutes of the check, one counter.
    EXPECT_EQ(all, 400u + 341 + 399 + 340 + 340 + 340 + 1);
    EXPECT_EQ(numbers("select at_s from traffic_steps where step_s = 10 and endpoint = '/a'"),
              (std::vector<Number>{now_s - 60}));
    EXPECT_EQ(numbers("select at_s from traffic_steps where step_s = 60 order by at_s").front(),
              now_s - 3600);
    EXPECT_EQ(numbers("select at_ms from health_metrics order by at_ms").size(), 60u);
    EXPECT_EQ(numbers("select at_s from health_steps where step_s = 60").size(), 60u);
    EXPECT_EQ(numbers("select at_s from traffic_counters").size(), 1u) << "of the one that runs";
    EXPECT_EQ(numbers("select requests from traffic_steps where step_s = 3600 and endpoint = '/a' "
                      "order by at_s"),
              (std::vector<Number>{60, 60, 60, 60, 60, 60, 40}));
}

TEST_P(Histories, ThereMayBeNothingToCleanUp)
{
    Store store{connecting()};
    const auto database = store.database();
    ASSERT_TRUE(database);
    Cleanup cleanup;
    cleanup.begin({}, start_s, std::set<std::string>{});
    while (!cleanup.done()) {
        const auto gone = cleanup.batch(**database);
        ASSERT_TRUE(gone) << gone.error().message;
        EXPECT_EQ(*gone, 0u);
    }
}

TEST_P(Histories, ADatabaseThatIsAwayIsSaidAndFoundAgain)
{
    bool away = true;
    const Connect unsteady = [&]() -> Opened { return away ? Opened{Error{"away"}} : connect(); };
    Store store{unsteady};
    EXPECT_FALSE(store.readings());
    ResultLog log;
    (void)log.take({"disk", State::up, start_s * 1000, 1.0, 1, ""});
    EXPECT_EQ(store.write(log.unwritten()).written, Store::Written::no);
    Book book{unsteady};
    EXPECT_FALSE(book.traffic(source(1h, 1min)));
    away = false;
    EXPECT_TRUE(store.readings());
    EXPECT_EQ(store.write(log.unwritten()).written, Store::Written::yes);
    EXPECT_TRUE(book.traffic(source(1h, 1min)));
}

TEST(Book, WithoutADatabaseHasTheLastMinutes)
{
    Book book{{}};
    Traffic one;
    one[Traffic::requests] = 1;
    for (std::int64_t i = 0; i < 400; ++i) {
        book.remember(start_s + i, {{"/a", one}, {"/b", one}});
    }
    book.memory_is_complete_until(start_s + 400);
    config::HistorySource source;
    source.last = 1h;
    source.step = 10s;
    const auto rows = book.traffic(source);
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 60u) << "five minutes of two endpoints";
    EXPECT_EQ(rows->front().at_s, start_s + 100);
    EXPECT_EQ(rows->front().traffic[Traffic::requests], 10);
    source.step = 1s;
    source.last = 3s;
    ASSERT_EQ(book.traffic(source, {all_endpoints})->size(), 3u);
    EXPECT_EQ(book.traffic(source, {all_endpoints})->front().traffic[Traffic::requests], 2);
    EXPECT_NE(book.checks(source).error().message.find("\"state\""), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::history
