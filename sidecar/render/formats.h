// The formats and shapes, each as one function from a table to bytes.
#pragma once

#include "sidecar/base/table.h"
#include "sidecar/render/writer.h"

namespace gatehouse::render {

/// `[{"a":1,"b":2},…]`
void write_records(Writer& to, const sidecar::Table& table);

/// `{"a":[1,…],"b":[2,…]}`
void write_columns(Writer& to, const sidecar::Table& table);

/// `{"b":[{"time":a,"value":b},…],…}`: one series per column after the first.
void write_series(Writer& to, const sidecar::Table& table);

/// `{"a":1,"b":2}`. REQUIRES: one row.
void write_object(Writer& to, const sidecar::Table& table);

/// `1`. REQUIRES: one row, one column.
void write_value(Writer& to, const sidecar::Table& table);

/// The records, each on a line of its own.
void write_ndjson(Writer& to, const sidecar::Table& table);

/// RFC 4180 with a header.
void write_csv(Writer& to, const sidecar::Table& table);

}  // namespace gatehouse::render
