// Fuzzes what src/limit reads of configurations and variables: quotas, rates, algorithms. What must
// hold for any bytes is checked, and every quota that is taken is asked.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "src/limit/cell_word.h"
#include "src/limit/grammar.h"

namespace {

using namespace gatehouse;
using namespace gatehouse::limit;

void expect(bool holds, const char* what)
{
    if (!holds) {
        std::fprintf(stderr, "broken: %s\n", what);
        std::abort();
    }
}

constexpr std::uint64_t now_ms = 1'000'000'000;

/// What a window that was taken does with its first requests.
void check_window(const Window& window)
{
    const Now now{ticks_of_ms(now_ms), 1'767'265'199'000};
    expect(window.amount > 0 && window.period_ms > 0, "a window that admits nothing");
    expect(window.period_ms <= longest_period_ms, "period");
    expect(window.amount <= largest_amount(window.algorithm, window.period_ms), "amount");

    const Outcome all = charge(window, 0, 0, now, window.amount);
    expect(all.admitted && all.remaining == 0, "the whole amount at once");
    expect(all.word > now.ticks && all.word < ranked(Rank::known, 0), "a word beyond its bits");
    const Outcome next = charge(window, all.word, 0, now, 1);
    expect(!next.admitted && next.word == all.word, "one more than the amount");
    expect(next.retry > 0 && next.retry <= 2 * ticks_of_ms(window.period_ms) + ticks_per_ms,
           "retry");
    expect(!charge(window, 0, 0, now, window.amount + 1).admitted, "a cost above the amount");

    const Outcome one = charge(window, 0, 0, now, 1);
    expect(one.admitted && one.remaining == window.amount - 1, "the first request");
    const auto refunded = refund(window, one.word, one.word, now.ticks, 1);
    expect(charge(window, refunded, 0, now, window.amount).admitted, "what was taken back");
}

/// A name is a quota again, of the same amount and period.
void check_name(const Window& window, Algorithm algorithm)
{
    const auto again = parse_quota(window.name, algorithm, Align::first);
    expect(static_cast<bool>(again) && again->size() == 1, "a name that is no quota");
    expect(again->front().amount == window.amount && again->front().period_ms == window.period_ms,
           "a name of another window");
}

void check_quota(std::string_view text)
{
    for (const auto algorithm : {Algorithm::gcra, Algorithm::fixed, Algorithm::sliding}) {
        for (const auto align : {Align::first, Align::utc}) {
            const auto windows = parse_quota(text, algorithm, align);
            if (!windows) {
                expect(!windows.error().message.empty(), "an error without a text");
                continue;
            }
            expect(!windows->empty() && windows->size() <= 8, "how many windows");
            for (const auto& window : *windows) {
                check_window(window);
                check_name(window, algorithm);
            }
        }
    }
}

void check_rate(std::string_view text)
{
    const auto rate = parse_rate(text);
    if (rate) {
        expect(*rate >= 1 && *rate <= 1'000'000'000, "a rate beyond its bounds");
        for (const std::uint64_t burst : {0ULL, 1ULL, 100ULL}) {
            check_window(rate_window(*rate, burst, std::string{text}));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    check_quota(input);
    check_rate(input);
    (void)parse_algorithm(input);
    return 0;
}
