# Libraries from the system, as imported targets. The module alone needs jansson,
# libmaxminddb, OpenSSL and xxHash.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(MAXMINDDB REQUIRED IMPORTED_TARGET libmaxminddb)
find_package(OpenSSL 3 REQUIRED)

# Header only: its users define XXH_INLINE_ALL, so that nothing links it.
find_path(XXHASH_INCLUDE_DIR xxhash.h REQUIRED)

if(GATEHOUSE_SIDECAR OR GATEHOUSE_TESTS)
    find_package(ZLIB REQUIRED)
    pkg_check_modules(BROTLI REQUIRED IMPORTED_TARGET libbrotlienc)
    pkg_check_modules(BROTLIDEC REQUIRED IMPORTED_TARGET libbrotlidec)  # tests decode what we encode
    pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
endif()

if(GATEHOUSE_SIDECAR)
    find_package(DuckDB REQUIRED)
    pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
    pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)
    find_package(spdlog REQUIRED)
    find_package(CLI11 REQUIRED)
    find_package(CURL REQUIRED)
    find_package(date REQUIRED)

    # Headers only; included as <eigen3/…>, so that no target needs a path.
    find_path(EIGEN_INCLUDE_DIR eigen3/Eigen/Core REQUIRED)

    # gatehouse_boost: Boost.Asio and Beast, headers only. Asio 1.74's awaitable.hpp uses
    # std::exchange without <utility>, so every user gets that header first.
    find_package(Boost 1.74 REQUIRED)
    add_library(gatehouse_boost INTERFACE)
    target_link_libraries(gatehouse_boost INTERFACE Boost::headers Threads::Threads)
    target_compile_definitions(gatehouse_boost INTERFACE BOOST_ASIO_NO_DEPRECATED)
    target_compile_options(gatehouse_boost INTERFACE "SHELL:-include utility")
endif()
