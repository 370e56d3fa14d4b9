#include "sidecar/engine/session.h"

#include <algorithm>

namespace gatehouse::engine {
namespace {

using sidecar::Column;
using sidecar::Type;

bool same_labels(const Type& a, const Type& b)
{
    return a.labels == b.labels || (a.labels && b.labels && *a.labels == *b.labels);
}

bool same_type(const Type& a, const Type& b)
{
    return a.id == b.id && a.storage == b.storage && a.scale == b.scale && a.size == b.size &&
           a.fields == b.fields && same_labels(a, b) &&
           std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(),
                      same_type);
}

bool same_column(const Column& a, const Column& b)
{
    return a.name == b.name && same_type(a.type, b.type);
}

}  // namespace

Shape shape_of(std::span<const sidecar::Relation> relations)
{
    Shape shape;
    for (const sidecar::Relation& relation : relations) {
        if (relation.rows.empty() || !relation.schema.empty()) {
            return {};
        }
        shape.emplace_back(relation.name, relation.rows.front().columns());
    }
    return shape;
}

bool are_alike(const Shape& a, const Shape& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& one, const auto& other) {
                          return one.first == other.first &&
                                 std::equal(one.second.begin(), one.second.end(),
                                            other.second.begin(), other.second.end(), same_column);
                      });
}

Result<std::unique_ptr<Session>> Session::open(std::shared_ptr<const Instance> instance)
{
    Result<Connection> connection = instance->connect();
    if (!connection) {
        return connection.error();
    }
    return std::make_unique<Session>(std::move(instance), std::move(*connection));
}

}  // namespace gatehouse::engine
