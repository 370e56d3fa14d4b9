// SQL over columns that come in rows of many.
#pragma once

#include <span>
#include <string>
#include <variant>

#include "sidecar/base/sql_database.h"
#include "sidecar/history/traffic.h"

namespace gatehouse::history {

/// Bytes of a name or a message.
inline constexpr std::size_t longest_text = 512;

/// "requests, errors, …"
inline std::string traffic_list()
{
    std::string list;
    for (const auto* column : traffic_columns) {
        list += (list.empty() ? "" : ", ") + std::string{column};
    }
    return list;
}

/// From the columns of a row, from `first` on.
inline Traffic traffic_in(const sidecar::SqlRow& row, std::size_t first)
{
    Traffic traffic;
    for (std::size_t i = 0; i < Traffic::size; ++i) {
        traffic.numbers[i] = sidecar::value_of<Number>(row[first + i]);
    }
    return traffic;
}

}  // namespace gatehouse::history
