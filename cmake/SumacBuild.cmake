# How Sumac's parts are compiled and joined: object libraries, one shared
# library of the project (libSumac.so), tools that link it.

# Debian's LLVM is built with NDEBUG; RelWithDebInfo and Release both set it,
# a user's own CMAKE_CXX_FLAGS must not take it away.
add_compile_definitions(NDEBUG)
add_compile_options(-Wall -Wextra -Wno-unused-parameter)
if(SUMAC_WERROR)
  add_compile_options(-Werror)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_link_options(-fuse-ld=lld)
endif()
if(SUMAC_SANITIZE)
  # vptr needs RTTI, which LLVM is built without; function reads what lies in
  # front of a function, where code made in memory has nothing.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr,function
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
  # The sanitizers' run-time is linked into programs alone, so that a library
  # has symbols that are not defined.
  string(REPLACE "-Wl,-z,defs" "" CMAKE_SHARED_LINKER_FLAGS "${CMAKE_SHARED_LINKER_FLAGS}")
endif()
if(SUMAC_FUZZ)
  # Coverage for libFuzzer; only the fuzzers themselves link it.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# add_sumac_library(NAME sources... [DEPENDS targets...])
#   One part of the project: an object library that goes into libSumac.so.
function(add_sumac_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  add_library(${name} OBJECT ${ARG_UNPARSED_ARGUMENTS})
  add_dependencies(${name} sumac-headers ${ARG_DEPENDS})
  set_property(GLOBAL APPEND PROPERTY SUMAC_PARTS ${name})
endfunction()

# add_sumac_tool(NAME sources...): a program in build/bin that links libSumac.so.
function(add_sumac_tool name)
  add_executable(${name} ${ARGN})
  add_dependencies(${name} sumac-headers)
  target_link_libraries(${name} PRIVATE Sumac)
  set_target_properties(${name} PROPERTIES
    BUILD_RPATH "${CMAKE_BINARY_DIR}/lib;${LLVM_LIBRARY_DIR}"
    INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};${LLVM_LIBRARY_DIR}")
  install(TARGETS ${name} EXPORT SumacTargets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  set_property(GLOBAL APPEND PROPERTY SUMAC_TOOLS ${name})
endfunction()

add_custom_target(sumac-headers)

# sumac_tablegen(file.td target  output1 args1...  ): thin wrapper that makes
# sumac-headers wait for the generated files.
macro(sumac_tablegen_target name)
  add_public_tablegen_target(${name})
  add_dependencies(sumac-headers ${name})
endmacro()
