# t/tools/: programs that only tests run.
gatehouse_sources(PUBLISHER t/tools)

if(GATEHOUSE_TESTS AND PUBLISHER_SOURCES)
    add_executable(gatehouse_publisher ${PUBLISHER_SOURCES})
    target_link_libraries(gatehouse_publisher PRIVATE gatehouse_core)
endif()
