#include "sidecar/steps/classes.h"

#include <cmath>
#include <cstring>
#include <utility>

#include "sidecar/steps/values.h"

namespace gatehouse::steps {
namespace {

using sidecar::Type;
using sidecar::TypeId;
using sidecar::VectorView;

/// Beside the text of a key: entries of the map and of the table.
constexpr std::uint64_t bytes_per_class = 128;

bool is_text(const Type& type)
{
    return type.id == TypeId::text || type.id == TypeId::blob;
}

bool is_floating(const Type& type)
{
    return type.id == TypeId::float32 || type.id == TypeId::float64;
}

/// NaN, and the two zeros as one.
template <class Float>
bool floating_key(const VectorView& view, std::uint64_t row, std::string& to)
{
    const Float value = static_cast<const Float*>(view.data)[row] + Float{0};
    to.append(reinterpret_cast<const char*>(&value), sizeof(value));
    return !std::isnan(value);
}

std::vector<sidecar::Column> chosen(Columns columns, const Indices& keys)
{
    std::vector<sidecar::Column> out;
    for (const std::size_t index : keys) {
        out.push_back(columns[index]);
    }
    return out;
}

}  // namespace

Classes::Classes(Columns columns, Indices keys, bool nulls_count)
    : columns_(chosen(columns, keys)),
      keys_(std::move(keys)),
      nulls_count_(nulls_count),
      values_(columns_)
{
}

Result<void> Classes::check(Columns columns, const Indices& keys)
{
    for (const std::size_t index : keys) {
        const Type& type = columns[index].type;
        if (sidecar::cell_size(type) == 0 || !type.children.empty()) {
            return Error{"column \"" + columns[index].name + "\" is " +
                         std::string(sidecar::name_of(type.id)) +
                         ", by which rows cannot be told apart"};
        }
    }
    return {};
}

bool Classes::append_key(const VectorView& view, const Type& type, std::uint64_t row)
{
    if (is_null(view, row)) {
        key_ += '\0';
        return nulls_count_;
    }
    key_ += '\1';
    if (is_text(type)) {
        const auto text = static_cast<const sidecar::Text*>(view.data)[row].view();
        const std::uint64_t length = text.size();
        key_.append(reinterpret_cast<const char*>(&length), sizeof(length));
        key_ += text;
        return true;
    }
    if (is_floating(type)) {
        const bool there = type.id == TypeId::float32 ? floating_key<float>(view, row, key_)
                                                      : floating_key<double>(view, row, key_);
        return there || nulls_count_;
    }
    const std::size_t size = sidecar::cell_size(type);
    key_.append(static_cast<const char*>(view.data) + row * size, size);
    return true;
}

void Classes::keep(std::span<const VectorView> views, std::uint64_t row)
{
    std::vector<VectorView> cells;
    std::vector<std::uint64_t> validity(keys_.size());
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        cells.push_back(row_of(views[keys_[i]], columns_[i].type, row, validity[i]));
    }
    values_.append(cells, 1);
    bytes_ += bytes_per_class + 2 * key_.size();
}

Result<void> Classes::classify(std::span<const VectorView> views, std::uint64_t rows,
                               std::vector<std::uint32_t>& to, std::size_t most)
{
    to.resize(rows);
    for (std::uint64_t row = 0; row < rows; ++row) {
        key_.clear();
        bool there = true;
        for (std::size_t i = 0; i < keys_.size(); ++i) {
            there = append_key(views[keys_[i]], columns_[i].type, row) && there;
        }
        if (!there) {
            to[row] = none;
            continue;
        }
        if (last_class_ == none || key_ != last_key_) {
            const auto [at, is_new] =
                classes_.emplace(key_, static_cast<std::uint32_t>(keys_seen_.size()));
            if (is_new) {
                if (keys_seen_.size() == most) {
                    return Error{"there are more than " + std::to_string(most) +
                                 " different values of " +
                                 (keys_.size() == 1 ? "column \"" + columns_[0].name + '"'
                                                    : "those columns")};
                }
                keys_seen_.push_back(&at->first);
                keep(views, row);
            }
            last_class_ = at->second;
            last_key_ = key_;
        }
        to[row] = last_class_;
    }
    return {};
}

sidecar::Table Classes::table()
{
    return std::move(values_).finish();
}

}  // namespace gatehouse::steps
