# cmake --install build/release --prefix /usr
#   lib/nginx/modules/ngx_http_gatehouse_module.so   where Debian's nginx looks for modules
#   bin/gatehoused, bin/gatehousectl
#   lib/gatehouse/libduckdb.so                       found by gatehoused relative to itself
#   share/gatehouse/                                 configurations and the example, drop-ins of systemd
#   lib/systemd/system/gatehoused.service
if(TARGET ngx_http_gatehouse_module)
    install(TARGETS ngx_http_gatehouse_module LIBRARY DESTINATION lib/nginx/modules)
endif()

foreach(program gatehoused gatehousectl)
    if(TARGET ${program})
        set_target_properties(${program} PROPERTIES INSTALL_RPATH "\$ORIGIN/../lib/gatehouse")
        install(TARGETS ${program} RUNTIME DESTINATION bin)
    endif()
endforeach()

if(TARGET gatehoused)
    install(FILES ${DUCKDB_LIBRARY} DESTINATION lib/gatehouse)
    install(FILES conf/systemd/gatehoused.service DESTINATION lib/systemd/system)
    install(FILES conf/systemd/logs.conf conf/systemd/network.conf conf/systemd/processes.conf DESTINATION share/gatehouse/systemd)
    install(DIRECTORY conf/ DESTINATION share/gatehouse PATTERN systemd EXCLUDE PATTERN docker EXCLUDE)
endif()
