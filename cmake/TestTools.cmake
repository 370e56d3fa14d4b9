# t/tools/: programs that only tests run.
gatehouse_sources(PUBLISHER t/tools)
# These are programs of one file each.
set(single_tools jwt_verify limit_replay)
set(sidecar_tools cron_runs)
foreach(name ${single_tools} ${sidecar_tools})
    list(FILTER PUBLISHER_SOURCES EXCLUDE REGEX "/${name}\\.cpp$")
endforeach()

if(GATEHOUSE_TESTS AND PUBLISHER_SOURCES)
    add_executable(gatehouse_publisher ${PUBLISHER_SOURCES})
    target_link_libraries(gatehouse_publisher PRIVATE gatehouse_core)

    foreach(name ${single_tools})
        add_executable(gatehouse_${name} t/tools/${name}.cpp)
        target_link_libraries(gatehouse_${name} PRIVATE gatehouse_core)
    endforeach()
endif()

# These test what the sidecar is made of.
if(GATEHOUSE_TESTS AND TARGET gatehouse_sidecar)
    foreach(name ${sidecar_tools})
        add_executable(gatehouse_${name} t/tools/${name}.cpp)
        target_link_libraries(gatehouse_${name} PRIVATE gatehouse_sidecar)
    endforeach()
endif()
