// For tests, which run in the source directory: the layout tables of docs/formats.md, to be held
// against the structs.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

namespace gatehouse {

struct LayoutField {
    std::string name;
    std::size_t offset;
    std::size_t size;

    bool operator==(const LayoutField&) const = default;

    friend std::ostream& operator<<(std::ostream& out, const LayoutField& field)
    {
        return out << field.name << '@' << field.offset << '+' << field.size;
    }
};

/// A field of a struct, for comparison with documented_layout().
#define FIELD(type, name)                               \
    LayoutField                                         \
    {                                                   \
#name, offsetof(type, name), sizeof(type::name) \
    }

/// The cells of each row of the table that follows this comment line in docs/formats.md.
inline std::vector<std::vector<std::string>> documented_table(const std::string& comment)
{
    std::ifstream document{"docs/formats.md"};
    std::vector<std::vector<std::string>> rows;
    bool found = false;
    for (std::string line; std::getline(document, line);) {
        if (line == comment) {
            found = true;
        } else if (found && !line.starts_with('|')) {
            break;
        } else if (found) {
            std::istringstream cells{line.substr(1)};
            auto& row = rows.emplace_back();
            for (std::string cell; std::getline(cells, cell, '|');) {
                const auto first = cell.find_first_not_of(' ');
                const auto last = cell.find_last_not_of(' ');
                row.push_back(first == std::string::npos ? ""
                                                         : cell.substr(first, last - first + 1));
            }
        }
    }
    EXPECT_GT(rows.size(), 2u) << "docs/formats.md has no table after " << comment;
    rows.erase(rows.begin(), rows.begin() + std::min<std::ptrdiff_t>(2, std::ssize(rows)));
    return rows;
}

inline std::vector<LayoutField> documented_layout(const std::string& name, std::size_t size)
{
    std::vector<LayoutField> fields;
    for (const auto& row :
         documented_table("<!-- layout: " + name + " " + std::to_string(size) + " -->")) {
        fields.push_back({row.at(2), std::stoul(row.at(0)), std::stoul(row.at(1))});
    }
    return fields;
}

}  // namespace gatehouse
