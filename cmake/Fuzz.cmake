# t/fuzz/: libFuzzer programs, one per reader of foreign bytes. A build of its own, by clang:
#
#     cmake --preset fuzz && cmake --build --preset fuzz && ctest --preset fuzz
#
# CTest runs each for GATEHOUSE_FUZZ_SECONDS and keeps what it learns in build/fuzz/corpus/.
if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    message(FATAL_ERROR "GATEHOUSE_FUZZ needs clang and its libFuzzer: apt-get install clang libclang-rt-14-dev, "
        "then cmake --preset fuzz")
endif()

set(GATEHOUSE_FUZZ_SECONDS 120 CACHE STRING "For how long CTest runs each fuzzer")
set(fuzz ${CMAKE_SOURCE_DIR}/t/fuzz)

# gatehouse_fuzzer(<name> [SOURCES …] [LIBRARIES …] [ARGUMENTS …]): t/fuzz/<name>.cpp.
function(gatehouse_fuzzer name)
    cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES;ARGUMENTS" ${ARGN})
    add_executable(${name} ${fuzz}/${name}.cpp ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE gatehouse_core ${arg_LIBRARIES})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)

    set(corpus ${CMAKE_BINARY_DIR}/corpus/${name})
    file(MAKE_DIRECTORY ${corpus})
    # The first folder takes what is found; those after it are read only.
    add_test(NAME ${name} WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
        COMMAND ${name} -max_total_time=${GATEHOUSE_FUZZ_SECONDS} -print_final_stats=1 -timeout=10
                ${corpus} ${arg_ARGUMENTS})
    set_tests_properties(${name} PROPERTIES TIMEOUT 0 ENVIRONMENT TMPDIR=/dev/shm)
endfunction()

gatehouse_fuzzer(http_fuzz ARGUMENTS -dict=${fuzz}/http.dict -max_len=512)
gatehouse_fuzzer(jwt_fuzz ARGUMENTS -dict=${fuzz}/jwt.dict -max_len=4096)
gatehouse_fuzzer(limit_fuzz ARGUMENTS -dict=${fuzz}/limit.dict -max_len=256)
gatehouse_fuzzer(link_fuzz)
gatehouse_fuzzer(snapshot_fuzz)
gatehouse_fuzzer(variant_key_fuzz ARGUMENTS -dict=${fuzz}/http.dict -max_len=4096)
gatehouse_fuzzer(card_paths_fuzz ARGUMENTS -max_len=2048)
gatehouse_fuzzer(upstreams_fuzz)
gatehouse_fuzzer(token_table_fuzz ARGUMENTS -max_len=2048)
gatehouse_fuzzer(geo_fuzz ARGUMENTS -max_len=2048)
gatehouse_fuzzer(telemetry_fuzz ARGUMENTS -max_len=1200)
gatehouse_fuzzer(zone_view_fuzz ARGUMENTS -max_len=1200)
gatehouse_fuzzer(archive_fuzz ARGUMENTS -max_len=32768)
gatehouse_fuzzer(audit_fuzz ARGUMENTS -max_len=2048)
gatehouse_fuzzer(explain_fuzz ARGUMENTS -dict=${fuzz}/explain.dict -max_len=8192)

gatehouse_fuzzer(parquet_footer_fuzz
    SOURCES ${CMAKE_SOURCE_DIR}/sidecar/sources/parquet_footer.cpp
    ARGUMENTS -max_len=1024)

gatehouse_fuzzer(json_rows_fuzz
    SOURCES ${CMAKE_SOURCE_DIR}/sidecar/base/json_cursor.cpp ${CMAKE_SOURCE_DIR}/sidecar/base/json_rows.cpp
    ARGUMENTS -dict=${fuzz}/config.dict -max_len=1024)

# The configuration's readers, without the rest of the sidecar.
find_package(date REQUIRED)
include(EmbedSchema)
file(GLOB config_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sidecar/config/*.cpp)
list(FILTER config_sources EXCLUDE REGEX "_test\\.cpp$")
foreach(name cron cron_parse destination parameter pattern suggest units)
    list(APPEND config_sources ${CMAKE_SOURCE_DIR}/sidecar/base/${name}.cpp)
endforeach()
gatehouse_fuzzer(config_fuzz
    SOURCES ${config_sources}
    LIBRARIES date::date-tz
    ARGUMENTS -dict=${fuzz}/config.dict -max_len=4096
              ${CMAKE_SOURCE_DIR}/t/config/good ${CMAKE_SOURCE_DIR}/t/config/bad)
gatehouse_embed_schema(config_fuzz)
