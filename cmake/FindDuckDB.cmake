# Finds DuckDB's C API: duckdb.h and libduckdb.so, as the target DuckDB::DuckDB.
#
# First a system-wide one (-DDUCKDB_ROOT=… or the standard paths), then the packages that
# third_party/package.json pins, installed under build/third_party by scripts/setup.sh: the library
# is in @duckdb/node-bindings-<platform>, the header that belongs to it in duckdb.
set(DUCKDB_ROOT "" CACHE PATH "Prefix of a system-wide DuckDB")
set(GATEHOUSE_THIRD_PARTY ${CMAKE_SOURCE_DIR}/build/third_party CACHE PATH "Where npm packages are installed")

if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    set(duckdb_platform linux-arm64)
else()
    set(duckdb_platform linux-x64)
endif()
set(duckdb_modules ${GATEHOUSE_THIRD_PARTY}/node_modules)

find_path(DUCKDB_INCLUDE_DIR duckdb.h HINTS ${DUCKDB_ROOT}/include ${DUCKDB_ROOT})
find_library(DUCKDB_LIBRARY duckdb HINTS ${DUCKDB_ROOT}/lib ${DUCKDB_ROOT})
if(NOT DUCKDB_INCLUDE_DIR OR NOT DUCKDB_LIBRARY)
    # Both or none: a system header and a bundled library need not be of one version.
    set(DUCKDB_INCLUDE_DIR ${duckdb_modules}/duckdb/src/duckdb/src/include)
    set(DUCKDB_LIBRARY ${duckdb_modules}/@duckdb/node-bindings-${duckdb_platform}/libduckdb.so)
endif()
if(NOT EXISTS ${DUCKDB_INCLUDE_DIR}/duckdb.h)
    set(DUCKDB_INCLUDE_DIR DUCKDB_INCLUDE_DIR-NOTFOUND)
endif()
if(NOT EXISTS ${DUCKDB_LIBRARY})
    set(DUCKDB_LIBRARY DUCKDB_LIBRARY-NOTFOUND)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DuckDB
    REQUIRED_VARS DUCKDB_LIBRARY DUCKDB_INCLUDE_DIR
    REASON_FAILURE_MESSAGE "run scripts/setup.sh, or give -DDUCKDB_ROOT=…")

if(DuckDB_FOUND AND NOT TARGET DuckDB::DuckDB)
    add_library(DuckDB::DuckDB SHARED IMPORTED)
    set_target_properties(DuckDB::DuckDB PROPERTIES
        IMPORTED_LOCATION ${DUCKDB_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${DUCKDB_INCLUDE_DIR})
endif()
