#include "sidecar/config/schema.h"

#include "sidecar/config/load.h"
#include "sidecar/config/schema_checker.h"

namespace gatehouse::config {

namespace {

constexpr std::string_view shipped_schema =
#include <gatehouse_schema.inc>
    ;

}  // namespace

std::string_view schema_text()
{
    return shipped_schema;
}

Schema::Schema(std::string_view text) : json_(json_loadb(text.data(), text.size(), 0, nullptr)) {}

const Schema& Schema::shipped()
{
    static const Schema schema(shipped_schema);
    return schema;
}

void Schema::check(Node& node, Diagnostics& out) const
{
    SchemaChecker(json_.get(), out).check(node, json_.get());
}

}  // namespace gatehouse::config
