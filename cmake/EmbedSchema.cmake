# gatehouse_embed_schema(<target>): compiles conf/gatehouse.schema.json into <target>, which then includes
# <gatehouse_schema.inc>, and links what reads it (PCRE2 for `pattern`).
# Run as a script (cmake -DSCHEMA= -DOUTPUT= -P), it writes that file: one raw string literal.
if(CMAKE_SCRIPT_MODE_FILE)
    file(READ "${SCHEMA}" text)
    file(WRITE "${OUTPUT}" "R\"gatehouse_schema(${text})gatehouse_schema\"\n")
    return()
endif()

set(GATEHOUSE_EMBED_SCHEMA_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(gatehouse_embed_schema target)
    set(schema ${CMAKE_SOURCE_DIR}/conf/gatehouse.schema.json)
    set(directory ${CMAKE_BINARY_DIR}/generated)
    set(output ${directory}/gatehouse_schema.inc)
    file(MAKE_DIRECTORY ${directory})
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DSCHEMA=${schema} -DOUTPUT=${output}
                -P ${GATEHOUSE_EMBED_SCHEMA_SCRIPT}
        DEPENDS ${schema} ${GATEHOUSE_EMBED_SCHEMA_SCRIPT}
        COMMENT "Embedding gatehouse.schema.json"
        VERBATIM)
    target_sources(${target} PRIVATE ${output})
    target_include_directories(${target} PRIVATE ${directory})

    pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET GLOBAL libpcre2-8)
    target_link_libraries(${target} PUBLIC PkgConfig::PCRE2)
endfunction()
