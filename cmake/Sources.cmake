# gatehouse_sources(<prefix> <folder>): collects the C and C++ files below a folder.
#   <prefix>_SOURCES  what is built into the product, main.cpp left out
#   <prefix>_TESTS    the unit tests, *_test.cpp
function(gatehouse_sources prefix folder)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS
        ${CMAKE_SOURCE_DIR}/${folder}/*.cpp ${CMAKE_SOURCE_DIR}/${folder}/*.c)
    set(tests ${sources})
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$|/main\\.cpp$")
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
    set(${prefix}_SOURCES ${sources} PARENT_SCOPE)
    set(${prefix}_TESTS ${tests} PARENT_SCOPE)
endfunction()

# gatehouse_unit_test(<name> SOURCES … LIBRARIES …): one GoogleTest binary, one CTest entry per case,
# run in the source directory: some compare code with a document.
function(gatehouse_unit_test name)
    cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
    if(NOT GATEHOUSE_TESTS OR NOT arg_SOURCES)
        return()
    endif()
    find_package(GTest REQUIRED)
    include(GoogleTest)
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
        PROPERTIES ENVIRONMENT TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/t/sanitizers/tsan.supp)
endfunction()
