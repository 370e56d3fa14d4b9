# t/crash/: what a process leaves in shared memory that is killed between any two steps. The sources
# under test are compiled once more, with the points at which a test may kill.
file(GLOB crash_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/t/crash/*_test.cpp)
file(GLOB crash_sources CONFIGURE_DEPENDS
    ${CMAKE_SOURCE_DIR}/src/base/*.cpp
    ${CMAKE_SOURCE_DIR}/src/audit/region.cpp ${CMAKE_SOURCE_DIR}/src/audit/ring.cpp
    ${CMAKE_SOURCE_DIR}/src/conn/*.cpp ${CMAKE_SOURCE_DIR}/src/limit/*.cpp ${CMAKE_SOURCE_DIR}/src/telemetry/*.cpp)
list(FILTER crash_sources EXCLUDE REGEX "_test\\.cpp$")

gatehouse_unit_test(gatehouse_crash_test
    SOURCES ${crash_tests} ${crash_sources}
    LIBRARIES gatehouse_options Threads::Threads)
if(TARGET gatehouse_crash_test)
    target_compile_definitions(gatehouse_crash_test PRIVATE GATEHOUSE_CRASH_POINTS)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        target_compile_options(gatehouse_crash_test PRIVATE -mcx16)
    endif()
endif()
