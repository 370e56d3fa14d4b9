# src/: what knows neither nginx nor the sidecar. Linked into the module, the sidecar and the ctl.
gatehouse_sources(CORE src)

if(CORE_SOURCES)
    add_library(gatehouse_core STATIC ${CORE_SOURCES})
    target_link_libraries(gatehouse_core PUBLIC gatehouse_options PkgConfig::JANSSON PkgConfig::MAXMINDDB OpenSSL::Crypto)
else()
    add_library(gatehouse_core INTERFACE)
    target_link_libraries(gatehouse_core INTERFACE gatehouse_options PkgConfig::JANSSON PkgConfig::MAXMINDDB OpenSSL::Crypto)
endif()

# Shared cells change sixteen bytes at once; every x86-64 since 2006 has the instruction.
if(CORE_SOURCES AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(gatehouse_core PUBLIC -mcx16)
endif()

gatehouse_unit_test(gatehouse_core_test
    SOURCES ${CORE_TESTS}
    LIBRARIES gatehouse_core ZLIB::ZLIB PkgConfig::BROTLIDEC PkgConfig::ZSTD Threads::Threads)
