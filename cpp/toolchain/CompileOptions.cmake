# What every target of this project is compiled with.
#
# One architecture per binary: the library and whatever includes its internals (the tests do) must be
# compiled with the same SIMD flags, or inline functions of two architectures end up under one name.
# -ffast-math has no place here: NaN must propagate, and sums must keep their order.

function(convgrad_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE ${CONVGRAD_SIMD_FLAGS})
  if(EMSCRIPTEN AND CONVGRAD_WASM_THREADS)
    # Shared memory and atomics without Emscripten's pthreads; see cpp/bindings/threads.cpp.
    target_compile_options(${target} PRIVATE -sWASM_WORKERS)
  endif()
  if(PROJECT_IS_TOP_LEVEL)
    # g++ counts the signedness of an index among conversions and clang does not.
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wconversion -Wno-sign-conversion)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU"
       AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13
       AND "-march=native" IN_LIST CONVGRAD_SIMD_FLAGS)
      # Its own AVX-512 intrinsics are built on a deliberately uninitialized variable.
      target_compile_options(${target} PRIVATE -Wno-uninitialized -Wno-maybe-uninitialized)
    endif()
  endif()
  if(CONVGRAD_SANITIZERS)
    set(sanitize -fsanitize=${CONVGRAD_SANITIZERS})
    target_compile_options(${target} PRIVATE ${sanitize} -fno-sanitize-recover=all
                                             -fno-omit-frame-pointer)
    target_compile_definitions(${target} PRIVATE _GLIBCXX_ASSERTIONS)
    target_link_options(${target} PUBLIC ${sanitize})
  endif()
endfunction()
