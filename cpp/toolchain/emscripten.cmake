# CMake's toolchain file for the wasm presets: Emscripten as the set-up found or made it, else the one
# whose emcc is on PATH.

set(found_by_setup "${CMAKE_CURRENT_LIST_DIR}/../../build/toolchain/toolchain.json")
if(EXISTS "${found_by_setup}")
  file(READ "${found_by_setup}" toolchain_json)
  string(JSON emscripten_root GET "${toolchain_json}" emscripten root)
  string(JSON node GET "${toolchain_json}" node)
  # Emscripten's file runs the tests by the first Node it finds on PATH; the set-up's is the one meant.
  set(NODE_JS_EXECUTABLE "${node}" CACHE FILEPATH "Node.js, which runs the tests")
else()
  find_program(emcc emcc NO_CACHE REQUIRED)
  file(REAL_PATH "${emcc}" emcc)
  cmake_path(GET emcc PARENT_PATH emscripten_root)
endif()

set(emscripten_toolchain "${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")
if(NOT EXISTS "${emscripten_toolchain}")
  message(FATAL_ERROR "Emscripten is not in ${emscripten_root}. Run: node cpp/toolchain/setup.mjs")
endif()
include("${emscripten_toolchain}")
