// Replays requests against one limit in simulated time, for tests that compare decisions.
//
//   limit_replay windows QUOTA…             for each: "amount period_s …" of its windows, or
//   "error" limit_replay decide QUOTA WINDOW ALIGN  reads "time_ms key" lines, answers each with
//                                           "1 remaining" or "0 retry_ms"
//
// WINDOW: gcra, sliding or fixed. ALIGN: first or utc. Times are Unix times.
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "src/limit/decision.h"
#include "src/limit/grammar.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::limit;

int print_windows(int count, char** quotas)
{
    for (int i = 0; i < count; ++i) {
        const auto windows = parse_quota(quotas[i], Algorithm::gcra, Align::first);
        std::string line = windows ? "" : "error";
        for (const auto& window : windows ? *windows : std::vector<Window>{}) {
            line += (line.empty() ? "" : " ") + std::to_string(window.amount) + " " +
                    std::to_string(window.period_ms / 1000);
        }
        std::cout << line << '\n';
    }
    return 0;
}

class Replay {
public:
    Replay(Zone zone, std::vector<Window> windows, std::uint64_t begin_ms)
        : zone_(std::move(zone)), windows_(std::move(windows)), begin_ms_(begin_ms)
    {
    }

    void answer(std::uint64_t at_ms, const std::string& key)
    {
        std::vector<Charge> charges(windows_.size());
        Demand demand{.zone = &zone_,
                      .windows = windows_,
                      .charges = charges.data(),
                      .key = zone_.hash(key),
                      .now = zone_.now(at_ms - begin_ms_)};
        const auto* refusing = decide({&demand, 1});
        const auto outcome = (refusing == nullptr ? charges.data() : refusing)->outcome();
        constexpr Ticks almost_a_ms = ticks_per_ms - 1;
        std::cout << (refusing == nullptr ? "1 " : "0 ")
                  << (refusing == nullptr ? outcome.remaining
                                          : whole_ms(outcome.retry + almost_a_ms))
                  << '\n';
    }

private:
    Zone zone_;
    std::vector<Window> windows_;
    std::uint64_t begin_ms_;
};

int decide_lines(std::string_view quota, std::string_view window, std::string_view align)
{
    const auto algorithm = parse_algorithm(window);
    auto windows = algorithm
                       ? parse_quota(quota, *algorithm, align == "utc" ? Align::utc : Align::first)
                       : Result<std::vector<Window>>{algorithm.error()};
    if (!windows) {
        std::cerr << windows.error().message << '\n';
        return 1;
    }
    // Long before the first request, so that a word of 0 lies in the past.
    constexpr std::uint64_t begin_ms = 1'000'000'000'000;
    auto zone = Zone::open(
        {.name = "replay", .bytes = 16 << 20, .key = "", .path = {}},
        {.monotonic_ms = 0, .unix_ms = static_cast<std::int64_t>(begin_ms), .boot_id = "b"});
    if (!zone) {
        std::cerr << zone.error().message << '\n';
        return 1;
    }
    Replay replay{std::move(*zone), std::move(*windows), begin_ms};
    std::uint64_t at_ms = 0;
    for (std::string key; std::cin >> at_ms >> key;) {
        replay.answer(at_ms, key);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv)
{
    std::ios::sync_with_stdio(false);
    const std::string_view command = argc > 1 ? argv[1] : "";
    if (command == "windows") {
        return print_windows(argc - 2, argv + 2);
    }
    if (command == "decide" && argc == 5) {
        return decide_lines(argv[2], argv[3], argv[4]);
    }
    std::cerr << "usage: limit_replay windows QUOTA… | decide QUOTA WINDOW ALIGN\n";
    return 2;
}
