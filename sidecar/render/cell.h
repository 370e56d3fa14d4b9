// One cell as JSON and as a CSV field.
#pragma once

#include <cstdint>

#include "sidecar/base/table.h"
#include "sidecar/render/writer.h"

namespace gatehouse::render {

/// Writes the cells of one column; looks its type up once.
class CellWriter {
public:
    /// REQUIRES: both outlive this object.
    CellWriter(const sidecar::Vector& cells, const sidecar::Type& type) noexcept;

    /// A complete JSON value. NULL, NaN and infinities are null.
    void json(Writer& to, std::uint64_t row) const;

    /// The prefix, then json().
    void json(Writer& to, const Prefix& prefix, std::uint64_t row) const;

    /// A JSON string for any value: what a map's key becomes.
    void json_key(Writer& to, std::uint64_t row) const;

    /// A field. NULL is empty; NaN and infinities are NaN, inf, -inf; nested values are JSON.
    void csv(Writer& to, std::uint64_t row) const;

private:
    using Write = void (*)(Writer&, const sidecar::Vector&, const sidecar::Type&, std::uint64_t);
    using WriteNumber = char* (*)(char*, const sidecar::Vector&, std::uint64_t);

    const sidecar::Vector& cells_;
    const sidecar::Type& type_;
    Write json_;
    WriteNumber number_;  ///< null: not a plain number
};

}  // namespace gatehouse::render
