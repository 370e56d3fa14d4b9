// Output for people: aligned columns, ages and sizes in units of a readable size.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gatehouse::ctl {

class Table {
public:
    explicit Table(std::vector<std::string> head) : rows_{std::move(head)} {}

    /// REQUIRES: as many cells as the head has. Control characters in them become "?".
    void add(std::vector<std::string> row);

    /// Numbers align right, all else left; two spaces between columns.
    std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

/// "850 ms", "12 s", "3 min 5 s", "2 h 10 min", "4 d 3 h"
std::string human_duration(std::int64_t ms);

/// "512 B", "1.5 KiB", "20 MiB"
std::string human_bytes(std::uint64_t bytes);

}  // namespace gatehouse::ctl
