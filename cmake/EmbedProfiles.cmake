# gatehouse_embed_profiles(<target>): compiles conf/health/*.json into <target>, which then includes
# <gatehouse_profiles.inc>: `{"NAME", R"(TEXT)"},` for each.
# Run as a script (cmake -DDIRECTORY= -DOUTPUT= -P), it writes that file.
if(CMAKE_SCRIPT_MODE_FILE)
    file(GLOB profiles ${DIRECTORY}/*.json)
    set(all "")
    foreach(profile IN LISTS profiles)
        get_filename_component(name ${profile} NAME_WLE)
        file(READ ${profile} text)
        string(APPEND all "{\"${name}\", R\"profile(${text})profile\"},\n")
    endforeach()
    file(WRITE "${OUTPUT}" "${all}")
    return()
endif()

set(GATEHOUSE_EMBED_PROFILES_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(gatehouse_embed_profiles target)
    file(GLOB profiles CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/conf/health/*.json)
    set(output ${CMAKE_BINARY_DIR}/generated/gatehouse_profiles.inc)
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DDIRECTORY=${CMAKE_SOURCE_DIR}/conf/health -DOUTPUT=${output}
                -P ${GATEHOUSE_EMBED_PROFILES_SCRIPT}
        DEPENDS ${profiles} ${GATEHOUSE_EMBED_PROFILES_SCRIPT}
        COMMENT "Embedding conf/health/*.json"
        VERBATIM)
    target_sources(${target} PRIVATE ${output})
endfunction()
