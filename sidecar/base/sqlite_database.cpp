#include "sidecar/base/sqlite_database.h"

namespace gatehouse::sidecar {

namespace {

struct Bind {
    Statement& statement;
    int index;

    void operator()(std::monostate) const { statement.bind(index, std::optional<std::int64_t>{}); }
    void operator()(std::int64_t number) const { statement.bind(index, number); }
    void operator()(double number) const { statement.bind(index, number); }
    void operator()(const std::string& text) const
    {
        statement.bind(index, std::string_view{text});
    }
    void operator()(const SqlBlob& blob) const
    {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(blob.bytes.data());
        statement.bind(index, std::span{bytes, blob.bytes.size()});
    }
};

SqlValue value_of(const Statement& statement, int column)
{
    switch (statement.type(column)) {
    case SQLITE_INTEGER: return statement.integer(column);
    case SQLITE_FLOAT: return statement.real(column);
    case SQLITE_TEXT: return std::string{statement.text(column)};
    case SQLITE_BLOB: {
        const auto blob = statement.blob(column);
        return SqlBlob{{reinterpret_cast<const char*>(blob.data()), blob.size()}};
    }
    default: return std::monostate{};
    }
}

}  // namespace

Result<SqlRows> SqliteDatabase::run(const std::string& sql, const std::vector<SqlValue>& values)
{
    auto statement = connection_.prepare(sql);
    if (!statement) {
        return statement.error();
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::visit(Bind{*statement, static_cast<int>(i) + 1}, values[i]);
    }
    SqlRows rows;
    for (;;) {
        const auto found = statement->step();
        if (!found) {
            return found.error();
        }
        if (!*found) {
            return rows;
        }
        auto& row = rows.emplace_back();
        for (int column = 0; column < statement->columns(); ++column) {
            row.push_back(value_of(*statement, column));
        }
    }
}

Result<void> SqliteDatabase::script(const std::string& sql)
{
    return connection_.run(sql.c_str());
}

}  // namespace gatehouse::sidecar
