#include "ngx_module/glue/ngx.h"

#include "ngx_module/glue/worker_tables.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::glue {

namespace {

struct Taker {
    std::string name;
    TakeTable take;
};

std::vector<Taker> takers;
std::map<std::string, LoseTable, std::less<>> losers;
std::map<std::string, std::uint64_t, std::less<>> generations;

bool is_for(const Taker& taker, std::string_view name) noexcept
{
    return taker.name.ends_with(':') ? name.starts_with(taker.name) : name == taker.name;
}

}  // namespace

void on_table(std::string_view name, TakeTable take)
{
    const auto found = std::find_if(takers.begin(), takers.end(),
                                    [&](const Taker& taker) { return taker.name == name; });
    if (found != takers.end()) {
        found->take = take;
    } else {
        takers.push_back({std::string{name}, take});
    }
}

void on_lost_table(std::string_view name, LoseTable lose)
{
    losers.insert_or_assign(std::string{name}, lose);
}

void lose_table(std::string_view name)
{
    const auto found = losers.find(name);
    if (found != losers.end() && table_generation(name) == 0) {
        found->second();
    }
}

void take_table(board::Table table)
{
    const auto taker = std::find_if(takers.begin(), takers.end(),
                                    [&](const Taker& one) { return is_for(one, table.name); });
    if (taker == takers.end()) {
        return;
    }
    auto name = table.name;
    const auto generation = table.generation;
    if (auto taken = taker->take(std::move(table)); !taken) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0, "gatehouse: the table \"%s\" is refused: %s",
                      name.c_str(), taken.error().message.c_str());
        return;
    }
    generations.insert_or_assign(std::move(name), generation);
}

std::uint64_t table_generation(std::string_view name) noexcept
{
    const auto found = generations.find(name);
    return found == generations.end() ? 0 : found->second;
}

}  // namespace gatehouse::glue
