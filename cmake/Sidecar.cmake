# sidecar/: gatehoused. Everything but main.cpp is a library, so that unit tests link it too.
gatehouse_sources(SIDECAR sidecar)

if(NOT SIDECAR_SOURCES OR NOT GATEHOUSE_SIDECAR)
    return()
endif()

add_library(gatehouse_sidecar STATIC ${SIDECAR_SOURCES})
target_link_libraries(gatehouse_sidecar PUBLIC
    gatehouse_core DuckDB::DuckDB PkgConfig::SQLITE3 PkgConfig::LIBPQ gatehouse_boost spdlog::spdlog CLI11::CLI11 date::date-tz
    OpenSSL::Crypto CURL::libcurl ZLIB::ZLIB PkgConfig::BROTLI PkgConfig::ZSTD Threads::Threads)

# The JSON Schema is compiled in: the checker reads what is shipped.
include(EmbedSchema OPTIONAL)
if(COMMAND gatehouse_embed_schema)
    gatehouse_embed_schema(gatehouse_sidecar)
endif()
include(EmbedProfiles)
gatehouse_embed_profiles(gatehouse_sidecar)

if(EXISTS ${CMAKE_SOURCE_DIR}/sidecar/main.cpp)
    add_executable(gatehoused sidecar/main.cpp)
    target_link_libraries(gatehoused PRIVATE gatehouse_sidecar)
endif()

gatehouse_unit_test(gatehouse_sidecar_test
    SOURCES ${SIDECAR_TESTS}
    LIBRARIES gatehouse_sidecar PkgConfig::BROTLIDEC)
