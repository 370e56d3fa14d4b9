// Which rows have equal values in some columns: the classes of a label, the groups of an aggregate.
//
// Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sidecar/base/table_builder.h"
#include "sidecar/steps/options.h"

namespace gatehouse::steps {

class Classes {
public:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    /// `nulls_count`: rows with a NULL are classes too, otherwise of none.
    Classes(Columns columns, Indices keys, bool nulls_count);

    /// The class of each row, numbered as they first occur. Fails when there are more than `most`.
    Result<void> classify(std::span<const sidecar::VectorView> views, std::uint64_t rows,
                          std::vector<std::uint32_t>& to, std::size_t most);

    std::size_t count() const noexcept { return keys_seen_.size(); }

    /// What tells a class from others, the same in every run.
    const std::string& key(std::size_t index) const noexcept { return *keys_seen_[index]; }

    std::uint64_t bytes() const noexcept { return bytes_; }

    /// The key columns, one row for each class.
    sidecar::Table table();

    /// Whether labels of these types can tell classes apart.
    static Result<void> check(Columns columns, const Indices& keys);

private:
    bool append_key(const sidecar::VectorView& view, const sidecar::Type& type, std::uint64_t row);
    void keep(std::span<const sidecar::VectorView> views, std::uint64_t row);

    std::vector<sidecar::Column> columns_;  ///< of the keys
    Indices keys_;
    bool nulls_count_;
    std::string key_, last_key_;
    std::uint32_t last_class_ = none;
    std::unordered_map<std::string, std::uint32_t> classes_;
    std::vector<const std::string*> keys_seen_;
    sidecar::TableBuilder values_;
    std::uint64_t bytes_ = 0;
};

}  // namespace gatehouse::steps
