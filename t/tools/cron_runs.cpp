// When cron expressions run, for comparison with another implementation.
//
// Reads lines `FROM TO ZONE EXPRESSION`, Unix seconds and an expression of five fields, and prints
// for each a line with the runs in [FROM, TO) in Unix seconds.
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include "sidecar/base/cron.h"

int main()
{
    using namespace gatehouse::sidecar;
    using std::chrono::seconds;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::int64_t from = 0, to = 0;
        std::string zone_name, text;
        words >> from >> to >> zone_name;
        std::getline(words >> std::ws, text);
        const auto* zone = find_time_zone(zone_name);
        const auto cron = CronExpression::parse(text);
        if (zone == nullptr || !cron) {
            std::cerr << "not understood: " << line << "\n";
            return 1;
        }
        std::optional at = CronExpression::TimePoint{seconds{from - 1}};
        const char* separator = "";
        while ((at = cron->next_after(*at, *zone)) && at->time_since_epoch() < seconds{to}) {
            std::cout << separator
                      << std::chrono::duration_cast<seconds>(at->time_since_epoch()).count();
            separator = " ";
        }
        std::cout << "\n";
    }
}
