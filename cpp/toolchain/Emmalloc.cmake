# emmalloc, the smaller of Emscripten's allocators, with one comparison mended: the compressed module
# is 2 kB smaller than with the default one.
#
# As Emscripten has it, whether a free region holds a request is asked by adding the request to the
# region's address. Near 4 GiB that sum wraps round, and room is found where there is none. An
# Emscripten without this comparison links its default allocator.

# convgrad_use_emmalloc(<target>)
function(convgrad_use_emmalloc target)
  set(wraps "payloadStartPtrAligned + size > payloadEndPtr")
  set(mended "payloadStartPtrAligned > payloadEndPtr || ")
  string(APPEND mended "size > (size_t)(payloadEndPtr - payloadStartPtrAligned)")

  set(from "${EMSCRIPTEN_ROOT_PATH}/system/lib/emmalloc.c")
  set(text "")
  if(EXISTS "${from}")
    file(READ "${from}" text)
  endif()
  string(FIND "${text}" "${wraps}" found)
  if(found EQUAL -1)
    message(STATUS "emmalloc: another one than expected in ${from}, linking the default allocator")
    return()
  endif()
  string(REPLACE "${wraps}" "${mended}" text "${text}")

  set(source "${CMAKE_CURRENT_BINARY_DIR}/emmalloc.c")
  file(CONFIGURE OUTPUT "${source}" CONTENT "${text}" @ONLY)
  # The flags are Emscripten's own for it, but for the size.
  set_source_files_properties(
    "${source}" PROPERTIES COMPILE_OPTIONS "-Oz;-fno-builtin;-w" COMPILE_DEFINITIONS NDEBUG
                           SKIP_PRECOMPILE_HEADERS ON)
  target_sources(${target} PRIVATE "${source}")
  target_link_options(${target} PRIVATE -sMALLOC=none)
endfunction()
